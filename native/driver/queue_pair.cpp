#include "driver/queue_pair.h"

#include <algorithm>
#include <numeric>

namespace doorbell::driver {
namespace {

constexpr std::uint32_t kMaxMalformedReports = 64;

}  // namespace

QueuePair::QueuePair(const QueuePairParts& parts)
    : parts_(parts),
      log_(*parts.segment, parts.records),
      slots_(parts.depth - 1),
      free_(parts.depth - 1) {
  // One entry of each queue stays empty: depth - 1 commands, whose completions always find room.
  std::iota(free_.begin(), free_.end(), std::uint16_t{0});
  freeCount_ = parts.depth - 1;
}

Completion QueuePair::giveUp(std::uint16_t cid, std::uint64_t ticks,
                             evidence::Outcome outcome) noexcept {
  Slot& slot = slots_[cid];
  Completion completion;
  completion.late = slot.state == State::Quarantined;
  completion.submitTicks = slot.submitTicks;
  completion.completeTicks = ticks;
  completion.sequence = slot.sequence;
  completion.cid = cid;
  completion.outcome = outcome;
  if (!completion.late) CommandLog::finish(*slot.record, {}, ticks, outcome);
  --(completion.late ? quarantined_ : inFlight_);
  if (outcome == evidence::Outcome::TimedOut) {
    slot.state = State::Quarantined;
    ++quarantined_;
  } else {
    release(cid);
  }
  return completion;
}

std::uint64_t QueuePair::nearestDeadline() const noexcept {
  if (inFlight_ == 0 || deadlineBound_ == kNoDeadline) return kNoDeadline;
  std::uint64_t nearest = kNoDeadline;
  for (const Slot& slot : slots_) {
    if (slot.state == State::InFlight) nearest = std::min(nearest, slot.deadlineTicks);
  }
  return nearest;
}

std::vector<std::uint16_t> QueuePair::outstandingCids() const {
  std::vector<std::uint16_t> cids;
  for (std::size_t cid = 0; cid < slots_.size(); ++cid) {
    if (slots_[cid].state != State::Free) cids.push_back(static_cast<std::uint16_t>(cid));
  }
  std::sort(cids.begin(), cids.end(),
            [&](auto a, auto b) { return slots_[a].sequence < slots_[b].sequence; });
  return cids;
}

void QueuePair::reportMalformed(const spec::Cqe& cqe, Malformed reason) noexcept {
  // A device gone wild must not drown its tester.
  if (malformedReports_ >= kMaxMalformedReports) return;
  ++malformedReports_;
  if (parts_.sink != nullptr) parts_.sink->malformed(parts_.qid, cqe, reason);
}

}  // namespace doorbell::driver
