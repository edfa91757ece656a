#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "spec/queue_entry.h"

namespace doorbell::emulator {

/// Completion queue entries on their way to the host, a cache line of them at a time: while the
/// host polls, every single one of them would move the line between two processors.
class CompletionLine {
 public:
  /// The entry, to be posted at `slot` with the next flush(), or before where there is no room.
  void add(std::byte* slot, const spec::Cqe& cqe) noexcept {
    if (count_ != 0 && slot != first_ + count_ * sizeof(spec::Cqe)) flush();
    if (count_ == 0) first_ = slot;
    entries_[count_++] = cqe;
    if (reinterpret_cast<std::uintptr_t>(slot + sizeof(spec::Cqe)) % kLine == 0) flush();
  }
  /// Posts what is left.
  void flush() noexcept {
    for (std::size_t i = 0; i < count_; ++i) publish(first_ + i * sizeof(spec::Cqe), entries_[i]);
    count_ = 0;
  }
  /// The second half carries the phase tag: the host may look only once it sees it.
  static void publish(std::byte* slot, const spec::Cqe& cqe) noexcept {
    const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(cqe);
    auto* target = reinterpret_cast<std::uint64_t*>(slot);
    std::atomic_ref(target[0]).store(halves[0], std::memory_order_relaxed);
    std::atomic_ref(target[1]).store(halves[1], std::memory_order_release);
  }

 private:
  static constexpr std::size_t kLine = 64;

  std::size_t count_ = 0;
  std::byte* first_ = nullptr;  ///< in host memory, valid within one IovaTable::Pass
  std::array<spec::Cqe, kLine / sizeof(spec::Cqe)> entries_;
};

}  // namespace doorbell::emulator
