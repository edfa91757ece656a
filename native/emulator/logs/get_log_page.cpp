#include <algorithm>
#include <array>
#include <span>

#include "emulator/commands.h"
#include "emulator/logs/log_pages.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

constexpr std::uint32_t kRetainEvent = 1U << 15U;

struct Request {
  spec::LogPageId id;
  std::uint64_t offset;
  std::uint64_t bytes;
};

Request requestOf(const spec::Sqe& sqe) {
  const std::uint64_t dwords = ((std::uint64_t{sqe.cdw11} & 0xffffU) << 16U) | (sqe.cdw10 >> 16U);
  return {static_cast<spec::LogPageId>(sqe.cdw10), (std::uint64_t{sqe.cdw13} << 32U) | sqe.cdw12,
          (dwords + 1) * 4};
}

Outcome check(const spec::Sqe& sqe, const Request& request, std::size_t pageBytes) {
  if (sqe.nsid != 0 && sqe.nsid != spec::kBroadcastNsid) {
    return refused(status::kInvalidField, at::kNsid);  // every page is about the whole controller
  }
  if (request.bytes > HostBuffer::kMaxBytes) return refused(status::kInvalidField, at::kCdw10 + 2);
  if (request.offset % 4 != 0 || request.offset >= pageBytes) {
    return refused(status::kInvalidField, at::kCdw12);
  }
  return done();
}

/// Reading the page is what lets its events be reported again.
void acknowledge(Command& command, spec::LogPageId id) {
  if ((command.sqe.cdw10 & kRetainEvent) != 0) return;
  if (id == spec::LogPageId::ErrorInformation)
    command.state.events.unmask(spec::AsyncEventType::Error);
  if (id == spec::LogPageId::SmartHealth)
    command.state.events.unmask(spec::AsyncEventType::SmartHealth);
}

/// The page from the offset on, and zeros where more was asked for than there is.
Outcome sendPart(Command& command, const Request& request, std::span<const std::byte> page) {
  if (const auto bad = command.resolve(request.bytes); !bad.status.ok()) return bad;
  const std::size_t there = std::min<std::size_t>(request.bytes, page.size() - request.offset);
  command.buffer().write(page.data() + request.offset, there);
  constexpr std::array<std::byte, 4096> kZeros{};
  for (std::size_t left = request.bytes - there; left > 0;) {
    const std::size_t part = std::min(left, kZeros.size());
    command.buffer().write(kZeros.data(), part);
    left -= part;
  }
  return done();
}

template <class Page>
Outcome send(Command& command, const Page& page) {
  const Request request = requestOf(command.sqe);
  if (const auto bad = check(command.sqe, request, sizeof(page)); !bad.status.ok()) return bad;
  const auto bytes = std::as_bytes(std::span<const Page, 1>(&page, 1));
  const Outcome sent = sendPart(command, request, bytes);
  if (sent.status.ok()) acknowledge(command, request.id);
  return sent;
}

}  // namespace

Outcome getLogPage(Command& command) noexcept {
  switch (requestOf(command.sqe).id) {
    case spec::LogPageId::SupportedLogPages:
      return send(command, supportedLogPages());
    case spec::LogPageId::ErrorInformation:
      return send(command, command.state.errors.newestFirst());
    case spec::LogPageId::SmartHealth:
      return send(command, smartLog(command.state.subsystem, command.state.features));
    case spec::LogPageId::FirmwareSlot:
      return send(command, firmwareSlotLog());
    case spec::LogPageId::CommandsSupported:
      return send(command, commandEffectsLog());
    case spec::LogPageId::FeaturesSupported:
      return send(command, featuresSupportedLog());
    case spec::LogPageId::ManagementCommandsSupported:
      return send(command, std::array<std::uint8_t, 4096>{});  // none
    default:
      break;
  }
  return refused(status::kInvalidLogPage, at::kCdw10);
}

}  // namespace doorbell::emulator
