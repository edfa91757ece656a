#pragma once

#include <algorithm>
#include <cstdint>

#include "emulator/command.h"
#include "emulator/piece.h"

namespace doorbell::emulator {

/// The blocks a command names, in bytes of the medium.
struct BlockRange {
  std::uint64_t slba = 0;
  std::uint32_t blocks = 0;
  std::uint32_t shift = 9;  ///< log2 of the block size

  [[nodiscard]] constexpr std::uint64_t offset() const { return slba << shift; }
  [[nodiscard]] constexpr std::uint64_t bytes() const { return std::uint64_t{blocks} << shift; }
  [[nodiscard]] constexpr std::uint64_t firstGranule() const { return offset() / Media::kGranule; }
  /// Granules touched, wholly or in part.
  [[nodiscard]] constexpr std::uint64_t granules() const {
    return bytes() == 0 ? 0 : (offset() + bytes() - 1) / Media::kGranule - firstGranule() + 1;
  }
};

/// The range of SLBA (cdw10, cdw11) and NLB (cdw12).
inline BlockRange rangeOf(const Command& command) noexcept {
  const spec::Sqe& sqe = command.sqe;
  return {(std::uint64_t{sqe.cdw11} << 32U) | sqe.cdw10, (sqe.cdw12 & 0xffffU) + 1,
          command.ns->lbaShift()};
}

/// `done()` when the range lies within the namespace.
inline Outcome checkRange(const Namespace& ns, const BlockRange& range) noexcept {
  if (range.slba >= ns.blocks() || range.blocks > ns.blocks() - range.slba) {
    Outcome outcome = refused(spec::status::kLbaOutOfRange, at::kCdw10);
    outcome.lba = range.slba;
    return outcome;
  }
  return done();
}

/// Calls `visit(Piece)` for every granule of the range, until it returns false. No other device
/// thread touches the granule meanwhile.
template <class Visit>
bool forEachPiece(Namespace& ns, const BlockRange& range, Visit visit) {
  GranuleWords& words = ns.media().words();
  std::uint64_t at = range.offset();
  const std::uint64_t end = at + range.bytes();
  while (at < end) {
    const std::size_t within = at % Media::kGranule;
    const std::size_t bytes = std::min<std::uint64_t>(end - at, Media::kGranule - within);
    const Piece piece{at / Media::kGranule, within, bytes};
    const GranuleLock lock(words, piece.granule);
    if (!visit(piece)) return false;
    at += bytes;
  }
  return true;
}

}  // namespace doorbell::emulator
