#pragma once

#include <cstddef>
#include <cstdint>

#include "emulator/nvm/block_range.h"
#include "emulator/nvm/change_blocks.h"
#include "emulator/nvm/protection.h"

namespace doorbell::emulator {

inline constexpr std::uint32_t kForceUnitAccess = 1U << 30U;  ///< cdw12

/// Must what the command writes be non-volatile before it completes?
[[nodiscard]] inline bool isDurable(const Command& command) noexcept {
  return (command.sqe.cdw12 & kForceUnitAccess) != 0 || !command.state.features.cacheEnabled();
}

/// The blocks can be read again, whatever they were.
inline void clearMarks(Namespace& ns, const Piece& piece) noexcept {
  Media& media = ns.media();
  if (!media.anyMarked()) return;
  media.setMarks(piece.granule, static_cast<std::uint8_t>(media.marks(piece.granule) &
                                                          ~piece.marks(ns.lbaShift())));
}

/// changeBlocks() for content that is written: the blocks are there and can be read.
template <class Change>
void rewriteBlocks(Command& command, const BlockRange& range, bool durable, Change change) {
  changeBlocks(command, range, durable, [&](const Piece& piece) {
    change(piece);
    command.ns->media().fillHoles(piece.granule, piece.marks(range.shift));
    clearMarks(*command.ns, piece);
  });
}

/// The bytes of a piece's metadata within its granule.
struct MetadataPart {
  std::size_t offset;
  std::size_t bytes;
};
[[nodiscard]] inline MetadataPart metadataPart(const Namespace& ns, const Piece& piece) noexcept {
  const std::size_t perBlock = ns.metadataBytes();
  return {(piece.offset >> ns.lbaShift()) * perBlock, (piece.bytes >> ns.lbaShift()) * perBlock};
}

/// The first block of the range that cannot be read, if any; also one that is deallocated or was
/// never written, where the host wants that as an error (Error Recovery feature, DULBE).
[[nodiscard]] Outcome checkReadable(Command& command, const BlockRange& range) noexcept;

/// Between the medium and the shard's scratch memory, with metadata.
[[nodiscard]] FormattedBlocks scratchBlocks(const Command& command, std::uint32_t count) noexcept;
void loadBlocks(Command& command, const BlockRange& range, const FormattedBlocks& to) noexcept;
[[nodiscard]] Outcome storeBlocks(Command& command, const BlockRange& range,
                                  const FormattedBlocks& from) noexcept;

/// Read, Write and Compare of a namespace with metadata.
Outcome readFormatted(Command& command) noexcept;
Outcome writeFormatted(Command& command) noexcept;
Outcome compareFormatted(Command& command) noexcept;
/// Write Zeroes, when blocks have metadata.
Outcome writeZeroesFormatted(Command& command) noexcept;

}  // namespace doorbell::emulator
