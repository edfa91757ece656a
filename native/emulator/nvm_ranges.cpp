// Commands that change blocks without the host sending their content.
#include <algorithm>
#include <array>

#include "emulator/block_range.h"
#include "emulator/commands.h"

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

void zeroPiece(ControllerState& state, const Piece& piece, std::uint32_t shift) noexcept {
  Media& media = state.subsystem.media();
  if (media.written(piece.granule)) {
    std::byte* data = media.write(piece.granule, false) + piece.offset;
    std::fill_n(data, piece.bytes, std::byte{0});
  }
  if (media.anyMarked()) {
    media.setMarks(piece.granule,
                   static_cast<std::uint8_t>(media.marks(piece.granule) & ~piece.marks(shift)));
  }
}

/// Zeroes, durably, what a range has of the granules it does not cover.
void deallocatePieces(ControllerState& state, const BlockRange& range) noexcept {
  forEachPiece(range, [&](const Piece& piece) {
    zeroPiece(state, piece, range.shift);
    state.subsystem.cache().commit(piece, range.shift);
    return true;
  });
}

/// Deallocated blocks are gone at once, whatever the cache holds of them.
void deallocate(ControllerState& state, const BlockRange& range) noexcept {
  Media& media = state.subsystem.media();
  const std::uint64_t perGranule = Media::kGranule >> range.shift;
  const std::uint64_t end = range.slba + range.blocks;
  const std::uint64_t first = (range.slba + perGranule - 1) / perGranule;
  const std::uint64_t last = end / perGranule;
  if (first >= last || media.anyMarked()) deallocatePieces(state, range);
  if (first >= last) return;
  const auto part = [&](std::uint64_t from, std::uint64_t to) {
    deallocatePieces(state, {from, static_cast<std::uint32_t>(to - from), range.shift});
  };
  part(range.slba, first * perGranule);
  part(last * perGranule, end);
  state.subsystem.cache().flush(first, last - first);
  media.clear(first, last - first);
}

}  // namespace

Outcome writeZeroes(ControllerState& state, const spec::Sqe& sqe) noexcept {
  const BlockRange range = rangeOf(state.subsystem, sqe);
  if (const auto bad = checkRange(state.subsystem, sqe, range); !bad.status.ok()) return bad;
  constexpr std::uint32_t kForceUnitAccess = 1U << 30U;
  const bool durable = (sqe.cdw12 & kForceUnitAccess) != 0 || !state.features.cacheEnabled();
  WriteCache& cache = state.subsystem.cache();
  forEachPiece(range, [&](const Piece& piece) {
    if (!durable) cache.remember(piece.granule);
    zeroPiece(state, piece, range.shift);
    if (durable) cache.commit(piece, range.shift);
    return true;
  });
  return done();
}

Outcome writeUncorrectable(ControllerState& state, const spec::Sqe& sqe) noexcept {
  const BlockRange range = rangeOf(state.subsystem, sqe);
  if (const auto bad = checkRange(state.subsystem, sqe, range); !bad.status.ok()) return bad;
  Media& media = state.subsystem.media();
  forEachPiece(range, [&](const Piece& piece) {
    media.setMarks(piece.granule, static_cast<std::uint8_t>(media.marks(piece.granule) |
                                                            piece.marks(range.shift)));
    state.subsystem.cache().commit(piece, range.shift);
    return true;
  });
  return done();
}

Outcome datasetManagement(ControllerState& state, const spec::Sqe& sqe) noexcept {
  if (sqe.nsid != kNsid) return refused(status::kInvalidNamespace, at::kNsid);
  const std::size_t count = (sqe.cdw10 & 0xffU) + 1;
  std::array<DsmRange, kMaxRanges> ranges;
  const auto resolved = state.buffer.resolve(sqe, count * sizeof(DsmRange), state.pageBytes);
  if (!resolved.ok()) return transferred(resolved);
  state.buffer.read(reinterpret_cast<std::byte*>(ranges.data()), count * sizeof(DsmRange));
  const std::uint32_t shift = state.subsystem.lbaShift();
  for (std::size_t i = 0; i < count; ++i) {
    const BlockRange range{ranges[i].slba, ranges[i].blocks, shift};
    if (const auto bad = checkRange(state.subsystem, sqe, range); !bad.status.ok()) return bad;
  }
  if ((sqe.cdw11 & kAttributeDeallocate) == 0) return done();  // the other attributes are hints
  for (std::size_t i = 0; i < count; ++i) {
    deallocate(state, {ranges[i].slba, ranges[i].blocks, shift});
  }
  return done();
}

}  // namespace doorbell::emulator
