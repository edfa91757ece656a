#pragma once

#include "emulator/command.h"
#include "emulator/nvm/block_range.h"

namespace doorbell::emulator {

/// Changes the blocks of a range, granule by granule: `change(Piece)` puts new content in place.
/// Everything that a power loss may or may not undo goes through here. A change that is not
/// `durable` is cached; one of a command that completes later stays undoable until then.
template <class Change>
void changeBlocks(Command& command, const BlockRange& range, bool durable, Change change) {
  Namespace& ns = *command.ns;
  WriteCache& cache = ns.cache();
  const bool undoable = !durable || command.late;
  BlockRange part = range;
  if (command.blocksBeforeCut < range.blocks) [[unlikely]] {
    // Within one granule a change is atomic: nothing of it happened.
    part.blocks = range.granules() == 1 ? 0 : command.blocksBeforeCut;
  }
  forEachPiece(ns, part, [&](const Piece& piece) {
    if (undoable) cache.remember(piece.granule, command.shard.index, piece.whole());
    change(piece);
    if (!undoable) cache.commit(piece, range.shift);
    return true;
  });
  if (durable && command.late) command.durable = {ns.nsid(), range.blocks, range.slba};
}

/// The command that changed these blocks completes: a power loss keeps them from now on.
inline void makeDurable(NvmSubsystem& subsystem, const Blocks& blocks) noexcept {
  Namespace* ns = blocks.count == 0 ? nullptr : subsystem.namespaces().allocated(blocks.nsid);
  if (ns == nullptr) return;  // deleted meanwhile
  const BlockRange range{blocks.slba, blocks.count, ns->lbaShift()};
  if (!checkRange(*ns, range).status.ok()) return;  // formatted meanwhile
  if (ns->zoned() != nullptr) {
    const ZonedSpace::Hold hold(*ns->zoned());
    ns->zoned()->table().completed(blocks.slba, blocks.count);
    return;
  }
  forEachPiece(*ns, range, [&](const Piece& piece) {
    ns->cache().commit(piece, range.shift);
    return true;
  });
}

}  // namespace doorbell::emulator
