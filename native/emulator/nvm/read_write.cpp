#include "emulator/commands.h"
#include "emulator/nvm/block_store.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

constexpr std::uint64_t kUnit = 512;  ///< of Data Units Read and Written

/// Checks the range and the data pointer: `command.buffer()` is the host's side when all is well.
Outcome prepare(Command& command, const BlockRange& range) noexcept {
  if (const auto bad = checkRange(*command.ns, range); !bad.status.ok()) return bad;
  if (range.bytes() > HostBuffer::kMaxBytes) return refused(status::kInvalidField, at::kCdw12);
  return command.resolve(range.bytes());
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
  if (command.ns->metadataBytes() != 0) [[unlikely]]
    return readFormatted(command);
  const BlockRange range = rangeOf(command);
  if (const auto bad = beginRead(command, range); !bad.status.ok()) return bad;
  const Media& media = command.ns->media();
  if (media.discards()) [[unlikely]]
    return done();
  forEachPiece(*command.ns, range, [&](const Piece& piece) {
    command.buffer().write(media.read(piece.granule) + piece.offset, piece.bytes);
    return true;
  });
  return done();
}

Outcome compare(Command& command) noexcept {
  if (command.ns->metadataBytes() != 0) [[unlikely]]
    return compareFormatted(command);
  const BlockRange range = rangeOf(command);
  if (const auto bad = beginRead(command, range); !bad.status.ok()) return bad;
  const Media& media = command.ns->media();
  const std::size_t lbaBytes = command.ns->lbaBytes();
  std::uint64_t lba = range.slba;
  const bool same = forEachPiece(*command.ns, range, [&](const Piece& piece) {
    const std::byte* kept = media.read(piece.granule) + piece.offset;
    for (std::size_t at = 0; at < piece.bytes; at += lbaBytes, ++lba) {
      if (!command.buffer().equals(kept + at, lbaBytes)) return false;
    }
    return true;
  });
  if (same) return done();
  Outcome outcome = refused(status::kCompareFailure);
  outcome.lba = lba;
  return outcome;
}

Outcome write(Command& command) noexcept {
  if (command.ns->metadataBytes() != 0) [[unlikely]]
    return writeFormatted(command);
  const BlockRange range = rangeOf(command);
  if (const auto bad = prepare(command, range); !bad.status.ok()) return bad;
  Media& media = command.ns->media();
  if (!media.reserve(range.firstGranule(), range.granules())) {
    return failedAt(status::kWriteFault, range.slba);
  }
  if (!media.discards()) [[likely]] {
    rewriteBlocks(command, range, isDurable(command), [&](const Piece& piece) {
      command.buffer().read(media.write(piece.granule, piece.whole()) + piece.offset, piece.bytes);
    });
  }
  IoCounters& counters = command.shard.counters;
  counters.hostWrites.add();
  counters.unitsWritten.add(range.bytes() / kUnit);
  return done();
}

}  // namespace doorbell::emulator
