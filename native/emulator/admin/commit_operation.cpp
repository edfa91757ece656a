#include "emulator/admin/commit_operation.h"

#include "emulator/admin/work_commands.h"
#include "emulator/logs/events.h"
#include "emulator/logs/history.h"

namespace doorbell::emulator {

void CommitOperation::start(const FirmwareStore::Plan& plan, const spec::Sqe& command) noexcept {
  plan_ = plan;
  cid_ = command.cid;
  cdw10_ = command.cdw10;
  inProgress_ = true;
  endsAt_ = nowNs() + kWritingNs;
  ControllerState* state = subsystem_.admin().controller;
  if (!plan.activates || state == nullptr) return;
  reportNotice(*state, spec::NoticeEvent::FirmwareActivationStarting,
               spec::LogPageId::FirmwareSlot);
}

/// CSTS.PP: the controller stops processing commands.
void CommitOperation::pause() noexcept {
  paused_ = true;
  endsAt_ += kActivatingNs;
  ControllerState* state = subsystem_.admin().controller;
  if (state == nullptr) return;
  state->running.store(false);
  state->registers.raiseCsts(Registers::kCstsPaused);
}

/// Only what was running runs again: the host may have shut the controller down meanwhile.
void CommitOperation::resume() noexcept {
  paused_ = false;
  ControllerState* state = subsystem_.admin().controller;
  if (state == nullptr) return;
  state->registers.lowerCsts(Registers::kCstsPaused);
  constexpr std::uint32_t kOver = Registers::kCstsFatal | Registers::kCstsShutdownComplete;
  const std::uint32_t csts = state->registers.read(spec::reg::kCsts);
  if ((csts & Registers::kCstsReady) != 0 && (csts & kOver) == 0) state->running.store(true);
}

void CommitOperation::tick(std::uint64_t now) noexcept {
  if (now < endsAt_) return;
  if (plan_.activates && !paused_) {
    pause();
    return;
  }
  inProgress_ = false;
  if (paused_) resume();
  ControllerState* state = subsystem_.admin().controller;
  if (state == nullptr) return;
  const auto command = takeWorkCommand(*state, cid_);
  if (!command) return;
  FirmwareStore& firmware = subsystem_.admin().firmware;
  const auto before = firmware.revision();
  firmware.carryOut(plan_);
  if (plan_.activates) subsystem_.admin().management.note(spec::HealthFlags::kFirmwareActivated);
  recordFirmwareCommit(*state, cdw10_, before, firmware.requested(plan_), command->outcome.status);
  completeWork(*state, *command);
}

/// A controller that pauses takes no commands, so that nothing can ask for it then.
void CommitOperation::cancel(spec::Status why) noexcept {
  if (!inProgress_ || paused_) return;
  inProgress_ = false;
  ControllerState* state = subsystem_.admin().controller;
  if (state == nullptr) return;
  auto command = takeWorkCommand(*state, cid_);
  if (!command) return;
  const auto running = subsystem_.admin().firmware.revision();
  recordFirmwareCommit(*state, cdw10_, running, {}, why);
  command->outcome = {.status = why};
  completeWork(*state, *command);
}

}  // namespace doorbell::emulator
