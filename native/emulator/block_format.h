#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace doorbell::emulator {

/// An entry of the LBA format list, by its index in it (LBAF).
struct LbaFormatRule {
  std::uint8_t dataShift;      ///< LBADS
  std::uint8_t metadataBytes;  ///< MS
};

/// The LBA formats of every namespace. Protection information fits where there is metadata.
inline constexpr std::array<LbaFormatRule, 5> kLbaFormats{{
    {9, 0},
    {12, 0},
    {9, 8},
    {12, 8},
    {12, 64},
}};

/// How a namespace is formatted.
struct BlockFormat {
  std::uint8_t index = 0;     ///< into kLbaFormats
  std::uint8_t extended = 0;  ///< 1: metadata is transferred with the data (FLBAS bit 4)
  std::uint8_t piType = 0;    ///< protection information type 0..3 (DPS bits 2:0)
  std::uint8_t piFirst = 0;   ///< 1: protection information is the first bytes (DPS bit 3)

  [[nodiscard]] constexpr std::uint32_t dataShift() const noexcept {
    return kLbaFormats[index].dataShift;
  }
  [[nodiscard]] constexpr std::uint32_t metadataBytes() const noexcept {
    return kLbaFormats[index].metadataBytes;
  }
  friend constexpr bool operator==(const BlockFormat&, const BlockFormat&) = default;
};

/// As the option lbaSize of an address says it: 512, 4096+8, 4096+64:pi1:first:extended.
[[nodiscard]] inline std::string nameOf(const BlockFormat& format) {
  std::string name = std::to_string(1U << format.dataShift());
  if (format.metadataBytes() != 0) name.append("+").append(std::to_string(format.metadataBytes()));
  if (format.piType != 0) name.append(":pi").append(std::to_string(format.piType));
  if (format.piFirst != 0) name.append(":first");
  if (format.extended != 0) name.append(":extended");
  return name;
}

}  // namespace doorbell::emulator
