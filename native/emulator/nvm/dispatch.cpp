#include "emulator/commands.h"
#include "spec/opcode.h"

namespace doorbell::emulator {

namespace {

Outcome executeFor(Command& command) noexcept {
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
      return false;
  }
}

}  // namespace

/// Every command runs with an active namespace, but those that take the broadcast NSID.
Outcome executeNvm(Command& command) noexcept {
  command.ns = command.subsystem().namespaces().active(command.sqe.nsid);
  if (command.ns == nullptr) [[unlikely]] {
    const std::uint8_t opcode = command.sqe.opcode;
    if (!known(opcode)) return refused(spec::status::kInvalidOpcode, at::kOpcode);
    const bool broadcast = command.sqe.nsid == spec::kBroadcastNsid &&
                           opcode == static_cast<std::uint8_t>(spec::NvmOpcode::Flush);
    if (!broadcast) return refusedNsid(command.sqe.nsid);
  }
  return executeFor(command);
}

Outcome flush(Command& command) noexcept {
  if (command.ns != nullptr) {
    command.ns->cache().flushAll();
  } else {
    command.subsystem().flushAll();
  }
  return done();
}

}  // namespace doorbell::emulator
