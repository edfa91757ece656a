#include "emulator/write_cache.h"

#include <cstring>

namespace doorbell::emulator {

namespace {

/// splitmix64: spreads a seed and a granule over all bits.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111eb;
  return x ^ (x >> 31U);
}

/// One cached granule in four had reached the medium before the supply failed.
constexpr bool survives(std::uint64_t seed, std::uint64_t granule) {
  return mix(seed ^ mix(granule)) % 4 == 0;
}

}  // namespace

WriteCache::WriteCache(Media& media)
    : media_(media),
      index_(MappedRegion::anonymous(media.bytes() / Media::kGranule * sizeof(std::uint32_t))),
      images_(MappedRegion::anonymous(kEntries * Media::kGranule)),
      metadata_(MappedRegion::anonymous(kEntries * Media::kMetadata)),
      entries_(kEntries) {}

void WriteCache::add(std::uint64_t granule) noexcept {
  const std::uint32_t slot = next_;
  next_ = (next_ + 1) % kEntries;
  if (entries_[slot].live) drop(slot);  // written back to make room
  Entry& entry = entries_[slot];
  entry = {granule, true, media_.written(granule), media_.marks(granule)};
  if (entry.written) {
    std::memcpy(image(slot), media_.read(granule), Media::kGranule);
    if (media_.hasMetadata())
      std::memcpy(metadataImage(slot), media_.readMetadata(granule), Media::kMetadata);
  }
  entryOf()[granule] = slot + 1;
  ++used_;
}

void WriteCache::update(const Piece& piece, std::uint32_t lbaShift) noexcept {
  const std::uint32_t slot = entryOf()[piece.granule] - 1;
  Entry& entry = entries_[slot];
  if (!entry.written) {
    std::memset(image(slot), 0, Media::kGranule);
    std::memset(metadataImage(slot), 0, Media::kMetadata);
  }
  entry.written = true;
  std::memcpy(image(slot) + piece.offset, media_.read(piece.granule) + piece.offset, piece.bytes);
  if (media_.hasMetadata()) updateMetadata(slot, piece, lbaShift);
  const std::uint8_t mask = piece.marks(lbaShift);
  entry.marks =
      static_cast<std::uint8_t>((entry.marks & ~mask) | (media_.marks(piece.granule) & mask));
}

void WriteCache::updateMetadata(std::uint32_t slot, const Piece& piece,
                                std::uint32_t lbaShift) noexcept {
  const std::size_t perBlock = media_.metadataBytes();
  const std::size_t first = (piece.offset >> lbaShift) * perBlock;
  std::memcpy(metadataImage(slot) + first, media_.readMetadata(piece.granule) + first,
              (piece.bytes >> lbaShift) * perBlock);
}

void WriteCache::drop(std::uint32_t entry) noexcept {
  entryOf()[entries_[entry].granule] = 0;
  entries_[entry].live = false;
  --used_;
}

void WriteCache::flush(std::uint64_t first, std::uint64_t count) noexcept {
  if (used_ == 0) return;
  if (count > kEntries) {
    for (std::uint32_t i = 0; i < kEntries; ++i) {
      const Entry& entry = entries_[i];
      if (entry.live && entry.granule >= first && entry.granule - first < count) drop(i);
    }
    return;
  }
  for (std::uint64_t g = first; g < first + count; ++g) {
    if (entryOf()[g] != 0) drop(entryOf()[g] - 1);
  }
}

void WriteCache::flushAll() noexcept {
  for (std::uint32_t i = 0; used_ != 0 && i < kEntries; ++i) {
    if (entries_[i].live) drop(i);
  }
}

void WriteCache::restore(std::uint32_t entry) noexcept {
  const Entry& old = entries_[entry];
  if (old.written) {
    std::memcpy(media_.write(old.granule, true), image(entry), Media::kGranule);
    if (media_.hasMetadata())
      std::memcpy(media_.writeMetadata(old.granule), metadataImage(entry), Media::kMetadata);
  } else {
    media_.clear(old.granule, 1);
  }
  media_.setMarks(old.granule, old.marks);
}

void WriteCache::losePower(std::uint64_t seed) noexcept {
  bool newest = true;
  for (std::uint32_t age = 0; age < kEntries; ++age) {
    const std::uint32_t entry = (next_ + kEntries - 1 - age) % kEntries;
    if (!entries_[entry].live) continue;
    if (newest || !survives(seed, entries_[entry].granule)) restore(entry);
    newest = false;
    drop(entry);
  }
}

}  // namespace doorbell::emulator
