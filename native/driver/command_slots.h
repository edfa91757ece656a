#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "driver/evidence_layout.h"
#include "spec/queue_entry.h"

namespace doorbell::driver {

/// The command identifiers of one submission queue and what is known of each command that has one.
/// They are given out in rotation, so that a duplicate completion meets a free CID instead of
/// another command.
class CommandSlots {
 public:
  enum class State : std::uint8_t { Free, InFlight, Quarantined };
  enum class Kind : std::uint8_t { Other, Read, Write };
  struct Slot {
    evidence::CommandRecord* record = nullptr;
    std::uint64_t submitTicks = 0;
    std::uint64_t deadlineTicks = kNoDeadline;
    std::uint64_t sequence = 0;  ///< 0 = the CID was never used
    std::uint32_t bytes = 0;
    State state = State::Free;
    Kind kind = Kind::Other;
  };
  static constexpr std::uint64_t kNoDeadline = UINT64_MAX;

  explicit CommandSlots(std::uint32_t count);

  [[nodiscard]] std::uint32_t size() const noexcept {
    return static_cast<std::uint32_t>(slots_.size());
  }
  [[nodiscard]] std::uint32_t free() const noexcept { return freeCount_; }
  [[nodiscard]] std::uint32_t inFlight() const noexcept { return inFlight_; }
  [[nodiscard]] std::uint32_t quarantined() const noexcept { return quarantined_; }
  [[nodiscard]] Slot& operator[](std::uint16_t cid) noexcept { return slots_[cid]; }
  [[nodiscard]] const Slot& operator[](std::uint16_t cid) const noexcept { return slots_[cid]; }
  /// Whether that CID belongs to a command that is not over.
  [[nodiscard]] bool isTaken(std::uint16_t cid) const noexcept {
    return cid < slots_.size() && slots_[cid].state != State::Free;
  }

  /// The CID the next take() returns. Only when some are free.
  [[nodiscard]] std::uint16_t next() const noexcept { return free_[freeFirst_]; }
  /// Makes a CID the next one; false when it is taken or out of range.
  [[nodiscard]] bool choose(std::uint16_t cid) noexcept;
  std::uint16_t take(std::uint64_t deadlineTicks) noexcept {
    const std::uint16_t cid = free_[freeFirst_];
    if (++freeFirst_ == free_.size()) freeFirst_ = 0;
    --freeCount_;
    ++inFlight_;
    slots_[cid].state = State::InFlight;
    slots_[cid].deadlineTicks = deadlineTicks;
    deadlineBound_ = std::min(deadlineBound_, deadlineTicks);
    return cid;
  }
  void release(std::uint16_t cid) noexcept {
    --(slots_[cid].state == State::Quarantined ? quarantined_ : inFlight_);
    slots_[cid].state = State::Free;
    std::uint32_t last = freeFirst_ + freeCount_;
    if (last >= free_.size()) last -= static_cast<std::uint32_t>(free_.size());
    free_[last] = cid;
    ++freeCount_;
  }
  /// It stays taken until the late completion, or the end.
  void quarantine(std::uint16_t cid) noexcept {
    slots_[cid].state = State::Quarantined;
    --inFlight_;
    ++quarantined_;
  }

  /// Gives every command in flight whose deadline passed to `onExpired(cid)`.
  template <class OnExpired>
  void expire(std::uint64_t nowTicks, OnExpired&& onExpired) noexcept {
    if (nowTicks < deadlineBound_) [[likely]]
      return;
    deadlineBound_ = kNoDeadline;
    for (std::uint32_t cid = 0; cid < slots_.size(); ++cid) {
      if (slots_[cid].state != State::InFlight) continue;
      if (slots_[cid].deadlineTicks > nowTicks) {
        deadlineBound_ = std::min(deadlineBound_, slots_[cid].deadlineTicks);
        continue;
      }
      onExpired(static_cast<std::uint16_t>(cid));
    }
  }
  /// Nearest deadline in ticks, exact.
  [[nodiscard]] std::uint64_t nearestDeadline() const noexcept;
  /// In order of submission, quarantined ones included.
  [[nodiscard]] std::vector<std::uint16_t> outstanding() const;

 private:
  std::vector<Slot> slots_;
  std::vector<std::uint16_t> free_;  ///< FIFO ring of free CIDs
  std::uint32_t freeFirst_ = 0;
  std::uint32_t freeCount_ = 0;
  std::uint32_t inFlight_ = 0;
  std::uint32_t quarantined_ = 0;
  std::uint64_t deadlineBound_ = kNoDeadline;  ///< no deadline is nearer
};

}  // namespace doorbell::driver
