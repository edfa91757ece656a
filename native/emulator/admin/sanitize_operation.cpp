#include "emulator/admin/sanitize_operation.h"

#include "emulator/admin/work_commands.h"
#include "emulator/logs/events.h"
#include "emulator/logs/history.h"

namespace doorbell::emulator {

namespace status = spec::status;
using spec::CommandSetEvent;

SanitizeOperation::SanitizeOperation(NvmSubsystem& subsystem) noexcept
    : subsystem_(subsystem), machine_(subsystem.section<SanitizeRecord, Section::Sanitize>()) {}

std::uint64_t SanitizeOperation::writes() const noexcept {
  const IoTotals totals = subsystem_.ioTotals();
  return totals.hostWrites + totals.unitsWritten;
}

spec::SanitizeStatusLog SanitizeOperation::log() const noexcept { return machine_.log(writes()); }

void SanitizeOperation::accept(ControllerState& state, std::uint32_t cdw10,
                               std::uint32_t pattern) noexcept {
  if (!machine_.accept(cdw10, pattern, nowNs())) {
    refuseIo();
    return;
  }
  AdminWork& work = subsystem_.admin();
  state.events.acknowledge(spec::LogPageId::SanitizeStatus);  // of the operation before
  work.format.cancel(status::kSanitizeInProgress);
  work.commit.cancel(status::kSanitizeInProgress);
  work.selfTest.abort(spec::SelfTestOutcome::AbortedBySanitize);
  work.directives.closeAll();
  eraseAll();
  refuseIo();
  state.power.suspend(true, nowNs());
  recordSanitizeStart(state, cdw10, pattern);
}

/// Deallocated blocks: an overwrite leaves no pattern behind, as deallocation is not inhibited.
void SanitizeOperation::eraseAll() noexcept {
  subsystem_.namespaces().forEach([](Namespace& one) { one.erase(); });
}

void SanitizeOperation::refuseIo() noexcept {
  spec::Status why = status::kSuccess;
  if (machine_.inProgress()) why = status::kSanitizeInProgress;
  if (machine_.failed()) why = status::kSanitizeFailed;
  subsystem_.namespaces().forEach([why](Namespace& one) { one.refuse(why); });
}

void SanitizeOperation::tick(std::uint64_t now) noexcept {
  const auto step = machine_.advance(now, writes());
  ControllerState* state = subsystem_.admin().controller;
  // Autonomous power state management rests meanwhile, also when the operation was resumed.
  if (state != nullptr) state->power.suspend(machine_.inProgress(), now);
  if (!step.ended) return;
  if (!machine_.failed()) eraseAll();
  refuseIo();
  if (state == nullptr) return;
  const spec::SanitizeStatusLog page = log();
  recordSanitizeCompletion(*state, page.progress, page.status);
  const auto event = machine_.deallocatedUnexpectedly()
                         ? CommandSetEvent::SanitizeCompletedWithDeallocation
                         : CommandSetEvent::SanitizeCompleted;
  reportCommandSetEvent(*state, event, spec::LogPageId::SanitizeStatus);
}

void SanitizeOperation::powerRestored(std::uint64_t now) noexcept {
  if (machine_.inProgress()) machine_.resume(now);
  refuseIo();
}

}  // namespace doorbell::emulator
