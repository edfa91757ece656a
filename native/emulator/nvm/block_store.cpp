#include "emulator/nvm/block_store.h"

#include <bit>
#include <cstring>

namespace doorbell::emulator {

namespace status = spec::status;

Outcome checkReadable(Command& command, const BlockRange& range) noexcept {
  const Media& media = command.ns->media();
  const bool wantsAllocated = command.state.features.deallocatedError(command.ns->nsid());
  if (!media.anyMarked() && !wantsAllocated) return done();
  Outcome outcome = done();
  forEachPiece(*command.ns, range, [&](const Piece& piece) {
    const auto at = [&](unsigned blocks) {
      const auto first = static_cast<std::uint64_t>(std::countr_zero(blocks));
      return ((piece.granule * Media::kGranule) >> range.shift) + first;
    };
    const std::uint8_t mask = piece.marks(range.shift);
    if (const unsigned bad = media.marks(piece.granule) & mask; bad != 0) {
      command.shard.counters.mediaErrors.add();
      outcome = failedAt(status::kUnrecoveredReadError, at(bad));
    } else if (const unsigned gone = media.holes(piece.granule) & mask;
               wantsAllocated && gone != 0) {
      outcome = refused(status::kDeallocatedBlock);
      outcome.lba = at(gone);
    }
    return outcome.status.ok();
  });
  return outcome;
}

FormattedBlocks scratchBlocks(const Command& command, std::uint32_t count) noexcept {
  return {command.shard.scratchData(), command.shard.scratchMetadata(), count,
          command.ns->lbaBytes()};
}

void loadBlocks(Command& command, const BlockRange& range, const FormattedBlocks& to) noexcept {
  const Namespace& ns = *command.ns;
  std::byte* data = to.data;
  std::byte* metadata = to.metadata;
  forEachPiece(*command.ns, range, [&](const Piece& piece) {
    std::memcpy(data, ns.media().read(piece.granule) + piece.offset, piece.bytes);
    data += piece.bytes;
    if (ns.metadataBytes() == 0) return true;
    const MetadataPart part = metadataPart(ns, piece);
    std::memcpy(metadata, ns.media().readMetadata(piece.granule) + part.offset, part.bytes);
    metadata += part.bytes;
    return true;
  });
}

Outcome storeBlocks(Command& command, const BlockRange& range,
                    const FormattedBlocks& from) noexcept {
  Namespace& ns = *command.ns;
  Media& media = ns.media();
  if (!media.reserve(range.firstGranule(), range.granules())) {
    return failedAt(status::kWriteFault, range.slba);
  }
  const std::byte* data = from.data;
  const std::byte* metadata = from.metadata;
  rewriteBlocks(command, range, isDurable(command), [&](const Piece& piece) {
    std::memcpy(media.write(piece.granule, piece.whole()) + piece.offset, data, piece.bytes);
    data += piece.bytes;
    if (ns.metadataBytes() == 0) return;
    const MetadataPart part = metadataPart(ns, piece);
    std::memcpy(media.writeMetadata(piece.granule) + part.offset, metadata, part.bytes);
    metadata += part.bytes;
  });
  return done();
}

}  // namespace doorbell::emulator
