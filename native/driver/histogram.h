#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace doorbell::driver {

/// Latencies in ns, HDR style: values up to 2^37 - 1 ns (137 s) are kept within 1/256 (0.4 %),
/// larger ones are clamped; count, sum, minimum and maximum are exact.
class Histogram {
 public:
  static constexpr unsigned kSubBits = 7;  ///< 128 buckets an octave
  static constexpr unsigned kMaxBits = 37;
  static constexpr std::uint64_t kMaxTracked = (1ULL << kMaxBits) - 1;
  static constexpr std::size_t kBuckets = (kMaxBits - kSubBits + 1) << kSubBits;

  void record(std::uint64_t ns) noexcept {
    ++buckets_[bucketOf(std::min(ns, kMaxTracked))];
    ++count_;
    sum_ += ns;
    min_ = std::min(min_, ns);
    max_ = std::max(max_, ns);
  }
  void merge(const Histogram& other) noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t min() const noexcept { return count_ == 0 ? 0 : min_; }
  [[nodiscard]] std::uint64_t max() const noexcept { return max_; }
  [[nodiscard]] double mean() const noexcept {
    return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
  }
  /// The value that `percent` % of the samples do not exceed; 0 without samples.
  [[nodiscard]] double percentile(double percent) const noexcept;

  /// Calls `onBucket(value, count)` for every bucket with samples, shortest first.
  template <class OnBucket>
  void each(OnBucket&& onBucket) const {
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
      if (buckets_[bucket] != 0) onBucket(valueOf(bucket), buckets_[bucket]);
    }
  }

  /// Values below 2^kSubBits have a bucket each; above, a bucket spans 2^shift values.
  [[nodiscard]] static constexpr std::size_t bucketOf(std::uint64_t ns) noexcept {
    const auto width = static_cast<unsigned>(std::bit_width(ns));
    if (width <= kSubBits) return ns;
    const unsigned shift = width - kSubBits - 1;
    return (static_cast<std::size_t>(shift) << kSubBits) + (ns >> shift);
  }
  /// The middle of a bucket.
  [[nodiscard]] static constexpr double valueOf(std::size_t bucket) noexcept {
    if (bucket < (2ULL << kSubBits)) return static_cast<double>(bucket);
    const auto shift = static_cast<unsigned>((bucket >> kSubBits) - 1);
    const std::uint64_t low = (bucket - (static_cast<std::uint64_t>(shift) << kSubBits)) << shift;
    return static_cast<double>(low) + static_cast<double>((1ULL << shift) - 1) / 2;
  }

 private:
  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t min_ = UINT64_MAX;
  std::uint64_t max_ = 0;
};

}  // namespace doorbell::driver
