// Commands that change blocks without the host sending their content.
#include <algorithm>
#include <array>

#include "emulator/commands.h"
#include "emulator/nvm/block_store.h"
#include "emulator/nvm/limits.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

constexpr std::uint32_t kAttributeDeallocate = 1U << 2U;

/// Dataset Management Range.
struct DsmRange {
  std::uint32_t attributes;
  std::uint32_t blocks;
  std::uint64_t slba;
};
static_assert(sizeof(DsmRange) == 16);

/// Is a piece of zeros there, or is it deallocated?
enum class Zeros : std::uint8_t { Written, Deallocated };

void zeroPiece(Namespace& ns, const Piece& piece, Zeros zeros) noexcept {
  Media& media = ns.media();
  clearMarks(ns, piece);
  if (zeros == Zeros::Deallocated && !media.written(piece.granule)) return;
  std::fill_n(media.write(piece.granule, false) + piece.offset, piece.bytes, std::byte{0});
  const std::uint8_t mask = piece.marks(ns.lbaShift());
  const std::uint8_t holes = media.holes(piece.granule);
  media.setHoles(piece.granule, static_cast<std::uint8_t>(
                                    zeros == Zeros::Deallocated ? holes | mask : holes & ~mask));
  if (ns.metadataBytes() == 0) return;
  const MetadataPart part = metadataPart(ns, piece);
  std::copy_n(media.unwrittenMetadata().data() + part.offset, part.bytes,
              media.writeMetadata(piece.granule) + part.offset);
}

/// Zeroes, durably, what a range has of the granules it does not cover.
void deallocatePieces(Namespace& ns, const BlockRange& range) noexcept {
  forEachPiece(ns, range, [&](const Piece& piece) {
    zeroPiece(ns, piece, Zeros::Deallocated);
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
  const BlockRange range = rangeOf(command);
  if (const auto bad = checkRange(ns, range); !bad.status.ok()) return bad;
  if (nvm_limits::exceedsRangeSize(range)) return refused(status::kInvalidField, at::kCdw12);
  if (ns.metadataBytes() != 0) return writeZeroesFormatted(command);
  // Zeros of granules never written take no memory unless the host wants to tell them apart.
  constexpr std::uint32_t kDeallocate = 1U << 25U;  // DEAC
  const bool apart = command.state.features.deallocatedError(ns.nsid());
  const Zeros zeros =
      apart && (command.sqe.cdw12 & kDeallocate) == 0 ? Zeros::Written : Zeros::Deallocated;
  if (zeros == Zeros::Written && !ns.media().reserve(range.firstGranule(), range.granules())) {
    return failedAt(status::kWriteFault, range.slba);
  }
  changeBlocks(command, range, isDurable(command),
               [&](const Piece& piece) { zeroPiece(ns, piece, zeros); });
  return done();
}

Outcome writeUncorrectable(Command& command) noexcept {
  Namespace& ns = *command.ns;
  const BlockRange range = rangeOf(command);
  if (const auto bad = checkRange(ns, range); !bad.status.ok()) return bad;
  if (nvm_limits::exceedsRangeSize(range)) return refused(status::kInvalidField, at::kCdw12);
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
  if (count > nvm_limits::kDsmRanges) {
    return refused(status::kCommandSizeLimitExceeded, at::kCdw10);
  }
  std::array<DsmRange, nvm_limits::kDsmRanges> ranges;
  if (const auto bad = command.resolve(count * sizeof(DsmRange)); !bad.status.ok()) return bad;
  command.buffer().read(reinterpret_cast<std::byte*>(ranges.data()), count * sizeof(DsmRange));
  const std::uint32_t shift = ns.lbaShift();
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    total += ranges[i].blocks;
    if (ranges[i].blocks > nvm_limits::kDsmRangeBlocks || total > nvm_limits::kDsmBlocks) {
      return refused(status::kCommandSizeLimitExceeded, at::kPrp1);
    }
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
