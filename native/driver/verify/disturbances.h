#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace doorbell::driver {

/// Blocks that commands make unknown (deallocation and the like) while those are outstanding: what
/// other queues write or read of them meanwhile may come before or after. Looked at only when a
/// read gave something else than expected.
class Disturbances {
 public:
  /// Returns its id.
  std::uint64_t begin(std::uint64_t first, std::uint64_t end) {
    const std::scoped_lock lock(mutex_);
    dropEnded();
    list_.push_back({.id = ++lastId_, .first = first, .end = end});
    return lastId_;
  }
  /// Returns its blocks, first and end. @param at the sequence number of now
  std::pair<std::uint64_t, std::uint64_t> end(std::uint64_t id, std::uint64_t at) {
    const std::scoped_lock lock(mutex_);
    const auto found =
        std::find_if(list_.begin(), list_.end(), [&](const One& one) { return one.id == id; });
    if (found == list_.end()) return {0, 0};
    found->endedAt = at;
    return {found->first, found->end};
  }
  /// Whether the block was disturbed at some time since the sequence number.
  [[nodiscard]] bool touched(std::uint64_t lba, std::uint64_t since) const {
    const std::scoped_lock lock(mutex_);
    return std::any_of(list_.begin(), list_.end(), [&](const One& one) {
      return lba >= one.first && lba < one.end && one.endedAt >= since;
    });
  }

 private:
  struct One {
    std::uint64_t id;
    std::uint64_t first;
    std::uint64_t end;
    std::uint64_t endedAt = UINT64_MAX;
  };
  /// More than any read outlives.
  static constexpr std::size_t kMostKept = 4096;

  void dropEnded() {
    if (list_.size() < kMostKept) return;
    const auto half = list_.begin() + static_cast<std::ptrdiff_t>(kMostKept / 2);
    const auto kept = std::remove_if(list_.begin(), half,
                                     [](const One& one) { return one.endedAt != UINT64_MAX; });
    list_.erase(kept, half);
  }

  mutable std::mutex mutex_;
  std::uint64_t lastId_ = 0;
  std::vector<One> list_;
};

}  // namespace doorbell::driver
