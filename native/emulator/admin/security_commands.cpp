// Security Send and Security Receive: the protocol that names protocols, and no other.
#include <algorithm>
#include <array>

#include "emulator/commands.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

constexpr std::size_t kProtocolByte = at::kCdw10 + 3;
constexpr std::size_t kSpecificByte = at::kCdw10 + 1;
constexpr std::uint32_t kInformation = 0x00;  ///< Security protocol information

/// SP Specific of that protocol (SPC-5).
constexpr std::uint32_t kSupportedProtocols = 0x0000;
constexpr std::uint32_t kCertificateData = 0x0001;

template <std::size_t N>
Outcome sendUpTo(Command& command, const std::array<std::uint8_t, N>& data) {
  const std::size_t bytes = std::min<std::size_t>(command.sqe.cdw11, N);
  return bytes == 0 ? done() : sendToHost(command, data.data(), bytes);
}

}  // namespace

Outcome securityReceive(Command& command) noexcept {
  const std::uint32_t protocol = command.sqe.cdw10 >> 24U;
  const std::uint32_t specific = (command.sqe.cdw10 >> 8U) & 0xffffU;
  if (protocol != kInformation) return refused(status::kInvalidField, kProtocolByte);
  // Lengths are big-endian, as everything of SPC is.
  if (specific == kSupportedProtocols) {
    return sendUpTo(command, std::array<std::uint8_t, 9>{0, 0, 0, 0, 0, 0, 0, 1, kInformation});
  }
  if (specific == kCertificateData) return sendUpTo(command, std::array<std::uint8_t, 4>{});
  return refused(status::kInvalidField, kSpecificByte);
}

/// The information protocol is for Security Receive alone.
Outcome securitySend(Command&) noexcept { return refused(status::kInvalidField, kProtocolByte); }

}  // namespace doorbell::emulator
