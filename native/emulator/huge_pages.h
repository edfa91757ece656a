#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "emulator/mapped_region.h"

namespace doorbell::emulator {

/// Makes huge pages of memory that was written all over: random I/O spends a good part of its time
/// on finding pages. Memory that is not full stays as it is, so that what was never written takes
/// no room.
class HugePages {
 public:
  /// Of a medium in memory; 0 granules of 4 KiB: none are made.
  explicit HugePages(std::uint64_t granules);

  /// A granule that held nothing is written. With the granule locked, as for all of these.
  void written(std::uint64_t granule) noexcept {
    if (granule >= granules_) return;
    if (count(granule).fetch_add(1, std::memory_order_relaxed) + 1 == kFull) due_->fetch_add(1);
  }
  void forgotten(std::uint64_t granule) noexcept {
    if (granule >= granules_) return;
    // What was merged falls apart, and is merged again once it is full again.
    const std::uint32_t before = count(granule).fetch_sub(1, std::memory_order_relaxed);
    if (before == kFull) due_->fetch_sub(1);
    if (before == (kFull | kMerged)) count(granule).fetch_and(kMerged - 1);
  }
  /// Merges the pages of one part of the memory; true when one was due. Whoever asks is the only
  /// one.
  bool mergeNext(std::byte* data) noexcept;

 private:
  static constexpr std::uint64_t kBytes = std::uint64_t{2} << 20U;
  static constexpr std::uint32_t kFull = kBytes / 4096;
  static constexpr std::uint32_t kMerged = 1U << 31U;

  [[nodiscard]] std::atomic_ref<std::uint32_t> count(std::uint64_t granule) const noexcept {
    return std::atomic_ref(reinterpret_cast<std::uint32_t*>(counts_.data())[granule / kFull]);
  }

  std::uint64_t granules_;  ///< in whole parts
  MappedRegion counts_;     ///< of written granules, and whether they were merged, by part
  std::unique_ptr<std::atomic<std::uint32_t>> due_;  ///< parts that are full but not merged
  std::uint64_t next_ = 0;                           ///< granule to look at next
};

}  // namespace doorbell::emulator
