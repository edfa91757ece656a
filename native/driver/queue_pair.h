#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "driver/clock.h"
#include "driver/command_log.h"
#include "driver/evidence_layout.h"
#include "platform/pci_function.h"
#include "spec/opcode.h"
#include "spec/queue_entry.h"
#include "spec/status.h"

namespace doorbell::driver {

/// How one command ended.
struct Completion {
  spec::Cqe cqe;  ///< zeros unless the device posted it
  std::uint64_t submitTicks = 0;
  std::uint64_t completeTicks = 0;
  std::uint64_t sequence = 0;  ///< 1-based number of the command on its queue
  std::uint16_t cid = 0;
  evidence::Outcome outcome = evidence::Outcome::InFlight;
  /// Its time-out was delivered before: only frees what the command held.
  bool late = false;
};

/// What is wrong with a completion queue entry.
enum class Malformed { UnknownCid, WrongSqId, SqHeadOutOfRange };

class MalformedSink {
 public:
  virtual ~MalformedSink() = default;
  virtual void malformed(std::uint16_t qid, const spec::Cqe& cqe, Malformed reason) noexcept = 0;
};

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

/// A submission queue and its completion queue: the hot core. One owner thread at a time; no
/// allocation, lock, system call or virtual call per command. CIDs rotate, so that a duplicate
/// completion is noticed.
class QueuePair {
 public:
  explicit QueuePair(const QueuePairParts& parts);
  QueuePair(const QueuePair&) = delete;
  QueuePair& operator=(const QueuePair&) = delete;

  static constexpr std::uint64_t kNoDeadline = UINT64_MAX;

  [[nodiscard]] bool full() const noexcept {
    return freeCount_ == 0 || nextIndex(tail_) == sqHead_;
  }
  /// The CID the next post() takes. Only when not full.
  [[nodiscard]] std::uint16_t nextCid() const noexcept { return free_[freeFirst_]; }
  /// Copies the command into the submission queue with its CID set, and logs it. Not visible to the
  /// device before ringDoorbell(). Only when not full. `bytes` is the data it transfers.
  std::uint16_t post(spec::Sqe& sqe, std::uint32_t bytes, std::uint64_t submitTicks,
                     std::uint64_t deadlineTicks = kNoDeadline) noexcept;
  /// Tells the device of everything posted.
  void ringDoorbell() noexcept { ring(parts_.sqDoorbell, tail_); }

  /// True when the device posted an entry not reaped yet.
  [[nodiscard]] bool pending() const noexcept { return phaseOf(secondHalf()) == phase_; }
  /// Hands every new completion (at most `max`) to `onCompletion(const Completion&)`, then moves
  /// the CQ head doorbell once. Returns how many entries were consumed, malformed ones included.
  template <class OnCompletion>
  unsigned reap(unsigned max, OnCompletion&& onCompletion) noexcept {
    std::uint64_t second = secondHalf();
    if (phaseOf(second) != phase_) return 0;
    const std::uint64_t ticks = parts_.clock->ticks();
    unsigned consumed = 0;
    Completion completion;
    do {
      const spec::Cqe cqe = entry(second);
      if (++cqHead_ == parts_.depth) {
        cqHead_ = 0;
        phase_ ^= 1U;
      }
      ++consumed;
      if (accept(cqe, ticks, completion)) [[likely]]
        onCompletion(static_cast<const Completion&>(completion));
      second = secondHalf();
    } while (consumed < max && phaseOf(second) == phase_);
    ring(parts_.cqDoorbell, cqHead_);
    return consumed;
  }
  /// Hands out commands whose deadline passed, once, as TimedOut; CID and SQ entry stay taken until
  /// the late completion or the end of the queue pair.
  template <class OnCompletion>
  void expire(std::uint64_t nowTicks, OnCompletion&& onCompletion) noexcept {
    if (nowTicks < deadlineBound_) [[likely]]
      return;
    deadlineBound_ = kNoDeadline;
    for (std::uint32_t cid = 0; cid < slots_.size(); ++cid) {
      if (slots_[cid].state != State::InFlight) continue;
      if (slots_[cid].deadlineTicks > nowTicks) {
        deadlineBound_ = std::min(deadlineBound_, slots_[cid].deadlineTicks);
        continue;
      }
      onCompletion(giveUp(static_cast<std::uint16_t>(cid), nowTicks, evidence::Outcome::TimedOut));
    }
  }
  /// The device is done with this queue pair: hands out every outstanding command with `outcome`,
  /// in order of submission; quarantined ones as `late`.
  template <class OnCompletion>
  void endAll(evidence::Outcome outcome, std::uint64_t nowTicks,
              OnCompletion&& onCompletion) noexcept {
    for (const std::uint16_t cid : outstandingCids()) onCompletion(giveUp(cid, nowTicks, outcome));
  }

  /// From now on "Command Aborted due to SQ Deletion" ends commands as QueueDeleted.
  void deleting() noexcept { deleting_ = true; }
  /// Nearest deadline in ticks, exact.
  [[nodiscard]] std::uint64_t nearestDeadline() const noexcept;
  /// In order of submission, quarantined ones included.
  [[nodiscard]] std::vector<std::uint16_t> outstandingCids() const;
  [[nodiscard]] std::uint32_t inFlight() const noexcept { return inFlight_; }
  [[nodiscard]] std::uint32_t quarantined() const noexcept { return quarantined_; }
  [[nodiscard]] std::uint16_t qid() const noexcept { return parts_.qid; }
  [[nodiscard]] std::uint32_t depth() const noexcept { return parts_.depth; }
  [[nodiscard]] std::uint32_t sqTail() const noexcept { return tail_; }
  [[nodiscard]] std::uint32_t sqHead() const noexcept { return sqHead_; }
  [[nodiscard]] std::uint32_t cqHead() const noexcept { return cqHead_; }
  [[nodiscard]] std::uint32_t cqPhase() const noexcept { return phase_; }
  [[nodiscard]] std::uint64_t lastSequence() const noexcept { return log_.sequence(); }
  [[nodiscard]] const evidence::QueueSegment& counters() const noexcept { return *parts_.segment; }

 private:
  enum class State : std::uint8_t { Free, InFlight, Quarantined };
  enum class Kind : std::uint8_t { Other, Read, Write };
  struct Slot {
    evidence::CommandRecord* record = nullptr;
    std::uint64_t submitTicks = 0;
    std::uint64_t deadlineTicks = kNoDeadline;
    std::uint64_t sequence = 0;
    std::uint32_t bytes = 0;
    State state = State::Free;
    Kind kind = Kind::Other;
  };

  /// Bytes 8..15 of the entry at the CQ head, the phase tag among them. Acquire: the first half is
  /// read after it.
  [[nodiscard]] std::uint64_t secondHalf() const noexcept {
    auto* halves = reinterpret_cast<std::uint64_t*>(&parts_.cq[cqHead_]);
    return std::atomic_ref<std::uint64_t>(halves[1]).load(std::memory_order_acquire);
  }
  [[nodiscard]] static std::uint16_t phaseOf(std::uint64_t secondHalf) noexcept {
    return static_cast<std::uint16_t>((secondHalf >> 48U) & 1U);
  }
  [[nodiscard]] spec::Cqe entry(std::uint64_t secondHalf) const noexcept {
    std::array<std::uint64_t, 2> halves{0, secondHalf};
    std::memcpy(halves.data(), &parts_.cq[cqHead_], sizeof(secondHalf));
    return std::bit_cast<spec::Cqe>(halves);
  }
  [[nodiscard]] std::uint32_t nextIndex(std::uint32_t index) const noexcept {
    return index + 1 == parts_.depth ? 0 : index + 1;
  }
  [[nodiscard]] std::uint32_t distance(std::uint32_t from, std::uint32_t to) const noexcept {
    return to >= from ? to - from : to + parts_.depth - from;
  }
  void ring(volatile std::uint32_t* doorbell, std::uint32_t value) noexcept {
    // Release: queue entries are in memory before the device can see the doorbell.
    __atomic_store_n(doorbell, value, __ATOMIC_RELEASE);
    // Keeps the load below behind the store above; the sleeper's membarrier does the rest.
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (parts_.asleep != nullptr && parts_.asleep->load(std::memory_order_relaxed) != 0)
      parts_.function->wake();
  }
  [[nodiscard]] bool accept(const spec::Cqe& cqe, std::uint64_t ticks,
                            Completion& completion) noexcept;
  [[nodiscard]] Completion giveUp(std::uint16_t cid, std::uint64_t ticks,
                                  evidence::Outcome outcome) noexcept;
  void release(std::uint16_t cid) noexcept;
  void count(const Slot& slot, const spec::Cqe& cqe) noexcept;
  void reportMalformed(const spec::Cqe& cqe, Malformed reason) noexcept;

  QueuePairParts parts_;
  CommandLog log_;
  std::vector<Slot> slots_;
  std::vector<std::uint16_t> free_;  ///< FIFO ring of free CIDs
  std::uint32_t freeFirst_ = 0;
  std::uint32_t freeCount_ = 0;
  std::uint32_t tail_ = 0;
  std::uint32_t sqHead_ = 0;
  std::uint32_t cqHead_ = 0;
  std::uint16_t phase_ = 1;
  bool deleting_ = false;
  std::uint32_t inFlight_ = 0;
  std::uint32_t quarantined_ = 0;
  std::uint32_t malformedReports_ = 0;
  std::uint64_t deadlineBound_ = kNoDeadline;  ///< no deadline is nearer
};

inline std::uint16_t QueuePair::post(spec::Sqe& sqe, std::uint32_t bytes, std::uint64_t submitTicks,
                                     std::uint64_t deadlineTicks) noexcept {
  const std::uint16_t cid = free_[freeFirst_];
  if (++freeFirst_ == free_.size()) freeFirst_ = 0;
  --freeCount_;
  ++inFlight_;
  sqe.cid = cid;
  parts_.sq[tail_] = sqe;
  tail_ = nextIndex(tail_);
  Slot& slot = slots_[cid];
  slot.record = log_.begin(sqe, submitTicks, bytes);
  slot.submitTicks = submitTicks;
  slot.deadlineTicks = deadlineTicks;
  slot.sequence = log_.sequence();
  slot.bytes = bytes;
  slot.state = State::InFlight;
  slot.kind = parts_.qid == 0                                                   ? Kind::Other
              : sqe.opcode == static_cast<std::uint8_t>(spec::NvmOpcode::Read)  ? Kind::Read
              : sqe.opcode == static_cast<std::uint8_t>(spec::NvmOpcode::Write) ? Kind::Write
                                                                                : Kind::Other;
  deadlineBound_ = std::min(deadlineBound_, deadlineTicks);
  return cid;
}

inline void QueuePair::release(std::uint16_t cid) noexcept {
  slots_[cid].state = State::Free;
  std::uint32_t last = freeFirst_ + freeCount_;
  if (last >= free_.size()) last -= static_cast<std::uint32_t>(free_.size());
  free_[last] = cid;
  ++freeCount_;
}

inline void QueuePair::count(const Slot& slot, const spec::Cqe& cqe) noexcept {
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
  if (cqe.cid >= slots_.size() || slots_[cqe.cid].state == State::Free) [[unlikely]] {
    reportMalformed(cqe, Malformed::UnknownCid);
    return false;
  }
  if (cqe.sqHead < parts_.depth && distance(sqHead_, cqe.sqHead) <= distance(sqHead_, tail_))
      [[likely]] {
    sqHead_ = cqe.sqHead;
  } else {
    reportMalformed(cqe, Malformed::SqHeadOutOfRange);
  }
  const Slot& slot = slots_[cqe.cid];
  completion.late = slot.state == State::Quarantined;
  completion.cqe = cqe;
  completion.submitTicks = slot.submitTicks;
  completion.completeTicks = ticks;
  completion.sequence = slot.sequence;
  completion.cid = cqe.cid;
  completion.outcome = evidence::Outcome::Completed;
  if (deleting_ && cqe.status() == spec::status::kAbortedSqDeletion.raw) [[unlikely]] {
    completion.outcome = evidence::Outcome::QueueDeleted;
  }
  CommandLog::finish(*slot.record, cqe, ticks, completion.outcome);
  count(slot, cqe);
  --(completion.late ? quarantined_ : inFlight_);
  release(cqe.cid);
  return true;
}

}  // namespace doorbell::driver
