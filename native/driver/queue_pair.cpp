#include "driver/queue_pair.h"

namespace doorbell::driver {
namespace {

constexpr std::uint32_t kMaxMalformedReports = 64;

}  // namespace

// One entry of each queue stays empty: depth - 1 commands, whose completions always find room.
QueuePair::QueuePair(const QueuePairParts& parts)
    : parts_(parts),
      log_(*parts.segment, parts.records),
      slots_(parts.depth - 1),
      cq_(parts.cq, parts.depth) {}

void QueuePair::ringDoorbellAt(std::uint64_t nowTicks) noexcept {
  for (std::uint32_t index = rung_; index != tail_; index = nextIndex(index)) {
    CommandSlots::Slot& slot = slots_[parts_.sq[index].cid];
    if (slot.deadlineTicks != kNoDeadline) slot.deadlineTicks += nowTicks - slot.submitTicks;
    slot.submitTicks = nowTicks;
    if (slot.record != nullptr) shared::store(slot.record->submitTicks, nowTicks);
  }
  ringDoorbell();
}

Completion QueuePair::giveUp(std::uint16_t cid, std::uint64_t ticks,
                             evidence::Outcome outcome) noexcept {
  const CommandSlots::Slot& slot = slots_[cid];
  Completion completion;
  completion.late = slot.state == CommandSlots::State::Quarantined;
  completion.submitTicks = slot.submitTicks;
  completion.completeTicks = ticks;
  completion.sequence = slot.sequence;
  completion.cid = cid;
  completion.outcome = outcome;
  if (!completion.late && slot.record != nullptr)
    CommandLog::finish(*slot.record, {}, ticks, outcome);
  if (outcome == evidence::Outcome::TimedOut) {
    slots_.quarantine(cid);
  } else {
    slots_.release(cid);
  }
  return completion;
}

Malformed QueuePair::strangerKind(std::uint16_t cid) const noexcept {
  return cid < slots_.size() && slots_[cid].sequence != 0 ? Malformed::DuplicateCid
                                                          : Malformed::UnknownCid;
}

void QueuePair::reportMalformed(const spec::Cqe& cqe, Malformed reason) noexcept {
  // A device gone wild must not drown its tester.
  if (malformedReports_ >= kMaxMalformedReports) return;
  ++malformedReports_;
  if (parts_.sink != nullptr) parts_.sink->malformed(parts_.qid, cqe, reason);
}

}  // namespace doorbell::driver
