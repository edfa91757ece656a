#pragma once

#include <cstddef>
#include <cstdint>

#include "emulator/media.h"

namespace doorbell::emulator {

/// One granule's share of a range.
struct Piece {
  std::uint64_t granule;
  std::size_t offset;  ///< within the granule
  std::size_t bytes;
  [[nodiscard]] bool whole() const { return bytes == Media::kGranule; }
  /// The uncorrectable marks of these blocks.
  [[nodiscard]] std::uint8_t marks(std::uint32_t shift) const {
    const auto first = static_cast<unsigned>(offset >> shift);
    const auto count = static_cast<unsigned>(bytes >> shift);
    return static_cast<std::uint8_t>(((1U << count) - 1U) << first);
  }
};

}  // namespace doorbell::emulator
