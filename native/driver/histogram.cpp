#include "driver/histogram.h"

#include <cmath>

namespace doorbell::driver {

void Histogram::merge(const Histogram& other) noexcept {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

double Histogram::percentile(double percent) const noexcept {
  if (count_ == 0) return 0;
  // 99.9 % of 1000 is 999, not the 999.0000000000001 of binary fractions.
  const double wanted = std::ceil(percent / 100 * static_cast<double>(count_) * (1 - 1e-12));
  const auto rank =
      static_cast<std::uint64_t>(std::clamp(wanted, 1.0, static_cast<double>(count_)));
  if (rank >= count_) return static_cast<double>(max_);
  std::uint64_t seen = 0;
  std::size_t bucket = 0;
  while ((seen += buckets_[bucket]) < rank) ++bucket;
  return std::clamp(valueOf(bucket), static_cast<double>(min_), static_cast<double>(max_));
}

}  // namespace doorbell::driver
