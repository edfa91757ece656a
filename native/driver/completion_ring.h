#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "spec/queue_entry.h"

namespace doorbell::driver {

/// A completion queue entry that changed although its phase tag says that it is none.
struct ChangedSlot {
  std::uint32_t slot = 0;
  spec::Cqe now;
  spec::Cqe before;  ///< as it was taken one turn ago; zeros in the first turn
};

/// The host's end of a completion queue: where the next entry comes, and by which phase tag.
class CompletionRing {
 public:
  CompletionRing(spec::Cqe* entries, std::uint32_t depth)
      : entries_(entries), depth_(depth), taken_(depth) {}

  /// The device posted an entry that was not taken yet.
  [[nodiscard]] bool pending() const noexcept { return phaseOf(secondHalf(head_)) == phase_; }
  /// Takes the next entry. Only when pending.
  spec::Cqe take() noexcept {
    const spec::Cqe cqe = entry(head_, secondHalf(head_));
    taken_[head_] = cqe;
    if (++head_ == depth_) {
      head_ = 0;
      phase_ ^= 1U;
    }
    return cqe;
  }
  [[nodiscard]] std::uint32_t head() const noexcept { return head_; }
  [[nodiscard]] std::uint32_t phase() const noexcept { return phase_; }

  /// Entries whose bytes changed since they were taken, their phase tag not: what a device leaves
  /// that forgot to toggle it. In ring order from the head.
  [[nodiscard]] std::vector<ChangedSlot> changedSlots() const {
    std::vector<ChangedSlot> changed;
    std::uint16_t phase = phase_;
    for (std::uint32_t i = 0, slot = head_; i < depth_; ++i) {
      const spec::Cqe now = entry(slot, secondHalf(slot));
      const bool isNew = (now.phase() ? 1U : 0U) == phase;
      if (!isNew && std::memcmp(&now, &taken_[slot], sizeof(now)) != 0)
        changed.push_back({slot, now, taken_[slot]});
      if (++slot == depth_) {
        slot = 0;
        phase ^= 1U;
      }
    }
    return changed;
  }

 private:
  /// Bytes 8..15 of an entry, the phase tag among them. Acquire: the first half is read after it.
  [[nodiscard]] std::uint64_t secondHalf(std::uint32_t slot) const noexcept {
    auto* halves = reinterpret_cast<std::uint64_t*>(&entries_[slot]);
    return std::atomic_ref<std::uint64_t>(halves[1]).load(std::memory_order_acquire);
  }
  [[nodiscard]] static std::uint16_t phaseOf(std::uint64_t secondHalf) noexcept {
    return static_cast<std::uint16_t>((secondHalf >> 48U) & 1U);
  }
  [[nodiscard]] spec::Cqe entry(std::uint32_t slot, std::uint64_t secondHalf) const noexcept {
    std::array<std::uint64_t, 2> halves{0, secondHalf};
    std::memcpy(halves.data(), &entries_[slot], sizeof(secondHalf));
    return std::bit_cast<spec::Cqe>(halves);
  }

  spec::Cqe* entries_;
  std::uint32_t depth_;
  std::uint32_t head_ = 0;
  std::uint16_t phase_ = 1;
  std::vector<spec::Cqe> taken_;  ///< what each slot held when it was taken last
};

}  // namespace doorbell::driver
