#include "emulator/commands.h"
#include "spec/opcode.h"

namespace doorbell::emulator {

namespace {

/// I/O commands that change more than blocks, and fused ones, which must be as one.
bool changesState(const Command& command) noexcept {
  constexpr std::uint8_t kReservationRegister = 0x0d;
  constexpr std::uint8_t kReservationAcquire = 0x11;
  constexpr std::uint8_t kReservationRelease = 0x15;
  constexpr std::uint8_t kFuse = 0x03;
  const spec::Sqe& sqe = command.sqe;
  if ((sqe.flags & kFuse) != 0) return true;
  if (sqe.opcode == kReservationRegister || sqe.opcode == kReservationAcquire ||
      sqe.opcode == kReservationRelease || sqe.nsid == spec::kBroadcastNsid) {
    return true;
  }
  const Namespace* ns = command.state.active(sqe.nsid);
  return ns != nullptr && ns->zoned() != nullptr;  // one state machine for all its zones
}

}  // namespace

/// Every admin command but those that only look or wait.
bool runsAlone(const Command& command) noexcept {
  if (command.sq.id != 0) return changesState(command);
  const auto admin = static_cast<spec::AdminOpcode>(command.sqe.opcode);
  return admin != spec::AdminOpcode::Identify && admin != spec::AdminOpcode::GetFeatures &&
         admin != spec::AdminOpcode::AsynchronousEventRequest;
}

Outcome executeAdmin(Command& command) noexcept {
  command.ns = command.state.active(command.sqe.nsid);
  if (command.state.events.outstanding(command.sqe.cid))
    return {.status = spec::status::kCidConflict, .location = at::kCid};  // later it is none
  if (const auto bad = checkRestrictions(command); !bad.status.ok()) return bad;
  switch (static_cast<spec::AdminOpcode>(command.sqe.opcode)) {
    case spec::AdminOpcode::DeleteIoSq:
      return deleteIoSq(command);
    case spec::AdminOpcode::CreateIoSq:
      return createIoSq(command);
    case spec::AdminOpcode::GetLogPage:
      return getLogPage(command);
    case spec::AdminOpcode::DeleteIoCq:
      return deleteIoCq(command);
    case spec::AdminOpcode::CreateIoCq:
      return createIoCq(command);
    case spec::AdminOpcode::Identify:
      return identify(command);
    case spec::AdminOpcode::Abort:
      return abortCommand(command);
    case spec::AdminOpcode::SetFeatures:
      return setFeatures(command);
    case spec::AdminOpcode::GetFeatures:
      return getFeatures(command);
    case spec::AdminOpcode::AsynchronousEventRequest:
      return asyncEventRequest(command);
    case spec::AdminOpcode::NamespaceManagement:
      return namespaceManagement(command);
    case spec::AdminOpcode::NamespaceAttachment:
      return namespaceAttachment(command);
    case spec::AdminOpcode::FirmwareCommit:
      return firmwareCommit(command);
    case spec::AdminOpcode::FirmwareImageDownload:
      return firmwareImageDownload(command);
    case spec::AdminOpcode::DeviceSelfTest:
      return deviceSelfTest(command);
    case spec::AdminOpcode::DirectiveSend:
      return directiveSend(command);
    case spec::AdminOpcode::DirectiveReceive:
      return directiveReceive(command);
    case spec::AdminOpcode::NvmeMiSend:
      return managementSend(command);
    case spec::AdminOpcode::NvmeMiReceive:
      return managementReceive(command);
    case spec::AdminOpcode::FormatNvm:
      return formatNvm(command);
    case spec::AdminOpcode::SecuritySend:
      return securitySend(command);
    case spec::AdminOpcode::SecurityReceive:
      return securityReceive(command);
    case spec::AdminOpcode::Sanitize:
      return sanitize(command);
    default:
      break;
  }
  return refused(spec::status::kInvalidOpcode, at::kOpcode);
}

Outcome asyncEventRequest(Command& command) noexcept {
  if (!command.state.events.request(command.sqe.cid))
    return {.status = spec::status::kAerLimitExceeded};  // until one of them completes
  return {.held = true};
}

bool isAbort(const Command& command) noexcept {
  return command.sq.id == 0 &&
         command.sqe.opcode == static_cast<std::uint8_t>(spec::AdminOpcode::Abort);
}

/// What was fetched and not completed can be aborted: event requests and held commands. A held
/// command was executed already; it only completes as aborted.
Outcome abortCommand(Command& command) noexcept {
  constexpr std::uint32_t kNotAborted = 1;
  const auto sqid = static_cast<std::uint16_t>(command.sqe.cdw10);
  const auto cid = static_cast<std::uint16_t>(command.sqe.cdw10 >> 16U);
  if (sqid >= kQueues || !command.state.queues.sq(sqid).exists()) {
    return refused(spec::status::kInvalidField, at::kCdw10);
  }
  // One that completes later is outstanding until then.
  if (command.state.shards[0]->held.aborts() >= kAbortLimit) {
    return {.status = spec::status::kAbortLimitExceeded};
  }
  if (sqid == 0 && command.state.events.abort(cid)) return done();
  for (unsigned i = 0; i < command.state.shardCount; ++i) {
    HeldCommands& commands = command.state.shards[i]->held;
    if (auto held = commands.take(sqid, cid)) {
      held->outcome = {.status = spec::status::kAbortRequested};
      held->dueNs = 0;
      held->durable = {};
      commands.hold(*held);
      return done();
    }
  }
  return done(kNotAborted);
}

}  // namespace doorbell::emulator
