// Commands that change blocks without the host sending their content.
#include <algorithm>
#include <array>

#include "emulator/commands.h"
#include "emulator/nvm/block_store.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

constexpr std::uint32_t kAttributeDeallocate = 1U << 2U;
constexpr std::size_t kMaxRanges = 256;

/// Dataset Management Range.
struct DsmRange {
  std::uint32_t attributes;
  std::uint32_t blocks;
  std::uint64_t slba;
};
static_assert(sizeof(DsmRange) == 16);

/// The blocks of a piece as never written.
void zeroPiece(Namespace& ns, const Piece& piece) noexcept {
  Media& media = ns.media();
  if (!media.written(piece.granule)) return;
  std::fill_n(media.write(piece.granule, false) + piece.offset, piece.bytes, std::byte{0});
  if (ns.metadataBytes() == 0) return;
  const MetadataPart part = metadataPart(ns, piece);
  std::copy_n(media.unwrittenMetadata().data() + part.offset, part.bytes,
              media.writeMetadata(piece.granule) + part.offset);
}

/// Zeroes, durably, what a range has of the granules it does not cover.
void deallocatePieces(Namespace& ns, const BlockRange& range) noexcept {
  forEachPiece(ns, range, [&](const Piece& piece) {
    zeroPiece(ns, piece);
    clearMarks(ns, piece);
    ns.cache().commit(piece, range.shift);
    return true;
  });
}

/// Deallocated blocks are gone at once, whatever the cache holds of them.
void deallocate(Namespace& ns, const BlockRange& range) noexcept {
  Media& media = ns.media();
  const std::uint64_t perGranule = Media::kGranule >> range.shift;
  const std::uint64_t end = range.slba + range.blocks;
  const std::uint64_t first = (range.slba + perGranule - 1) / perGranule;
  const std::uint64_t last = end / perGranule;
  if (first >= last || media.anyMarked()) deallocatePieces(ns, range);
  if (first >= last) return;
  const auto part = [&](std::uint64_t from, std::uint64_t to) {
    deallocatePieces(ns, {from, static_cast<std::uint32_t>(to - from), range.shift});
  };
  part(range.slba, first * perGranule);
  part(last * perGranule, end);
  media.clear(first, last - first);
}

}  // namespace

Outcome writeZeroes(Command& command) noexcept {
  Namespace& ns = *command.ns;
  if (ns.metadataBytes() != 0) return writeZeroesFormatted(command);
  const BlockRange range = rangeOf(command);
  if (const auto bad = checkRange(ns, range); !bad.status.ok()) return bad;
  rewriteBlocks(command, range, isDurable(command),
                [&](const Piece& piece) { zeroPiece(ns, piece); });
  return done();
}

Outcome writeUncorrectable(Command& command) noexcept {
  Namespace& ns = *command.ns;
  const BlockRange range = rangeOf(command);
  if (const auto bad = checkRange(ns, range); !bad.status.ok()) return bad;
  Media& media = ns.media();
  changeBlocks(command, range, true, [&](const Piece& piece) {
    media.setMarks(piece.granule, static_cast<std::uint8_t>(media.marks(piece.granule) |
                                                            piece.marks(range.shift)));
  });
  return done();
}

Outcome datasetManagement(Command& command) noexcept {
  Namespace& ns = *command.ns;
  const std::size_t count = (command.sqe.cdw10 & 0xffU) + 1;
  std::array<DsmRange, kMaxRanges> ranges;
  if (const auto bad = command.resolve(count * sizeof(DsmRange)); !bad.status.ok()) return bad;
  command.buffer().read(reinterpret_cast<std::byte*>(ranges.data()), count * sizeof(DsmRange));
  const std::uint32_t shift = ns.lbaShift();
  for (std::size_t i = 0; i < count; ++i) {
    const BlockRange range{ranges[i].slba, ranges[i].blocks, shift};
    if (const auto bad = checkRange(ns, range); !bad.status.ok()) return bad;
  }
  if ((command.sqe.cdw11 & kAttributeDeallocate) == 0)
    return done();  // the other attributes are hints
  for (std::size_t i = 0; i < count; ++i) {
    deallocate(ns, {ranges[i].slba, ranges[i].blocks, shift});
  }
  return done();
}

}  // namespace doorbell::emulator
