#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace doorbell::driver {

/// Which blocks the outstanding commands of one submitter use: of two that overlap, one may write
/// only after the other has ended. One thread.
class LbaLocks {
 public:
  explicit LbaLocks(std::size_t commands) : ranges_(commands) {}

  /// False when the range has to wait.
  [[nodiscard]] bool take(std::uint16_t cid, std::uint64_t first, std::uint64_t count,
                          bool exclusive) noexcept {
    const Range range{first, first + count, exclusive, true};
    if (mayConflict(range) && conflicts(range)) return false;
    ranges_[cid] = range;
    mark(range, 1);
    return true;
  }
  void release(std::uint16_t cid) noexcept {
    if (!ranges_[cid].taken) return;
    mark(ranges_[cid], -1);
    ranges_[cid].taken = false;
  }

 private:
  struct Range {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
    bool exclusive = false;
    bool taken = false;
  };
  static constexpr unsigned kBucketShift = 6;
  static constexpr std::size_t kBuckets = 1024;

  /// Calls onBucket for the buckets of a range, each once.
  template <class OnBucket>
  static void each(const Range& range, OnBucket&& onBucket) noexcept {
    const std::uint64_t first = range.first >> kBucketShift;
    const std::uint64_t last = (range.end - 1) >> kBucketShift;
    const std::uint64_t count = std::min<std::uint64_t>(last - first + 1, kBuckets);
    for (std::uint64_t i = 0; i < count; ++i) onBucket((first + i) % kBuckets);
  }
  [[nodiscard]] bool mayConflict(const Range& range) const noexcept {
    bool used = false;
    each(range, [&](std::size_t bucket) {
      used = used || (range.exclusive ? used_[bucket] : exclusive_[bucket]) != 0;
    });
    return used;
  }
  [[nodiscard]] bool conflicts(const Range& range) const noexcept {
    return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& other) {
      return other.taken && (other.exclusive || range.exclusive) && other.first < range.end &&
             range.first < other.end;
    });
  }
  void mark(const Range& range, int by) noexcept {
    each(range, [&](std::size_t bucket) {
      used_[bucket] += by;
      if (range.exclusive) exclusive_[bucket] += by;
    });
  }

  std::vector<Range> ranges_;  ///< by CID
  std::array<int, kBuckets> used_{};
  std::array<int, kBuckets> exclusive_{};
};

}  // namespace doorbell::driver
