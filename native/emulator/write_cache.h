#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "emulator/limits.h"
#include "emulator/mapped_region.h"
#include "emulator/media.h"
#include "emulator/piece.h"

namespace doorbell::emulator {

/// The volatile write cache of a namespace, kept as an undo log: the medium already holds what the
/// host wrote, and the log holds what the medium would still hold without the cache. Flushing
/// forgets the log; losing power puts its content back. Every shard logs what it is the first to
/// change. Bounded: a shard's oldest entry becomes durable when it needs room. In memory nothing is
/// copied for it: a granule is written into a page of the log, which gets the old one for it.
class WriteCache {
 public:
  static constexpr std::uint32_t kEntries = Media::kSparesPerShard;  ///< granules a shard: 4 MiB

  explicit WriteCache(Media& media);

  /// Where nothing needs to be undone (zones are written once): everything is durable at once.
  void bypass() noexcept { bypassed_ = true; }
  // With the granule locked.
  /// Before a granule changes in the cache only: `wholly`, or in part.
  void remember(std::uint64_t granule, unsigned shard = 0, bool wholly = false) noexcept {
    const std::uint32_t entry = media_.words().cacheEntry(granule);
    if (entry == 0 || !live(entry)) add(granule, shard, wholly);
  }
  /// What the medium has of this piece is durable, although the cache may hold the rest of its
  /// granule.
  void commit(const Piece& piece, std::uint32_t lbaShift) noexcept {
    const std::uint32_t entry = media_.words().cacheEntry(piece.granule);
    if (entry != 0 && live(entry)) update(entry, piece, lbaShift);
  }

  /// The page the shard's next granule goes to, in a medium that remaps.
  [[nodiscard]] std::uint64_t nextPage(unsigned shard) const noexcept {
    const std::uint32_t entry = shard * kEntries + state_->logs[shard].next + 1;
    return at(entry).epoch == 0 ? media_.sparePage(entry - 1) : at(entry).page;
  }

  // Without locks.
  /// Everything the cache holds of these granules is durable.
  void flush(std::uint64_t first, std::uint64_t count) noexcept;
  void flushAll() noexcept { state_->epoch.fetch_add(1, std::memory_order_acq_rel); }

  /// Loses most of what is cached, of each shard the newest granule always; `seed` picks which of
  /// the others. While no command is processed.
  void losePower(std::uint64_t seed) noexcept;

 private:
  struct Entry {
    std::uint64_t granule;
    std::uint64_t epoch;  ///< 0: never used
    std::uint8_t marks;
    bool written;  ///< the medium had content; it is in the image
    std::uint8_t holes;
    std::uint64_t page;  ///< of the image, in a medium that remaps
  };
  /// Written by its shard only, but for entries under their granule's lock.
  struct alignas(64) Log {
    MappedRegion entries;
    MappedRegion images;
    MappedRegion metadata;
    std::uint32_t next = 0;
  };
  struct State {
    std::atomic<std::uint64_t> epoch{1};  ///< entries of earlier ones were flushed
    std::array<Log, kMaxShards> logs;
  };

  [[nodiscard]] Log& logOf(std::uint32_t entry) const noexcept {
    return state_->logs[(entry - 1) / kEntries];
  }
  [[nodiscard]] Entry& at(std::uint32_t entry) const noexcept {
    return reinterpret_cast<Entry*>(logOf(entry).entries.data())[(entry - 1) % kEntries];
  }
  [[nodiscard]] std::byte* image(std::uint32_t entry) const noexcept {
    if (media_.remaps()) return media_.page(at(entry).page);
    return logOf(entry).images.data() + std::size_t{(entry - 1) % kEntries} * Media::kGranule;
  }
  [[nodiscard]] std::byte* metadataImage(std::uint32_t entry) const noexcept {
    return logOf(entry).metadata.data() + std::size_t{(entry - 1) % kEntries} * Media::kMetadata;
  }
  [[nodiscard]] bool live(std::uint32_t entry) const noexcept {
    return at(entry).epoch == state_->epoch.load(std::memory_order_acquire);
  }
  void add(std::uint64_t granule, unsigned shard, bool wholly) noexcept;
  void keep(std::uint32_t entry, bool wholly) noexcept;
  std::uint32_t freeEntry(std::uint64_t granule, unsigned shard) noexcept;
  void update(std::uint32_t entry, const Piece& piece, std::uint32_t lbaShift) noexcept;
  void updateMetadata(std::uint32_t entry, const Piece& piece, std::uint32_t lbaShift) noexcept;
  void restore(std::uint32_t entry) noexcept;

  Media& media_;
  std::unique_ptr<State> state_;
  bool bypassed_ = false;
};

}  // namespace doorbell::emulator
