#include "emulator/commands.h"
#include "spec/opcode.h"

namespace doorbell::emulator {

Outcome executeAdmin(ControllerState& state, const spec::Sqe& sqe) noexcept {
  if (state.events.outstanding(sqe.cid)) return refused(spec::status::kCidConflict, at::kCid);
  switch (static_cast<spec::AdminOpcode>(sqe.opcode)) {
    case spec::AdminOpcode::DeleteIoSq:
      return deleteIoSq(state, sqe);
    case spec::AdminOpcode::CreateIoSq:
      return createIoSq(state, sqe);
    case spec::AdminOpcode::GetLogPage:
      return getLogPage(state, sqe);
    case spec::AdminOpcode::DeleteIoCq:
      return deleteIoCq(state, sqe);
    case spec::AdminOpcode::CreateIoCq:
      return createIoCq(state, sqe);
    case spec::AdminOpcode::Identify:
      return identify(state, sqe);
    case spec::AdminOpcode::Abort:
      return abortCommand(state, sqe);
    case spec::AdminOpcode::SetFeatures:
      return setFeatures(state, sqe);
    case spec::AdminOpcode::GetFeatures:
      return getFeatures(state, sqe);
    case spec::AdminOpcode::AsynchronousEventRequest:
      return asyncEventRequest(state, sqe);
    default:
      break;
  }
  return refused(spec::status::kInvalidOpcode, at::kOpcode);
}

Outcome asyncEventRequest(ControllerState& state, const spec::Sqe& sqe) noexcept {
  if (!state.events.request(sqe.cid)) return refused(spec::status::kAerLimitExceeded);
  return {.held = true};
}

/// Every other command completes before the next is fetched: only event requests can be aborted.
Outcome abortCommand(ControllerState& state, const spec::Sqe& sqe) noexcept {
  constexpr std::uint32_t kNotAborted = 1;
  const auto sqid = static_cast<std::uint16_t>(sqe.cdw10);
  const auto cid = static_cast<std::uint16_t>(sqe.cdw10 >> 16U);
  if (sqid >= kQueues || !state.queues.sq(sqid).exists()) {
    return refused(spec::status::kInvalidField, at::kCdw10);
  }
  return done(sqid == 0 && state.events.abort(cid) ? 0 : kNotAborted);
}

}  // namespace doorbell::emulator
