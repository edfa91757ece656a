#include <bit>

#include "emulator/commands.h"
#include "emulator/nvm/block_range.h"
#include "emulator/nvm/change_blocks.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

constexpr std::uint32_t kForceUnitAccess = 1U << 30U;
constexpr std::uint64_t kUnit = 512;  ///< of Data Units Read and Written

/// Checks the range and the data pointer: `command.buffer()` is the host's side when all is well.
Outcome prepare(Command& command, const BlockRange& range) noexcept {
  if (const auto bad = checkRange(*command.ns, range); !bad.status.ok()) return bad;
  if (range.bytes() > HostBuffer::kMaxBytes) return refused(status::kInvalidField, at::kCdw12);
  return command.resolve(range.bytes());
}

/// The first block of the range that cannot be read, if any.
Outcome checkReadable(Command& command, const BlockRange& range) noexcept {
  Media& media = command.ns->media();
  if (!media.anyMarked()) return done();
  Outcome outcome = done();
  forEachPiece(*command.ns, range, [&](const Piece& piece) {
    const auto bad =
        static_cast<std::uint8_t>(media.marks(piece.granule) & piece.marks(range.shift));
    if (bad == 0) return true;
    const auto first = static_cast<std::uint64_t>(std::countr_zero(bad));
    const std::uint64_t lba = ((piece.granule * Media::kGranule) >> range.shift) + first;
    command.shard.counters.mediaErrors.add();
    outcome = failedAt(status::kUnrecoveredReadError, lba);
    return false;
  });
  return outcome;
}

/// What Read and Compare have in common, up to the moment data is looked at.
Outcome beginRead(Command& command, const BlockRange& range) noexcept {
  if (const auto bad = prepare(command, range); !bad.status.ok()) return bad;
  if ((command.sqe.cdw12 & kForceUnitAccess) != 0) {
    command.ns->cache().flush(range.firstGranule(), range.granules());
  }
  IoCounters& counters = command.shard.counters;
  counters.hostReads.add();
  if (const auto bad = checkReadable(command, range); !bad.status.ok()) return bad;
  counters.unitsRead.add(range.bytes() / kUnit);
  return done();
}

}  // namespace

Outcome read(Command& command) noexcept {
  const BlockRange range = rangeOf(command);
  if (const auto bad = beginRead(command, range); !bad.status.ok()) return bad;
  const Media& media = command.ns->media();
  forEachPiece(*command.ns, range, [&](const Piece& piece) {
    command.buffer().write(media.read(piece.granule) + piece.offset, piece.bytes);
    return true;
  });
  return done();
}

Outcome compare(Command& command) noexcept {
  const BlockRange range = rangeOf(command);
  if (const auto bad = beginRead(command, range); !bad.status.ok()) return bad;
  const Media& media = command.ns->media();
  const bool same = forEachPiece(*command.ns, range, [&](const Piece& piece) {
    return command.buffer().equals(media.read(piece.granule) + piece.offset, piece.bytes);
  });
  if (same) return done();
  Outcome outcome = refused(status::kCompareFailure);
  outcome.lba = range.slba;
  return outcome;
}

Outcome write(Command& command) noexcept {
  const BlockRange range = rangeOf(command);
  if (const auto bad = prepare(command, range); !bad.status.ok()) return bad;
  Media& media = command.ns->media();
  if (!media.reserve(range.firstGranule(), range.granules())) {
    return failedAt(status::kWriteFault, range.slba);
  }
  const bool durable =
      (command.sqe.cdw12 & kForceUnitAccess) != 0 || !command.state.features.cacheEnabled();
  changeBlocks(command, range, durable, [&](const Piece& piece) {
    command.buffer().read(media.write(piece.granule, piece.whole()) + piece.offset, piece.bytes);
    if (media.anyMarked()) {
      media.setMarks(piece.granule, static_cast<std::uint8_t>(media.marks(piece.granule) &
                                                              ~piece.marks(range.shift)));
    }
  });
  IoCounters& counters = command.shard.counters;
  counters.hostWrites.add();
  counters.unitsWritten.add(range.bytes() / kUnit);
  return done();
}

}  // namespace doorbell::emulator
