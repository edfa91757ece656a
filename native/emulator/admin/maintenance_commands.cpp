// Sanitize and Device Self-test, and what other admin commands may do meanwhile.
#include "emulator/commands.h"
#include "spec/opcode.h"

namespace doorbell::emulator {

namespace status = spec::status;
using spec::AdminOpcode;

namespace {

bool anyWriteProtected(const NamespaceTable& table) {
  bool found = false;
  table.forEach([&found](const Namespace& one) { found |= one.writeProtection() != 0; });
  return found;
}

/// NODRM of Sanitize Config: No-Deallocate After Sanitize is a wish, not a condition.
bool allowsDeallocation(const ControllerState& state) {
  return state.features.current(Features::Slot::SanitizeConfig) != 0;
}

bool logPageAllowed(std::uint32_t cdw10) {
  using Id = spec::LogPageId;
  switch (static_cast<Id>(cdw10 & 0xffU)) {
    case Id::ErrorInformation:
    case Id::SmartHealth:
    case Id::ChangedNamespaceList:
    case Id::ReservationNotification:
    case Id::SanitizeStatus:
      return true;
    default:
      return false;
  }
}

/// "Sanitize Operations and Format NVM Command: Admin Commands Allowed".
bool allowed(const spec::Sqe& sqe) {
  switch (static_cast<AdminOpcode>(sqe.opcode)) {
    case AdminOpcode::Abort:
    case AdminOpcode::AsynchronousEventRequest:
    case AdminOpcode::CreateIoCq:
    case AdminOpcode::CreateIoSq:
    case AdminOpcode::DeleteIoCq:
    case AdminOpcode::DeleteIoSq:
    case AdminOpcode::GetFeatures:
    case AdminOpcode::Identify:
    case AdminOpcode::KeepAlive:
    case AdminOpcode::NvmeMiReceive:
    case AdminOpcode::Sanitize:
      return true;
    case AdminOpcode::SetFeatures:
      return static_cast<spec::FeatureId>(sqe.cdw10 & 0xffU) !=
             spec::FeatureId::NamespaceWriteProtectionConfig;
    case AdminOpcode::GetLogPage:
      return logPageAllowed(sqe.cdw10);
    default:
      return false;
  }
}

/// A format only concerns what names one of its namespaces.
bool meetsFormat(const FormatOperation& format, const spec::Sqe& sqe) {
  if (!format.inProgress() || sqe.opcode == static_cast<std::uint8_t>(AdminOpcode::GetLogPage)) {
    return false;
  }
  return sqe.nsid == spec::kBroadcastNsid || format.formats(sqe.nsid);
}

}  // namespace

Outcome checkRestrictions(const Command& command) noexcept {
  const AdminWork& work = command.subsystem().admin();
  const SanitizeMachine& sanitize = work.sanitize.machine();
  const bool formatting = meetsFormat(work.format, command.sqe);
  if (!sanitize.inProgress() && !sanitize.failed() && !formatting) return done();
  if (allowed(command.sqe)) return done();
  if (sanitize.inProgress()) return {.status = status::kSanitizeInProgress};
  if (sanitize.failed()) return {.status = status::kSanitizeFailed};
  return {.status = status::kFormatInProgress};
}

Outcome sanitize(Command& command) noexcept {
  AdminWork& work = command.subsystem().admin();
  const Outcome checked =
      work.sanitize.machine().check(command.sqe.cdw10, allowsDeallocation(command.state));
  if (!checked.status.ok()) return checked;
  if (const auto pending = work.firmware.pendingStatus(); !pending.ok()) return refused(pending);
  if (anyWriteProtected(command.subsystem().namespaces())) {
    return refused(status::kNamespaceWriteProtected);
  }
  work.sanitize.accept(command.state, command.sqe.cdw10, command.sqe.cdw11);
  return done();
}

Outcome deviceSelfTest(Command& command) noexcept {
  SelfTestOperation& test = command.subsystem().admin().selfTest;
  const std::uint32_t nsid = command.sqe.nsid;
  const auto code = static_cast<spec::SelfTestCode>(command.sqe.cdw10 & 0xfU);
  if (const auto bad = test.machine().check(command.sqe.cdw10); !bad.status.ok()) return bad;
  if (code == spec::SelfTestCode::Abort) {
    test.abort(spec::SelfTestOutcome::AbortedByCommand);
    return done();
  }
  if (nsid != 0 && nsid != spec::kBroadcastNsid && command.ns == nullptr) return refusedNsid(nsid);
  test.start(code, nsid);
  return done();
}

}  // namespace doorbell::emulator
