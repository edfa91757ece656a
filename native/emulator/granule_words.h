#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "emulator/mapped_region.h"

namespace doorbell::emulator {

/// One word a granule: a lock, whether it was written, its entry in the write cache, and the page
/// of the medium it is in. Words appear in memory when their granules are touched.
///
/// With several device threads a granule is looked at and changed under its lock only; with one
/// the locks are nothing. Who holds one may try others but must not wait for them, unless it takes
/// them in ascending order.
class GranuleWords {
 public:
  explicit GranuleWords(std::uint64_t granules)
      : words_(MappedRegion::anonymous(granules * sizeof(std::uint64_t))),
        touched_(MappedRegion::anonymous((granules + kChunk - 1) / kChunk)) {}

  void setShared(bool shared) noexcept { shared_ = shared; }
  [[nodiscard]] bool shared() const noexcept { return shared_; }

  void lock(std::uint64_t granule) noexcept {
    if (shared_) lockShared(granule);
  }
  [[nodiscard]] bool tryLock(std::uint64_t granule) noexcept {
    if (!shared_) return true;
    std::uint64_t old = load(granule);
    return (old & kLocked) == 0 &&
           word(granule).compare_exchange_strong(old, old | kLocked, std::memory_order_acquire,
                                                 std::memory_order_relaxed);
  }
  void unlock(std::uint64_t granule) noexcept {
    if (shared_) word(granule).store(load(granule) & ~kLocked, std::memory_order_release);
  }

  [[nodiscard]] bool written(std::uint64_t granule) const noexcept {
    return (load(granule) & kWritten) != 0;
  }
  void setWritten(std::uint64_t granule) noexcept {
    store(granule, load(granule) | kWritten);
    auto flag = std::atomic_ref(chunkFlag(granule / kChunk));
    if (flag.load(std::memory_order_relaxed) == 0) flag.store(1, std::memory_order_relaxed);
  }

  /// Blocks of a written granule that were never written themselves, or deallocated: one bit each.
  [[nodiscard]] std::uint8_t holes(std::uint64_t granule) const noexcept {
    return static_cast<std::uint8_t>((load(granule) & kHoles) >> kHolesShift);
  }
  void setHoles(std::uint64_t granule, std::uint8_t holes) noexcept {
    store(granule, (load(granule) & ~kHoles) | (std::uint64_t{holes} << kHolesShift));
  }

  /// The entry in the write cache, from 1; 0: none.
  [[nodiscard]] std::uint32_t cacheEntry(std::uint64_t granule) const noexcept {
    return static_cast<std::uint32_t>(load(granule) & kEntry);
  }
  void setCacheEntry(std::uint64_t granule, std::uint32_t entry) noexcept {
    store(granule, (load(granule) & ~kEntry) | entry);
  }
  /// Where the content is: the page of the same number, until setPage().
  [[nodiscard]] std::uint64_t page(std::uint64_t granule) const noexcept {
    return (load(granule) >> kPageShift) ^ granule;
  }
  void setPage(std::uint64_t granule, std::uint64_t page) noexcept {
    store(granule, (load(granule) & (kPage - 1)) | ((page ^ granule) << kPageShift));
  }
  /// Neither written nor cached.
  void forget(std::uint64_t granule) noexcept {
    store(granule, load(granule) & (kLocked | ~(kPage - 1)));
  }
  /// The word itself, which is going to be looked at.
  void prefetch(std::uint64_t granule) const noexcept {
    __builtin_prefetch(words_.data() + granule * sizeof(std::uint64_t));
  }

  /// Calls `visit(first, end)` for the parts of [first, end) that may hold something, at most
  /// kChunk granules each.
  template <class Visit>
  void forEachTouched(std::uint64_t first, std::uint64_t end, Visit visit) const {
    while (first < end) {
      const std::uint64_t chunk = first / kChunk;
      const std::uint64_t next = std::min(end, (chunk + 1) * kChunk);
      if (std::atomic_ref(chunkFlag(chunk)).load(std::memory_order_relaxed) != 0) {
        visit(first, next);
      }
      first = next;
    }
  }

 private:
  static constexpr std::uint64_t kEntry = (1U << 16U) - 1;
  static constexpr unsigned kHolesShift = 16;
  static constexpr std::uint64_t kHoles = 0xffU << kHolesShift;
  static constexpr std::uint64_t kWritten = 1U << 24U;
  static constexpr std::uint64_t kLocked = 1U << 25U;
  static constexpr unsigned kPageShift = 26;
  static constexpr std::uint64_t kPage = std::uint64_t{1} << kPageShift;  ///< and all bits above
  static constexpr std::uint64_t kChunk = 512;  ///< granules that share a flag

  [[nodiscard]] std::atomic_ref<std::uint64_t> word(std::uint64_t granule) const noexcept {
    return std::atomic_ref(reinterpret_cast<std::uint64_t*>(words_.data())[granule]);
  }
  [[nodiscard]] std::uint8_t& chunkFlag(std::uint64_t chunk) const noexcept {
    return reinterpret_cast<std::uint8_t*>(touched_.data())[chunk];
  }
  [[nodiscard]] std::uint64_t load(std::uint64_t granule) const noexcept {
    return word(granule).load(std::memory_order_relaxed);
  }
  /// By the holder of the lock.
  void store(std::uint64_t granule, std::uint64_t value) noexcept {
    word(granule).store(value, std::memory_order_relaxed);
  }
  void lockShared(std::uint64_t granule) noexcept {
    while (!tryLock(granule)) __builtin_ia32_pause();
  }

  MappedRegion words_;
  MappedRegion touched_;
  bool shared_ = false;
};

/// Holds the lock of a granule.
class GranuleLock {
 public:
  GranuleLock(GranuleWords& words, std::uint64_t granule) noexcept
      : words_(words), granule_(granule) {
    words_.lock(granule_);
  }
  ~GranuleLock() { words_.unlock(granule_); }
  GranuleLock(const GranuleLock&) = delete;
  GranuleLock& operator=(const GranuleLock&) = delete;

 private:
  GranuleWords& words_;
  std::uint64_t granule_;
};

}  // namespace doorbell::emulator
