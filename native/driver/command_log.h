#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <vector>

#include "driver/evidence_layout.h"

namespace doorbell::driver {

namespace shared {
/// Evidence is read by other threads while it is written: every access is a relaxed (or stronger)
/// atomic, which costs nothing on x86.
template <class T>
inline void store(T& target, T value,
                  std::memory_order order = std::memory_order_relaxed) noexcept {
  std::atomic_ref<T>(target).store(value, order);
}
template <class T>
[[nodiscard]] inline T load(const T& source,
                            std::memory_order order = std::memory_order_relaxed) noexcept {
  return std::atomic_ref<T>(const_cast<T&>(source)).load(order);
}
/// One writer, many readers: no locked instruction.
inline void add(std::uint64_t& counter, std::uint64_t by) noexcept {
  store(counter, load(counter) + by);
}
/// Copies whole 64-bit words. Release order keeps each store behind the sequence number stored
/// before.
template <class T>
inline void copyWords(void* target, const T& value) noexcept {
  static_assert(sizeof(T) % 8 == 0);
  std::uint64_t words[sizeof(T) / 8];
  std::memcpy(words, &value, sizeof(T));
  auto* out = static_cast<std::uint64_t*>(target);
  for (std::size_t i = 0; i < sizeof(T) / 8; ++i)
    store(out[i], words[i], std::memory_order_release);
}
}  // namespace shared

/// Writes the ring of one queue pair, unless that has none. One writing thread at a time;
/// wait-free, no allocation.
class CommandLog {
 public:
  CommandLog(evidence::QueueSegment& segment, evidence::CommandRecord* records) noexcept
      : segment_(&segment), records_(records), mask_(segment.ringSlots - 1) {}

  /// Takes the next slot whose command is not in flight and makes it this command's record.
  [[nodiscard]] evidence::CommandRecord* begin(const spec::Sqe& sqe, std::uint64_t ticks,
                                               std::uint32_t bytes) noexcept {
    if (records_ == nullptr) [[unlikely]] {
      ++sequence_;
      return nullptr;
    }
    auto* record = &records_[cursor_++ & mask_];
    while (inFlight(*record)) [[unlikely]] record = &records_[cursor_++ & mask_];
    const std::uint64_t sequence = ++sequence_;
    shared::store(record->sequence, 2 * sequence - 1);
    shared::copyWords(&record->sqe, sqe);
    shared::store(record->submitTicks, ticks, std::memory_order_release);
    shared::store(record->completeTicks, std::uint64_t{0}, std::memory_order_release);
    shared::copyWords(&record->cqe, spec::Cqe{});
    shared::store(record->outcome, std::uint32_t{0}, std::memory_order_release);
    shared::store(record->bytes, bytes, std::memory_order_release);
    shared::store(record->sequence, 2 * sequence, std::memory_order_release);
    shared::store(segment_->nextSequence, sequence + 1, std::memory_order_release);
    shared::store(segment_->submitted, sequence);
    __builtin_prefetch(&records_[cursor_ & mask_], 1);
    __builtin_prefetch(&records_[cursor_ & mask_].sequence, 1);
    return record;
  }
  /// The command ended (or, after a time-out, completed late). `cqe` is zeros unless the device
  /// posted one.
  static void finish(evidence::CommandRecord& record, const spec::Cqe& cqe, std::uint64_t ticks,
                     evidence::Outcome outcome) noexcept {
    shared::store(record.completeTicks, ticks);
    shared::copyWords(&record.cqe, cqe);
    shared::store(record.outcome, static_cast<std::uint32_t>(outcome), std::memory_order_release);
  }
  /// Sequence of the latest command.
  [[nodiscard]] std::uint64_t sequence() const noexcept { return sequence_; }

 private:
  static bool inFlight(const evidence::CommandRecord& record) noexcept {
    return shared::load(record.outcome) == 0 && shared::load(record.sequence) != 0;
  }

  evidence::QueueSegment* segment_;
  evidence::CommandRecord* records_;
  std::uint64_t mask_;
  std::uint64_t cursor_ = 0;
  std::uint64_t sequence_ = 0;
};

}  // namespace doorbell::driver
