#include "emulator/admin/self_test_machine.h"

#include <algorithm>

namespace doorbell::emulator {

namespace status = spec::status;
using spec::SelfTestCode;
using spec::SelfTestOutcome;

Outcome SelfTestMachine::check(std::uint32_t cdw10) const noexcept {
  const auto code = static_cast<SelfTestCode>(cdw10 & 0xfU);
  if (code == SelfTestCode::Abort) return done();
  if (code != SelfTestCode::Short && code != SelfTestCode::Extended) {
    return refused(status::kInvalidField, at::kCdw10);
  }
  // It may well succeed once the other operation has ended: no Do Not Retry.
  if (inProgress()) return {.status = status::kSelfTestInProgress};
  return done();
}

void SelfTestMachine::start(SelfTestCode code, std::uint32_t nsid, std::uint64_t now) noexcept {
  record_.nsid = nsid;
  record_.log.operation = static_cast<std::uint8_t>(code);
  record_.log.completion = 0;
  resume(now);
}

void SelfTestMachine::abort(SelfTestOutcome reason, std::uint64_t powerOnHours) noexcept {
  if (!inProgress()) return;
  spec::SelfTestResult result;
  result.powerOnHours = powerOnHours;
  record(reason, result);
}

void SelfTestMachine::reset(std::uint64_t powerOnHours) noexcept {
  if (current() == SelfTestCode::Short) abort(SelfTestOutcome::AbortedByReset, powerOnHours);
}

void SelfTestMachine::resume(std::uint64_t now) noexcept {
  startedAt_ = now - durationNs() * record_.log.completion / 100;
  nextStep_ = now + kStepNs;
}

std::optional<std::uint64_t> SelfTestMachine::nextDue() const noexcept {
  if (!inProgress()) return std::nullopt;
  return nextStep_;
}

bool SelfTestMachine::advance(std::uint64_t now) noexcept {
  if (!inProgress() || now < nextStep_) return false;
  nextStep_ = now + kStepNs;
  const std::uint64_t percent = (now - startedAt_) * 100 / durationNs();
  record_.log.completion = static_cast<std::uint8_t>(std::min<std::uint64_t>(percent, 99));
  return percent >= 100;
}

void SelfTestMachine::finish(const std::optional<Finding>& finding,
                             std::uint64_t powerOnHours) noexcept {
  spec::SelfTestResult result;
  result.powerOnHours = powerOnHours;
  if (!finding) {
    record(SelfTestOutcome::Completed, result);
    return;
  }
  result.segment = finding->segment;
  if (finding->nsid != 0) {
    result.valid = spec::SelfTestResult::kNsidValid | spec::SelfTestResult::kLbaValid;
    result.nsid = finding->nsid;
    result.failingLba = finding->lba;
  }
  if (!finding->status.ok()) {
    result.valid |= spec::SelfTestResult::kStatusTypeValid | spec::SelfTestResult::kStatusCodeValid;
    result.statusType = finding->status.type();
    result.statusCode = finding->status.code();
  }
  record(SelfTestOutcome::FailedSegment, result);
}

/// The result is there before the operation is reported as over.
void SelfTestMachine::record(SelfTestOutcome outcome, spec::SelfTestResult result) noexcept {
  spec::SelfTestLog& log = record_.log;
  result.status =
      static_cast<std::uint8_t>((log.operation << 4U) | static_cast<std::uint8_t>(outcome));
  std::copy_backward(log.results.begin(), log.results.end() - 1, log.results.end());
  log.results.front() = result;
  log.operation = 0;
  log.completion = 0;
}

std::uint64_t SelfTestMachine::durationNs() const noexcept {
  return current() == SelfTestCode::Extended ? 1'000'000'000 : 300'000'000;
}

}  // namespace doorbell::emulator
