#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "bench/samples.h"
#include "driver/random.h"

namespace doorbell::bench {

enum class Copy { FromRegion, ToRegion };

/// What the machine allows: copies of 4 KiB between random places of a region and 32 buffers that
/// stay in the cache, which is all that random I/O of that size at queue depth 32 has to do.
class CopyLimit {
 public:
  static constexpr std::size_t kBytes = 4096;

  CopyLimit(std::size_t regionBytes, bool hugePages) : bytes_(regionBytes) {
    constexpr std::size_t kHuge = std::size_t{2} << 20U;
    mapped_ = regionBytes + kHuge;
    map_ = ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map_ == MAP_FAILED) {
      std::perror("copy limit: mmap");
      std::exit(EXIT_FAILURE);
    }
    const auto at = reinterpret_cast<std::uintptr_t>(map_);
    region_ = reinterpret_cast<std::byte*>((at + kHuge - 1) / kHuge * kHuge);
    ::madvise(region_, bytes_, hugePages ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    std::memset(region_, 0x5a, bytes_);
    std::memset(buffers_, 0xa5, sizeof(buffers_));
  }
  ~CopyLimit() { ::munmap(map_, mapped_); }
  CopyLimit(const CopyLimit&) = delete;
  CopyLimit& operator=(const CopyLimit&) = delete;

  /// Copies a second, in one short round. `foreseen`: the next place is prefetched before each.
  [[nodiscard]] double rate(Copy direction, bool foreseen) {
    constexpr unsigned kCopies = 20'000;
    std::byte* next = place();
    const auto begin = Clock::now();
    for (unsigned i = 0; i < kCopies; ++i) {
      std::byte* here = next;
      next = place();
      if (foreseen) {
        for (std::size_t line = 0; line < kBytes; line += 64) __builtin_prefetch(next + line);
      }
      std::byte* buffer = buffers_[i % kBuffers];
      if (direction == Copy::FromRegion) {
        std::memcpy(buffer, here, kBytes);
      } else {
        std::memcpy(here, buffer, kBytes);
      }
    }
    return kCopies / nsSince(begin) * 1e9;
  }

 private:
  static constexpr unsigned kBuffers = 32;

  [[nodiscard]] std::byte* place() { return region_ + random_.below(bytes_ / kBytes) * kBytes; }

  std::size_t bytes_;
  std::size_t mapped_;
  void* map_;
  std::byte* region_;
  driver::Random random_{1};
  alignas(4096) std::byte buffers_[kBuffers][kBytes];
};

}  // namespace doorbell::bench
