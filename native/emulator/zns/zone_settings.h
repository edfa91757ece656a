#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "emulator/limits.h"
#include "emulator/zns/zone_geometry.h"

namespace doorbell::emulator {

inline constexpr std::uint32_t kMaxZones = 640;         ///< of one namespace
inline constexpr std::uint8_t kZoneExtensionUnits = 1;  ///< ZDES: 64 bytes

/// How a zoned namespace is made, in bytes: zones keep their size through every LBA format.
struct ZoneSettings {
  std::uint64_t zoneBytes = std::uint64_t{16} << 20U;
  std::uint64_t capacityBytes = 0;  ///< 0: all of the zone
  std::uint32_t maxActive = 0;      ///< 0: no limit
  std::uint32_t maxOpen = 0;        ///< 0: no limit
  std::uint32_t excursionMs = 0;    ///< the controller finishes zones active for longer; 0: never
  std::uint8_t readAcross = 0;      ///< 1: reads may cross zone boundaries
  std::array<std::uint8_t, 3> reserved29{};

  [[nodiscard]] constexpr std::uint64_t usedBytes() const noexcept {
    return capacityBytes != 0 ? capacityBytes : zoneBytes;
  }
  [[nodiscard]] constexpr ZoneGeometry geometry(std::uint64_t bytes,
                                                std::uint32_t lbaShift) const noexcept {
    constexpr std::uint64_t kCacheBytes = std::uint64_t{4} << 20U;
    return {.zoneBlocks = zoneBytes >> lbaShift,
            .capacityBlocks = usedBytes() >> lbaShift,
            .zones = static_cast<std::uint32_t>(bytes / zoneBytes),
            .maxActive = maxActive,
            .maxOpen = maxOpen,
            .extensionUnits = kZoneExtensionUnits,
            .readAcross = readAcross != 0,
            .cacheBlocks = kCacheBytes >> lbaShift};
  }
};
static_assert(sizeof(ZoneSettings) == 32);

/// What a zoned namespace keeps of its zones without power.
struct ZoneRoom {
  ZoneSettings settings;
  std::array<std::byte, 4096 - sizeof(ZoneSettings)> reserved{};
  std::array<ZoneRecord, kMaxZones> records{};
  std::array<std::byte, kMaxZones * kZoneExtensionUnits * spec::kZoneExtensionUnit> extensions{};
};
static_assert(sizeof(ZoneRoom) == 64U << 10U);
using ZoneRooms = std::array<ZoneRoom, kMaxNamespaces>;

}  // namespace doorbell::emulator
