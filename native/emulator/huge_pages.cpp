#include "emulator/huge_pages.h"

#include <sys/mman.h>

namespace doorbell::emulator {

namespace {

constexpr int kCollapse = 25;  ///< MADV_COLLAPSE, since Linux 6.1: older headers lack it
constexpr unsigned kLooks = 4096;

}  // namespace

HugePages::HugePages(std::uint64_t granules)
    : granules_(granules / kFull * kFull), due_(std::make_unique<std::atomic<std::uint32_t>>(0)) {
  if (granules_ != 0) {
    counts_ = MappedRegion::anonymous(granules_ / kFull * sizeof(std::uint32_t));
  }
}

bool HugePages::mergeNext(std::byte* data) noexcept {
  if (due_->load(std::memory_order_relaxed) == 0) return false;
  for (unsigned look = 0; look < kLooks; ++look) {
    const std::uint64_t part = next_;
    next_ = part + kFull == granules_ ? 0 : part + kFull;
    std::uint32_t full = kFull;
    if (!count(part).compare_exchange_strong(full, kFull | kMerged)) continue;
    due_->fetch_sub(1);
    // Where the kernel has none to give, or never does, small pages do too.
    ::madvise(data + part * 4096, kBytes, kCollapse);
    break;
  }
  return true;
}

}  // namespace doorbell::emulator
