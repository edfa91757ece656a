#pragma once

#include <cstdint>
#include <optional>

#include "emulator/block_format.h"

namespace doorbell::emulator {

/// The format that Format NVM and Namespace Management: Create ask for; nothing when there is no
/// such format, or when its metadata has no room for protection information.
[[nodiscard]] constexpr std::optional<BlockFormat> blockFormatOf(std::uint8_t index, bool extended,
                                                                 unsigned piType,
                                                                 bool piFirst) noexcept {
  constexpr std::uint8_t kProtectionBytes = 8;
  constexpr unsigned kPiTypes = 3;
  if (index >= kLbaFormats.size() || piType > kPiTypes) return std::nullopt;
  const std::uint8_t metadata = kLbaFormats[index].metadataBytes;
  if (piType != 0 && metadata < kProtectionBytes) return std::nullopt;
  BlockFormat format;
  format.index = index;
  // Without metadata or protection information there is nothing to place.
  format.extended = extended && metadata != 0 ? 1 : 0;
  format.piType = static_cast<std::uint8_t>(piType);
  format.piFirst = piFirst && piType != 0 ? 1 : 0;
  return format;
}

}  // namespace doorbell::emulator
