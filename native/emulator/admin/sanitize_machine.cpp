#include "emulator/admin/sanitize_machine.h"

#include <algorithm>

namespace doorbell::emulator {

namespace status = spec::status;
using spec::SanitizeAction;
using spec::SanitizeOption;
using spec::SanitizeState;

namespace {

constexpr SanitizeAction actionOf(std::uint32_t cdw10) {
  return static_cast<SanitizeAction>(cdw10 & 7U);
}

constexpr bool starts(SanitizeAction action) {
  return action == SanitizeAction::BlockErase || action == SanitizeAction::Overwrite ||
         action == SanitizeAction::CryptoErase;
}

}  // namespace

Outcome SanitizeMachine::check(std::uint32_t cdw10, bool allowDeallocate) const noexcept {
  const SanitizeAction action = actionOf(cdw10);
  if (!starts(action) && action != SanitizeAction::ExitFailureMode) {
    return refused(status::kInvalidField, at::kCdw10);
  }
  // Repeating it later may well succeed: no Do Not Retry.
  if (inProgress()) return {.status = status::kSanitizeInProgress};
  const bool unrestricted = (cdw10 & SanitizeOption::kUnrestrictedExit) != 0;
  if (failed() && restricted() && (!starts(action) || unrestricted)) {
    return refused(status::kSanitizeFailed, at::kCdw10);
  }
  if (starts(action) && (cdw10 & SanitizeOption::kNoDeallocate) != 0 && !allowDeallocate) {
    return refused(status::kInvalidField, at::kCdw10 + 1, 1);
  }
  return done();
}

bool SanitizeMachine::accept(std::uint32_t cdw10, std::uint32_t pattern,
                             std::uint64_t now) noexcept {
  if (!starts(actionOf(cdw10))) {
    if (failed()) record_.exited = 1;
    return false;
  }
  record_.cdw10 = cdw10;
  record_.pattern = pattern;
  record_.exited = 0;
  record_.progress = 0;
  record_.state = static_cast<std::uint32_t>(SanitizeState::InProgress);
  resume(now);
  return true;
}

void SanitizeMachine::resume(std::uint64_t now) noexcept {
  startedAt_ = now - durationNs() * record_.progress / kWhole;
  nextStep_ = now + kStepNs;
}

std::optional<std::uint64_t> SanitizeMachine::nextDue() const noexcept {
  if (!inProgress()) return std::nullopt;
  return nextStep_;
}

SanitizeMachine::Step SanitizeMachine::advance(std::uint64_t now, std::uint64_t writes) noexcept {
  if (!inProgress() || now < nextStep_) return {};
  nextStep_ = now + kStepNs;
  Step step{.from = record_.progress, .to = record_.progress};
  if (fails_.exchange(false)) {
    finish(SanitizeState::Failed);
    step.ended = true;
    return step;
  }
  const std::uint64_t passed = (now - startedAt_) * kWhole / durationNs();
  step.to = static_cast<std::uint32_t>(std::min<std::uint64_t>(passed, kWhole));
  record_.progress = step.to;
  if (step.to < kWhole) return step;
  record_.writesAtEnd = writes;
  const bool unexpected = (record_.cdw10 & SanitizeOption::kNoDeallocate) != 0;
  finish(unexpected ? SanitizeState::CompletedUnexpectedDeallocate : SanitizeState::Completed);
  step.ended = true;
  return step;
}

void SanitizeMachine::finish(SanitizeState state) noexcept {
  record_.state = static_cast<std::uint32_t>(state);
}

/// OWPASS: 0 means 16.
std::uint32_t SanitizeMachine::passes() const noexcept {
  const std::uint32_t passes = (record_.cdw10 >> 4U) & 0xfU;
  return passes == 0 ? 16 : passes;
}

std::uint64_t SanitizeMachine::durationNs() const noexcept {
  switch (action()) {
    case SanitizeAction::CryptoErase:
      return 200'000'000;
    case SanitizeAction::Overwrite:
      return 400'000'000;
    default:
      return 300'000'000;
  }
}

spec::SanitizeStatusLog SanitizeMachine::log(std::uint64_t writes) const noexcept {
  spec::SanitizeStatusLog page;
  page.secondsOverwrite = 1;
  page.secondsBlockErase = 1;
  page.secondsCryptoErase = 1;
  page.cdw10 = record_.cdw10;
  const std::uint32_t completed = passes() * record_.progress / kWhole;
  const bool overwrite = action() == SanitizeAction::Overwrite;
  // A field of 5 bits: 16 passes fit.
  page.status = static_cast<std::uint16_t>(record_.state | (overwrite ? completed << 3U : 0U));
  if (inProgress()) {
    page.progress = static_cast<std::uint16_t>(std::min(record_.progress, kWhole - 1));
  } else if (writes == record_.writesAtEnd) {
    page.status |= spec::SanitizeStatusLog::kGlobalDataErased;
  }
  return page;
}

}  // namespace doorbell::emulator
