#include "emulator/write_cache.h"

#include <cstring>

#include "emulator/mix.h"

namespace doorbell::emulator {

namespace {

/// One cached granule in four had reached the medium before the supply failed.
constexpr bool survives(std::uint64_t seed, std::uint64_t granule) {
  return mix(seed ^ mix(granule)) % 4 == 0;
}

}  // namespace

WriteCache::WriteCache(Media& media) : media_(media), state_(std::make_unique<State>()) {
  for (Log& log : state_->logs) {
    log.entries = MappedRegion::anonymous(kEntries * sizeof(Entry));
    log.images = MappedRegion::anonymous(kEntries * Media::kGranule);
    log.metadata = MappedRegion::anonymous(kEntries * Media::kMetadata);
  }
}

/// The shard's oldest entry, written back to make room. It locks a granule while it holds another:
/// where that is taken, the next oldest has to go.
std::uint32_t WriteCache::freeEntry(std::uint64_t granule, unsigned shard) noexcept {
  Log& log = state_->logs[shard];
  GranuleWords& words = media_.words();
  for (;;) {
    const std::uint32_t entry = shard * kEntries + log.next + 1;
    log.next = (log.next + 1) % kEntries;
    const Entry& old = at(entry);
    if (old.epoch == 0) return entry;
    if (old.granule == granule) return entry;
    if (!words.tryLock(old.granule)) continue;
    if (words.cacheEntry(old.granule) == entry) words.setCacheEntry(old.granule, 0);
    words.unlock(old.granule);
    return entry;
  }
}

void WriteCache::add(std::uint64_t granule, unsigned shard, bool wholly) noexcept {
  if (bypassed_) return;
  const std::uint32_t entry = freeEntry(granule, shard);
  Entry& kept = at(entry);
  const std::uint64_t page = kept.epoch == 0 ? media_.sparePage(entry - 1) : kept.page;
  kept = {granule,
          state_->epoch.load(std::memory_order_acquire),
          media_.marks(granule),
          media_.written(granule),
          media_.holes(granule),
          page};
  keep(entry, wholly);
  media_.words().setCacheEntry(granule, entry);
}

/// The medium's content becomes the image.
void WriteCache::keep(std::uint32_t entry, bool wholly) noexcept {
  Entry& kept = at(entry);
  if (media_.remaps()) {
    media_.exchange(kept.granule, kept.page);
    if (kept.written && !wholly) {
      std::memcpy(media_.write(kept.granule, true), image(entry), Media::kGranule);
    }
  } else if (kept.written) {
    std::memcpy(image(entry), media_.read(kept.granule), Media::kGranule);
  }
  if (kept.written && media_.hasMetadata())
    std::memcpy(metadataImage(entry), media_.readMetadata(kept.granule), Media::kMetadata);
}

void WriteCache::update(std::uint32_t entry, const Piece& piece, std::uint32_t lbaShift) noexcept {
  Entry& kept = at(entry);
  if (!kept.written) {
    std::memset(image(entry), 0, Media::kGranule);
    std::memcpy(metadataImage(entry), media_.unwrittenMetadata().data(), Media::kMetadata);
  }
  kept.written = true;
  std::memcpy(image(entry) + piece.offset, media_.read(piece.granule) + piece.offset, piece.bytes);
  if (media_.hasMetadata()) updateMetadata(entry, piece, lbaShift);
  const std::uint8_t mask = piece.marks(lbaShift);
  kept.marks =
      static_cast<std::uint8_t>((kept.marks & ~mask) | (media_.marks(piece.granule) & mask));
  kept.holes =
      static_cast<std::uint8_t>((kept.holes & ~mask) | (media_.holes(piece.granule) & mask));
}

void WriteCache::updateMetadata(std::uint32_t entry, const Piece& piece,
                                std::uint32_t lbaShift) noexcept {
  const std::size_t perBlock = media_.metadataBytes();
  const std::size_t first = (piece.offset >> lbaShift) * perBlock;
  std::memcpy(metadataImage(entry) + first, media_.readMetadata(piece.granule) + first,
              (piece.bytes >> lbaShift) * perBlock);
}

void WriteCache::flush(std::uint64_t first, std::uint64_t count) noexcept {
  GranuleWords& words = media_.words();
  for (std::uint64_t g = first; g < first + count; ++g) {
    if (words.cacheEntry(g) == 0) continue;
    const GranuleLock lock(words, g);
    words.setCacheEntry(g, 0);
  }
}

void WriteCache::restore(std::uint32_t entry) noexcept {
  Entry& old = at(entry);
  if (old.written) {
    std::byte* data = media_.write(old.granule, true);
    if (media_.remaps()) {
      media_.exchange(old.granule, old.page);
    } else {
      std::memcpy(data, image(entry), Media::kGranule);
    }
    media_.setHoles(old.granule, old.holes);
    if (media_.hasMetadata())
      std::memcpy(media_.writeMetadata(old.granule), metadataImage(entry), Media::kMetadata);
  } else {
    media_.clear(old.granule, 1);
  }
  media_.setMarks(old.granule, old.marks);
}

void WriteCache::losePower(std::uint64_t seed) noexcept {
  GranuleWords& words = media_.words();
  for (unsigned shard = 0; shard < kMaxShards; ++shard) {
    bool newest = true;
    for (std::uint32_t age = 0; age < kEntries; ++age) {
      const std::uint32_t slot = (state_->logs[shard].next + kEntries - 1 - age) % kEntries;
      const std::uint32_t entry = shard * kEntries + slot + 1;
      const Entry& kept = at(entry);
      if (kept.epoch == 0 || !live(entry) || words.cacheEntry(kept.granule) != entry) continue;
      if (newest || !survives(seed, kept.granule)) restore(entry);
      newest = false;
      words.setCacheEntry(kept.granule, 0);
    }
  }
  flushAll();
}

}  // namespace doorbell::emulator
