#include "emulator/faults/fault_plan.h"

#include <algorithm>

#include "emulator/faults/fault_rules.h"

namespace doorbell::emulator {

using platform::Fault;
using platform::FaultKind;
using platform::FaultReport;

namespace {

void add(FaultEffects& effects, const Fault& fault, const spec::Sqe& sqe) noexcept {
  CompletionFaults& completion = effects.completion;
  effects.any = true;
  switch (fault.kind) {
    case FaultKind::Status:
      effects.status = fault.status;
      break;
    case FaultKind::MediaError:
      effects.badLba = std::max(*fault.when.firstLba, namedBlocks(sqe)->first);
      break;
    case FaultKind::CorruptData:
      effects.corruption = {fault.offset, fault.mask};
      break;
    case FaultKind::Delay:
      effects.delayNs += fault.delayNs;
      break;
    case FaultKind::DropCompletion:
      completion.drop = true;
      break;
    case FaultKind::DuplicateCompletion:
      completion.duplicate = true;
      break;
    case FaultKind::WrongCid:
      completion.cid = static_cast<std::uint16_t>(fault.value);
      break;
    case FaultKind::WrongSqId:
      completion.sqId = static_cast<std::uint16_t>(fault.value);
      break;
    case FaultKind::SqHeadOutOfRange:
      completion.headOutOfRange = true;
      break;
    case FaultKind::StalePhase:
      completion.stalePhase = true;
      break;
    case FaultKind::UnexpectedQueue:
      completion.cqid = static_cast<std::uint16_t>(fault.value);
      break;
    case FaultKind::ControllerFatal:
      effects.fatal = true;
      break;
    case FaultKind::Removal:
      effects.removal = true;
      break;
    case FaultKind::PowerLoss:
      effects.cut = {fault.moment, fault.blocks};
      break;
  }
}

}  // namespace

std::uint64_t FaultPlan::add(const Fault& fault) {
  checkFault(fault);
  const std::lock_guard lock(mutex_);
  faults_.push_back({.id = ++lastId_, .fault = fault});
  disarmIfEmpty();
  return lastId_;
}

bool FaultPlan::remove(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  const bool found =
      std::erase_if(faults_, [id](const FaultReport& one) { return one.id == id; }) != 0;
  disarmIfEmpty();
  return found;
}

void FaultPlan::clear() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
  disarmIfEmpty();
}

std::optional<FaultReport> FaultPlan::find(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  for (const FaultReport& one : faults_) {
    if (one.id == id) return one;
  }
  return std::nullopt;
}

std::vector<FaultReport> FaultPlan::list() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}

FaultEffects FaultPlan::take(std::uint16_t qid, const spec::Sqe& sqe) noexcept {
  FaultEffects effects;
  const std::lock_guard lock(mutex_);
  for (FaultReport& one : faults_) {
    const auto& when = one.fault.when;
    if (!matches(one.fault, qid, sqe)) continue;
    if (++one.matched < when.nth) continue;
    if (when.times != 0 && one.fired >= when.times) continue;
    ++one.fired;
    emulator::add(effects, one.fault, sqe);
  }
  return effects;
}

}  // namespace doorbell::emulator
