#include "platform/iova_allocator.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "platform/error.h"

namespace doorbell::platform {

IovaAllocator::IovaAllocator(std::vector<Range> ranges) : ranges_(std::move(ranges)) {}

/// The lowest fitting address in [from, to); 0 when there is none.
std::uint64_t IovaAllocator::find(std::uint64_t from, std::uint64_t to, std::uint64_t bytes) const {
  const auto aligned = [](std::uint64_t value) { return (value + kUnit - 1) / kUnit * kUnit; };
  for (const Range& range : ranges_) {
    std::uint64_t candidate = aligned(std::max(from, range.first));
    auto taken = taken_.upper_bound(candidate);
    if (taken != taken_.begin()) --taken;
    for (; taken != taken_.end() && taken->first < candidate + bytes + kUnit; ++taken) {
      const std::uint64_t end = taken->first + taken->second + kUnit;
      if (end > candidate) candidate = aligned(end);
    }
    const std::uint64_t last = std::min(range.last, to - 1);
    if (candidate <= last && bytes - 1 <= last - candidate) return candidate;
  }
  return 0;
}

std::uint64_t IovaAllocator::take(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  std::uint64_t address = 0;
  if (bytes <= UINT64_MAX / 2) {
    address = find(next_, kPreferred, bytes);
    if (address == 0) address = find(kFirst, kPreferred, bytes);
    if (address == 0) address = find(kFirst, UINT64_MAX / 2, bytes);
  }
  if (address == 0) {
    throw Error("DMA_MAP_FAILED", "no " + std::to_string(bytes) +
                                      " contiguous bytes of bus addresses are left; free buffers "
                                      "first");
  }
  taken_.emplace(address, bytes);
  next_ = address + bytes + kUnit;
  return address;
}

void IovaAllocator::give(std::uint64_t address) noexcept {
  const std::lock_guard lock(mutex_);
  taken_.erase(address);
}

}  // namespace doorbell::platform
