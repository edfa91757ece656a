#include "emulator/commands.h"
#include "emulator/zns/zoned_commands.h"
#include "spec/opcode.h"
#include "spec/zone.h"

namespace doorbell::emulator {

Outcome executeBlocks(Command& command) noexcept {
  switch (static_cast<spec::NvmOpcode>(command.sqe.opcode)) {
    case spec::NvmOpcode::Read:
      return read(command);
    case spec::NvmOpcode::Write:
      return write(command);
    case spec::NvmOpcode::Compare:
      return compare(command);
    case spec::NvmOpcode::Verify:
      return verify(command);
    case spec::NvmOpcode::WriteUncorrectable:
      return writeUncorrectable(command);
    case spec::NvmOpcode::WriteZeroes:
      return writeZeroes(command);
    case spec::NvmOpcode::DatasetManagement:
      return datasetManagement(command);
    case spec::NvmOpcode::Flush:
      return flush(command);
    default:
      break;
  }
  return refused(spec::status::kInvalidOpcode, at::kOpcode);
}

namespace {

/// Is there such a command? Whether its NSID is any good comes second.
bool known(std::uint8_t opcode) noexcept {
  switch (static_cast<spec::NvmOpcode>(opcode)) {
    case spec::NvmOpcode::Read:
    case spec::NvmOpcode::Write:
    case spec::NvmOpcode::Compare:
    case spec::NvmOpcode::Verify:
    case spec::NvmOpcode::WriteUncorrectable:
    case spec::NvmOpcode::WriteZeroes:
    case spec::NvmOpcode::DatasetManagement:
    case spec::NvmOpcode::Flush:
      return true;
    default:
      break;
  }
  switch (static_cast<spec::ZonedOpcode>(opcode)) {
    case spec::ZonedOpcode::ZoneManagementSend:
    case spec::ZonedOpcode::ZoneManagementReceive:
    case spec::ZonedOpcode::ZoneAppend:
      return true;
  }
  return false;
}

}  // namespace

/// Every command runs with an active namespace, but those that take the broadcast NSID.
Outcome executeNvm(Command& command) noexcept {
  command.ns = command.state.active(command.sqe.nsid);
  if (command.ns == nullptr) [[unlikely]] {
    const std::uint8_t opcode = command.sqe.opcode;
    if (!known(opcode)) return refused(spec::status::kInvalidOpcode, at::kOpcode);
    const bool broadcast = command.sqe.nsid == spec::kBroadcastNsid &&
                           opcode == static_cast<std::uint8_t>(spec::NvmOpcode::Flush);
    if (!broadcast) return refusedNsid(command.sqe.nsid);
  }
  const bool zoned = command.ns != nullptr && command.ns->zoned() != nullptr;
  return zoned ? executeZoned(command) : executeBlocks(command);
}

Outcome flush(Command& command) noexcept {
  if (command.ns != nullptr) {
    command.ns->flush();
  } else {
    command.subsystem().flushAll();
  }
  return done();
}

}  // namespace doorbell::emulator
