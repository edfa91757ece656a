#include <bit>

#include "emulator/block_range.h"
#include "emulator/commands.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

constexpr std::uint32_t kForceUnitAccess = 1U << 30U;
constexpr std::uint64_t kUnit = 512;  ///< of Data Units Read and Written

/// Checks the range and the data pointer: `state.buffer` is the host's side when all is well.
Outcome prepare(ControllerState& state, const spec::Sqe& sqe, const BlockRange& range) noexcept {
  if (const auto bad = checkRange(state.subsystem, sqe, range); !bad.status.ok()) return bad;
  if (range.bytes() > HostBuffer::kMaxBytes) return refused(status::kInvalidField, at::kCdw12);
  return transferred(state.buffer.resolve(sqe, range.bytes(), state.pageBytes));
}

/// The first block of the range that cannot be read, if any.
Outcome checkReadable(ControllerState& state, const BlockRange& range) noexcept {
  Media& media = state.subsystem.media();
  if (!media.anyMarked()) return done();
  Outcome outcome = done();
  forEachPiece(range, [&](const Piece& piece) {
    const auto bad =
        static_cast<std::uint8_t>(media.marks(piece.granule) & piece.marks(range.shift));
    if (bad == 0) return true;
    const auto first = static_cast<std::uint64_t>(std::countr_zero(bad));
    const std::uint64_t lba = ((piece.granule * Media::kGranule) >> range.shift) + first;
    ++state.subsystem.counters().mediaErrors;
    outcome = failedAt(status::kUnrecoveredReadError, lba);
    return false;
  });
  return outcome;
}

/// What Read and Compare have in common, up to the moment data is looked at.
Outcome beginRead(ControllerState& state, const spec::Sqe& sqe, const BlockRange& range) noexcept {
  if (const auto bad = prepare(state, sqe, range); !bad.status.ok()) return bad;
  if ((sqe.cdw12 & kForceUnitAccess) != 0) {
    state.subsystem.cache().flush(range.firstGranule(), range.granules());
  }
  Counters& counters = state.subsystem.counters();
  ++counters.hostReads;
  if (const auto bad = checkReadable(state, range); !bad.status.ok()) return bad;
  counters.unitsRead += range.bytes() / kUnit;
  return done();
}

}  // namespace

Outcome read(ControllerState& state, const spec::Sqe& sqe) noexcept {
  const BlockRange range = rangeOf(state.subsystem, sqe);
  if (const auto bad = beginRead(state, sqe, range); !bad.status.ok()) return bad;
  const Media& media = state.subsystem.media();
  forEachPiece(range, [&](const Piece& piece) {
    state.buffer.write(media.read(piece.granule) + piece.offset, piece.bytes);
    return true;
  });
  return done();
}

Outcome compare(ControllerState& state, const spec::Sqe& sqe) noexcept {
  const BlockRange range = rangeOf(state.subsystem, sqe);
  if (const auto bad = beginRead(state, sqe, range); !bad.status.ok()) return bad;
  const Media& media = state.subsystem.media();
  const bool same = forEachPiece(range, [&](const Piece& piece) {
    return state.buffer.equals(media.read(piece.granule) + piece.offset, piece.bytes);
  });
  if (same) return done();
  Outcome outcome = refused(status::kCompareFailure);
  outcome.lba = range.slba;
  return outcome;
}

Outcome write(ControllerState& state, const spec::Sqe& sqe) noexcept {
  const BlockRange range = rangeOf(state.subsystem, sqe);
  if (const auto bad = prepare(state, sqe, range); !bad.status.ok()) return bad;
  Media& media = state.subsystem.media();
  if (!media.reserve(range.firstGranule(), range.granules())) {
    return failedAt(status::kWriteFault, range.slba);
  }
  WriteCache& cache = state.subsystem.cache();
  const bool durable = (sqe.cdw12 & kForceUnitAccess) != 0 || !state.features.cacheEnabled();
  forEachPiece(range, [&](const Piece& piece) {
    if (!durable) cache.remember(piece.granule);
    state.buffer.read(media.write(piece.granule, piece.whole()) + piece.offset, piece.bytes);
    if (media.anyMarked()) {
      media.setMarks(piece.granule, static_cast<std::uint8_t>(media.marks(piece.granule) &
                                                              ~piece.marks(range.shift)));
    }
    if (durable) cache.commit(piece, range.shift);
    return true;
  });
  Counters& counters = state.subsystem.counters();
  ++counters.hostWrites;
  counters.unitsWritten += range.bytes() / kUnit;
  return done();
}

}  // namespace doorbell::emulator
