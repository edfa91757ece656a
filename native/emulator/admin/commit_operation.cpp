#include "emulator/admin/commit_operation.h"

#include "emulator/admin/work_commands.h"
#include "emulator/logs/events.h"

namespace doorbell::emulator {

void CommitOperation::start(const FirmwareStore::Plan& plan, std::uint16_t cid) noexcept {
  plan_ = plan;
  cid_ = cid;
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
  Outcome outcome;
  if (state == nullptr || !takeWorkCommand(*state, cid_, outcome)) return;
  subsystem_.admin().firmware.carryOut(plan_);
  state->completeAdmin(cid_, outcome);
}

}  // namespace doorbell::emulator
