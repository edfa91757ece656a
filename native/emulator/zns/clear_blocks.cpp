#include "emulator/zns/clear_blocks.h"

#include <algorithm>

#include "emulator/piece.h"

namespace doorbell::emulator {

namespace {

void clearPart(Namespace& ns, const Piece& piece) noexcept {
  Media& media = ns.media();
  const std::uint32_t shift = ns.lbaShift();
  const GranuleLock lock(media.words(), piece.granule);
  if (media.written(piece.granule)) {
    std::fill_n(media.write(piece.granule, false) + piece.offset, piece.bytes, std::byte{0});
    const std::size_t perBlock = ns.metadataBytes();
    const std::size_t from = (piece.offset >> shift) * perBlock;
    std::copy_n(media.unwrittenMetadata().data() + from, (piece.bytes >> shift) * perBlock,
                media.writeMetadata(piece.granule) + from);
  }
  media.setMarks(piece.granule,
                 static_cast<std::uint8_t>(media.marks(piece.granule) & ~piece.marks(shift)));
}

}  // namespace

void clearBlocks(Namespace& ns, std::uint64_t slba, std::uint64_t blocks) noexcept {
  constexpr std::uint64_t kGranule = Media::kGranule;
  std::uint64_t at = slba << ns.lbaShift();
  const std::uint64_t end = at + (blocks << ns.lbaShift());
  while (at < end) {
    const std::uint64_t within = at % kGranule;
    const std::uint64_t whole = within == 0 ? (end - at) / kGranule : 0;
    if (whole == 0) {
      const std::uint64_t bytes = std::min(end - at, kGranule - within);
      clearPart(ns, {at / kGranule, within, bytes});
      at += bytes;
      continue;
    }
    ns.media().clear(at / kGranule, whole);
    for (std::uint64_t i = 0; ns.media().anyMarked() && i < whole; ++i) {
      const GranuleLock lock(ns.media().words(), at / kGranule + i);
      ns.media().setMarks(at / kGranule + i, 0);
    }
    at += whole * kGranule;
  }
}

}  // namespace doorbell::emulator
