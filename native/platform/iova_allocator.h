#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

namespace doorbell::platform {

/// Hands out bus addresses of one IOMMU domain: low ones, as some IOMMUs have few address bits, and
/// no address again soon, so that a stale one fails instead of finding another buffer. Thread safe.
class IovaAllocator {
 public:
  struct Range {
    std::uint64_t first;
    std::uint64_t last;  ///< inclusive
  };
  /// Every address the domain can map, when nobody says otherwise: 39 bits, as the smallest IOMMUs.
  static std::vector<Range> everywhere() { return {{0, (std::uint64_t{1} << 39U) - 1}}; }

  explicit IovaAllocator(std::vector<Range> ranges);
  /// Aligned to the largest memory page of any controller; nothing follows at once.
  /// Throws Error{"DMA_MAP_FAILED"}.
  std::uint64_t take(std::uint64_t bytes);
  void give(std::uint64_t address) noexcept;

 private:
  /// Between two mappings, and the alignment: 64 KiB is the largest page queues are made for.
  static constexpr std::uint64_t kUnit = 0x10000;
  static constexpr std::uint64_t kFirst = 0x100000;
  static constexpr std::uint64_t kPreferred = std::uint64_t{1} << 32U;

  [[nodiscard]] std::uint64_t find(std::uint64_t from, std::uint64_t to, std::uint64_t bytes) const;

  std::mutex mutex_;
  const std::vector<Range> ranges_;
  std::map<std::uint64_t, std::uint64_t> taken_;  ///< address -> bytes, rounded to units
  std::uint64_t next_ = kFirst;
};

}  // namespace doorbell::platform
