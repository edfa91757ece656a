#include "emulator/commands.h"
#include "spec/opcode.h"

namespace doorbell::emulator {

Outcome executeNvm(ControllerState& state, const spec::Sqe& sqe) noexcept {
  switch (static_cast<spec::NvmOpcode>(sqe.opcode)) {
    case spec::NvmOpcode::Read:
      return read(state, sqe);
    case spec::NvmOpcode::Write:
      return write(state, sqe);
    case spec::NvmOpcode::Compare:
      return compare(state, sqe);
    case spec::NvmOpcode::WriteUncorrectable:
      return writeUncorrectable(state, sqe);
    case spec::NvmOpcode::WriteZeroes:
      return writeZeroes(state, sqe);
    case spec::NvmOpcode::DatasetManagement:
      return datasetManagement(state, sqe);
    case spec::NvmOpcode::Flush:
      return flush(state, sqe);
  }
  return refused(spec::status::kInvalidOpcode, at::kOpcode);
}

Outcome flush(ControllerState& state, const spec::Sqe& sqe) noexcept {
  if (sqe.nsid != kNsid && sqe.nsid != spec::kBroadcastNsid) {
    return refused(spec::status::kInvalidNamespace, at::kNsid);
  }
  state.subsystem.cache().flushAll();
  return done();
}

}  // namespace doorbell::emulator
