#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "emulator/mapped_region.h"
#include "emulator/media.h"
#include "emulator/piece.h"

namespace doorbell::emulator {

/// The volatile write cache, kept as an undo log: the medium already holds what the host wrote, and
/// the log holds what the medium would still hold without the cache. Flushing forgets the log;
/// losing power puts its content back. Bounded: the oldest entry becomes durable when room is
/// needed.
class WriteCache {
 public:
  static constexpr std::uint32_t kEntries = 1024;  ///< granules: a cache of 4 MiB

  explicit WriteCache(Media& media);

  /// Before a granule changes in the cache only.
  void remember(std::uint64_t granule) noexcept {
    if (entryOf()[granule] == 0) add(granule);
  }
  /// What the medium has of this piece is durable, although the cache may hold the rest of its
  /// granule.
  void commit(const Piece& piece, std::uint32_t lbaShift) noexcept {
    if (used_ != 0 && entryOf()[piece.granule] != 0) update(piece, lbaShift);
  }
  /// Everything the cache holds of these granules is durable.
  void flush(std::uint64_t first, std::uint64_t count) noexcept;
  void flushAll() noexcept;

  /// Loses most of what is cached, the newest granule always; `seed` picks which of the others.
  void losePower(std::uint64_t seed) noexcept;

  [[nodiscard]] std::uint32_t used() const noexcept { return used_; }

 private:
  struct Entry {
    std::uint64_t granule = 0;
    bool live = false;
    bool written = false;  ///< the medium had content; it is in the image
    std::uint8_t marks = 0;
  };

  [[nodiscard]] std::uint32_t* entryOf() const noexcept {  ///< entry + 1 by granule, 0 = durable
    return reinterpret_cast<std::uint32_t*>(index_.data());
  }
  [[nodiscard]] std::byte* image(std::uint32_t entry) const noexcept {
    return images_.data() + std::size_t{entry} * Media::kGranule;
  }
  [[nodiscard]] std::byte* metadataImage(std::uint32_t entry) const noexcept {
    return metadata_.data() + std::size_t{entry} * Media::kMetadata;
  }
  void add(std::uint64_t granule) noexcept;
  void update(const Piece& piece, std::uint32_t lbaShift) noexcept;
  void updateMetadata(std::uint32_t slot, const Piece& piece, std::uint32_t lbaShift) noexcept;
  void drop(std::uint32_t entry) noexcept;
  void restore(std::uint32_t entry) noexcept;

  Media& media_;
  MappedRegion index_;
  MappedRegion images_;
  MappedRegion metadata_;
  std::vector<Entry> entries_;
  std::uint32_t next_ = 0;
  std::uint32_t used_ = 0;
};

}  // namespace doorbell::emulator
