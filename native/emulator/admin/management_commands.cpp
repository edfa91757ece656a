// NVMe-MI Send and NVMe-MI Receive: commands of the management interface, tunneled in-band
// (NVMe-MI 1.2, "In-Band Tunneling Message Servicing Model"). How a tunneled command ended is in
// completion dword 0; the status of the NVMe command tells whether its data could be transferred.
#include "emulator/admin/management_response.h"
#include "emulator/commands.h"

namespace doorbell::emulator {

using namespace mi;

namespace {

using Header = spec::ManagementHeader;
using Opcode = spec::ManagementOpcode;
using Status = spec::ManagementStatus;

bool isHealthStatusChange(const Command& command) {
  return (command.sqe.cdw12 & 0xffU) == spec::kHealthStatusChange;
}

/// The request has no gap where the flags have one.
Outcome setConfiguration(Command& command) {
  if (!isHealthStatusChange(command)) return invalidParameter(kDword0Byte);
  const std::uint32_t chosen = command.sqe.cdw13;
  const std::uint32_t flags = (chosen & 0x7U) | ((chosen & 0xff8U) << 1U);
  management(command).composite(static_cast<std::uint16_t>(flags));
  return respond(Status::Success);
}

/// Health Status Change is written only: there is nothing to return.
Outcome getConfiguration(Command& command) {
  return isHealthStatusChange(command) ? respond(Status::Success) : invalidParameter(kDword0Byte);
}

struct VpdRange {
  std::uint32_t offset;
  std::uint32_t bytes;
  explicit VpdRange(const spec::Sqe& sqe)
      : offset(sqe.cdw12 & 0xffffU), bytes(sqe.cdw13 & 0xffffU) {}
  /// Success, or which field is too large.
  [[nodiscard]] Outcome check() const {
    if (offset > kVpdBytes) return invalidParameter(kDword0Byte);
    return offset + bytes > kVpdBytes ? invalidParameter(kDword1Byte) : respond(Status::Success);
  }
};

Outcome readVpd(Command& command) {
  const VpdRange range(command.sqe);
  const Outcome checked = range.check();
  if (checked.dw0 != 0 || range.bytes == 0) return checked;
  const VpdRecord& record = management(command).vpd();
  const auto content = record.written != 0 ? record.bytes : factoryVpd(command.subsystem());
  return sendToHost(command, content.data() + range.offset, range.bytes);
}

Outcome writeVpd(Command& command) {
  const VpdRange range(command.sqe);
  const Outcome checked = range.check();
  if (checked.dw0 != 0 || range.bytes == 0) return checked;
  const Outcome resolved = command.resolve(range.bytes);
  if (!resolved.status.ok()) return resolved;
  VpdRecord& record = management(command).vpd();
  auto content = record.written != 0 ? record.bytes : factoryVpd(command.subsystem());
  command.buffer().read(reinterpret_cast<std::byte*>(content.data()) + range.offset, range.bytes);
  record.bytes = content;
  record.written = 1;
  return checked;
}

/// The message header must be that of an NVMe-MI Command: no other type may be tunneled. Success,
/// or where it is wrong.
Outcome checkHeader(const spec::Sqe& sqe) {
  const std::uint32_t header = sqe.cdw10;
  if ((header & Header::kMessageTypeMask) != Header::kMessageType) return invalidParameter(0);
  if ((header & Header::kIntegrityCheck) != 0) return invalidParameter(0, 7);
  if ((header & Header::kTypeMask) != (1U << Header::kTypeShift)) {
    return invalidParameter(kTypeByte, Header::kTypeShift - 8);
  }
  return (header & Header::kResponse) != 0 ? invalidParameter(kTypeByte, 7)
                                           : respond(Status::Success);
}

}  // namespace

Outcome managementSend(Command& command) noexcept {
  if (const auto bad = checkHeader(command.sqe); bad.dw0 != 0) return bad;
  switch (static_cast<Opcode>(command.sqe.cdw11 & 0xffU)) {
    case Opcode::ConfigurationSet:
      return setConfiguration(command);
    case Opcode::VpdWrite:
      return writeVpd(command);
    default:
      return respond(Status::InvalidOpcode);
  }
}

Outcome managementReceive(Command& command) noexcept {
  if (const auto bad = checkHeader(command.sqe); bad.dw0 != 0) return bad;
  switch (static_cast<Opcode>(command.sqe.cdw11 & 0xffU)) {
    case Opcode::ReadDataStructure:
      return readDataStructure(command);
    case Opcode::SubsystemHealthStatusPoll:
      return pollSubsystem(command);
    case Opcode::ControllerHealthStatusPoll:
      return pollController(command);
    case Opcode::ConfigurationGet:
      return getConfiguration(command);
    case Opcode::VpdRead:
      return readVpd(command);
    default:
      return respond(Status::InvalidOpcode);
  }
}

}  // namespace doorbell::emulator
