#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "driver/clock.h"
#include "driver/command_log.h"
#include "driver/command_slots.h"
#include "driver/completion.h"
#include "driver/completion_ring.h"
#include "driver/evidence_layout.h"
#include "platform/pci_function.h"
#include "spec/opcode.h"
#include "spec/queue_entry.h"
#include "spec/status.h"

namespace doorbell::driver {

/// What a queue pair is made of. Everything outlives it.
struct QueuePairParts {
  std::uint16_t qid = 0;
  std::uint32_t depth = 0;
  spec::Sqe* sq = nullptr;
  spec::Cqe* cq = nullptr;
  volatile std::uint32_t* sqDoorbell = nullptr;
  volatile std::uint32_t* cqDoorbell = nullptr;
  const std::atomic<std::uint32_t>* asleep = nullptr;
  platform::PciFunction* function = nullptr;
  evidence::QueueSegment* segment = nullptr;
  evidence::CommandRecord* records = nullptr;
  const Clock* clock = nullptr;
  MalformedSink* sink = nullptr;
};

/// Whose time a completion gets.
enum class Stamp {
  Batch,  ///< one look at the clock for all that are there
  Each,
};

/// When the device is told what was reaped.
enum class Head {
  Now,
  Later,  ///< with the next ringDoorbell(), or ringHead(): one visit to the doorbells' cache line
};

/// A submission queue and its completion queue: the hot core. One owner thread at a time; no
/// allocation, lock, system call or virtual call per command.
class QueuePair {
 public:
  explicit QueuePair(const QueuePairParts& parts);
  QueuePair(const QueuePair&) = delete;
  QueuePair& operator=(const QueuePair&) = delete;

  static constexpr std::uint64_t kNoDeadline = CommandSlots::kNoDeadline;

  /// How many commands can be posted now.
  [[nodiscard]] std::uint32_t room() const noexcept {
    return std::min(slots_.free(), parts_.depth - 1 - distance(sqHead_, tail_));
  }
  [[nodiscard]] bool full() const noexcept {
    return slots_.free() == 0 || nextIndex(tail_) == sqHead_;
  }
  /// The CID the next post() takes. Only when not full.
  [[nodiscard]] std::uint16_t nextCid() const noexcept { return slots_.next(); }
  /// Whether a command could have that CID now.
  [[nodiscard]] bool isFree(std::uint16_t cid) const noexcept {
    return cid < slots_.size() && !slots_.isTaken(cid);
  }
  /// Makes the next post() take that CID; false when it is outstanding or none of this queue's.
  [[nodiscard]] bool chooseCid(std::uint16_t cid) noexcept { return slots_.choose(cid); }
  /// Copies the command into the submission queue with its CID set, and logs it. Not visible to the
  /// device before ringDoorbell(). Only when not full. `bytes` is the data it transfers.
  std::uint16_t post(spec::Sqe& sqe, std::uint32_t bytes, std::uint64_t submitTicks,
                     std::uint64_t deadlineTicks = kNoDeadline) noexcept;
  /// Tells the device of everything posted.
  void ringDoorbell() noexcept {
    rung_ = tail_;
    if (headDue_) storeHead();
    ring(parts_.sqDoorbell, tail_);
  }
  /// Tells the device of everything reaped, unless it knows.
  void ringHead() noexcept {
    if (!headDue_) return;
    headDue_ = false;
    ring(parts_.cqDoorbell, cq_.head());
  }
  /// The same at a time of its own: commands posted since the last ring count from `nowTicks` on.
  void ringDoorbellAt(std::uint64_t nowTicks) noexcept;

  /// True when the device posted an entry not reaped yet.
  [[nodiscard]] bool pending() const noexcept { return cq_.pending(); }
  /// Hands every new completion (at most `max`) to `onCompletion(const Completion&)`, then moves
  /// the CQ head doorbell once (see Head). Returns how many entries were consumed, malformed ones
  /// included.
  template <Stamp stamp = Stamp::Batch, Head head = Head::Now, class OnCompletion>
  unsigned reap(unsigned max, OnCompletion&& onCompletion) noexcept {
    if (!cq_.pending()) return 0;
    std::uint64_t ticks = parts_.clock->ticks();
    unsigned consumed = 0;
    Completion completion;
    do {
      if (stamp == Stamp::Each && consumed > 0) ticks = parts_.clock->ticks();
      const spec::Cqe cqe = cq_.take();
      ++consumed;
      if (accept(cqe, ticks, completion)) [[likely]]
        onCompletion(static_cast<const Completion&>(completion));
    } while (consumed < max && cq_.pending());
    headDue_ = true;
    if (head == Head::Now) ringHead();
    return consumed;
  }
  /// Hands out commands whose deadline passed, once, as TimedOut; CID and SQ entry stay taken until
  /// the late completion or the end of the queue pair.
  template <class OnCompletion>
  void expire(std::uint64_t nowTicks, OnCompletion&& onCompletion) noexcept {
    slots_.expire(nowTicks, [&](std::uint16_t cid) {
      onCompletion(giveUp(cid, nowTicks, evidence::Outcome::TimedOut));
    });
  }
  /// The device is done with this queue pair: hands out every outstanding command with `outcome`,
  /// in order of submission; quarantined ones as `late`.
  template <class OnCompletion>
  void endAll(evidence::Outcome outcome, std::uint64_t nowTicks,
              OnCompletion&& onCompletion) noexcept {
    for (const std::uint16_t cid : outstandingCids()) onCompletion(giveUp(cid, nowTicks, outcome));
  }

  /// Changes what the log says of the completion being handed out.
  void amend(std::uint16_t cid, evidence::Outcome outcome) noexcept {
    evidence::CommandRecord* record = slots_[cid].record;
    if (record != nullptr) shared::store(record->outcome, static_cast<std::uint32_t>(outcome));
  }
  /// From now on "Command Aborted due to SQ Deletion" ends commands as QueueDeleted.
  void deleting(bool begins = true) noexcept { deleting_ = begins; }
  /// Nearest deadline in ticks, exact.
  [[nodiscard]] std::uint64_t nearestDeadline() const noexcept { return slots_.nearestDeadline(); }
  /// In order of submission, quarantined ones included.
  [[nodiscard]] std::vector<std::uint16_t> outstandingCids() const { return slots_.outstanding(); }
  [[nodiscard]] std::vector<ChangedSlot> changedSlots() const { return cq_.changedSlots(); }
  [[nodiscard]] std::uint32_t inFlight() const noexcept { return slots_.inFlight(); }
  [[nodiscard]] std::uint32_t quarantined() const noexcept { return slots_.quarantined(); }
  [[nodiscard]] std::uint16_t qid() const noexcept { return parts_.qid; }
  [[nodiscard]] std::uint32_t depth() const noexcept { return parts_.depth; }
  [[nodiscard]] std::uint32_t sqTail() const noexcept { return tail_; }
  [[nodiscard]] std::uint32_t sqHead() const noexcept { return sqHead_; }
  [[nodiscard]] std::uint32_t cqHead() const noexcept { return cq_.head(); }
  [[nodiscard]] std::uint32_t cqPhase() const noexcept { return cq_.phase(); }
  [[nodiscard]] std::uint64_t lastSequence() const noexcept { return log_.sequence(); }
  [[nodiscard]] const evidence::QueueSegment& counters() const noexcept { return *parts_.segment; }

 private:
  using Kind = CommandSlots::Kind;

  [[nodiscard]] Kind kindOf(const spec::Sqe& sqe) const noexcept {
    if (parts_.qid == 0) return Kind::Other;
    if (sqe.opcode == static_cast<std::uint8_t>(spec::NvmOpcode::Read)) return Kind::Read;
    if (sqe.opcode == static_cast<std::uint8_t>(spec::NvmOpcode::Write)) return Kind::Write;
    return Kind::Other;
  }
  [[nodiscard]] std::uint32_t nextIndex(std::uint32_t index) const noexcept {
    return index + 1 == parts_.depth ? 0 : index + 1;
  }
  [[nodiscard]] std::uint32_t distance(std::uint32_t from, std::uint32_t to) const noexcept {
    return to >= from ? to - from : to + parts_.depth - from;
  }
  void storeHead() noexcept {
    headDue_ = false;
    __atomic_store_n(parts_.cqDoorbell, cq_.head(), __ATOMIC_RELEASE);
  }
  void ring(volatile std::uint32_t* doorbell, std::uint32_t value) noexcept {
    // Release: queue entries are in memory before the device can see the doorbell.
    __atomic_store_n(doorbell, value, __ATOMIC_RELEASE);
    // Keeps the load below behind the store above; the sleeper's membarrier does the rest.
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (parts_.asleep != nullptr && parts_.asleep->load(std::memory_order_relaxed) != 0)
      parts_.function->wake(parts_.qid);
  }
  [[nodiscard]] bool accept(const spec::Cqe& cqe, std::uint64_t ticks,
                            Completion& completion) noexcept;
  [[nodiscard]] Completion giveUp(std::uint16_t cid, std::uint64_t ticks,
                                  evidence::Outcome outcome) noexcept;
  void count(const CommandSlots::Slot& slot, const spec::Cqe& cqe) noexcept;
  void reportMalformed(const spec::Cqe& cqe, Malformed reason) noexcept;
  [[nodiscard]] Malformed strangerKind(std::uint16_t cid) const noexcept;

  QueuePairParts parts_;
  CommandLog log_;
  CommandSlots slots_;
  CompletionRing cq_;
  std::uint32_t tail_ = 0;
  std::uint32_t rung_ = 0;  ///< the tail the device was told last
  std::uint32_t sqHead_ = 0;
  bool deleting_ = false;
  bool headDue_ = false;  ///< the CQ head moved since the device was told
  std::uint32_t malformedReports_ = 0;
};

inline std::uint16_t QueuePair::post(spec::Sqe& sqe, std::uint32_t bytes, std::uint64_t submitTicks,
                                     std::uint64_t deadlineTicks) noexcept {
  const std::uint16_t cid = slots_.take(deadlineTicks);
  sqe.cid = cid;
  parts_.sq[tail_] = sqe;
  tail_ = nextIndex(tail_);
  CommandSlots::Slot& slot = slots_[cid];
  slot.record = log_.begin(sqe, submitTicks, bytes);
  slot.submitTicks = submitTicks;
  slot.sequence = log_.sequence();
  slot.bytes = bytes;
  slot.kind = kindOf(sqe);
  return cid;
}

inline void QueuePair::count(const CommandSlots::Slot& slot, const spec::Cqe& cqe) noexcept {
  auto& segment = *parts_.segment;
  shared::add(segment.completed, 1);
  if (!spec::Status{cqe.status()}.ok()) [[unlikely]] {
    shared::add(segment.errors, 1);
    return;
  }
  if (slot.kind == Kind::Read) {
    shared::add(segment.bytesRead, slot.bytes);
    shared::add(segment.readCommands, 1);
  } else if (slot.kind == Kind::Write) {
    shared::add(segment.bytesWritten, slot.bytes);
    shared::add(segment.writeCommands, 1);
  }
}

inline bool QueuePair::accept(const spec::Cqe& cqe, std::uint64_t ticks,
                              Completion& completion) noexcept {
  if (cqe.sqId != parts_.qid) [[unlikely]] {
    reportMalformed(cqe, Malformed::WrongSqId);
    return false;
  }
  if (!slots_.isTaken(cqe.cid)) [[unlikely]] {
    reportMalformed(cqe, strangerKind(cqe.cid));
    return false;
  }
  if (cqe.sqHead < parts_.depth && distance(sqHead_, cqe.sqHead) <= distance(sqHead_, tail_))
      [[likely]] {
    sqHead_ = cqe.sqHead;
  } else {
    reportMalformed(cqe, Malformed::SqHeadOutOfRange);
  }
  const CommandSlots::Slot& slot = slots_[cqe.cid];
  completion.late = slot.state == CommandSlots::State::Quarantined;
  completion.cqe = cqe;
  completion.submitTicks = slot.submitTicks;
  completion.completeTicks = ticks;
  completion.sequence = slot.sequence;
  completion.cid = cqe.cid;
  completion.outcome = evidence::Outcome::Completed;
  if (deleting_ && cqe.status() == spec::status::kAbortedSqDeletion.raw) [[unlikely]] {
    completion.outcome = evidence::Outcome::QueueDeleted;
  }
  if (slot.record != nullptr) [[likely]]
    CommandLog::finish(*slot.record, cqe, ticks, completion.outcome);
  count(slot, cqe);
  slots_.release(cqe.cid);
  return true;
}

}  // namespace doorbell::driver
