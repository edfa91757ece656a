#pragma once

#include <cstdint>

#include "spec/zone.h"

namespace doorbell::emulator {

/// How a zoned namespace is divided. Fixed from its creation to the next Format NVM.
struct ZoneGeometry {
  std::uint64_t zoneBlocks = 0;      ///< ZSZE
  std::uint64_t capacityBlocks = 0;  ///< ZCAP, at most ZSZE
  std::uint32_t zones = 0;
  std::uint32_t maxActive = 0;      ///< MAR + 1; 0: no limit
  std::uint32_t maxOpen = 0;        ///< MOR + 1; 0: no limit
  std::uint8_t extensionUnits = 0;  ///< ZDES
  bool readAcross = false;          ///< OZCS.RAZB
  /// What the volatile write cache holds of one zone; 0: any number.
  std::uint64_t cacheBlocks = 0;

  [[nodiscard]] constexpr std::size_t extensionBytes() const noexcept {
    return extensionUnits * spec::kZoneExtensionUnit;
  }
  [[nodiscard]] constexpr std::uint64_t blocks() const noexcept { return zoneBlocks * zones; }
  [[nodiscard]] constexpr std::uint32_t zoneOf(std::uint64_t lba) const noexcept {
    return static_cast<std::uint32_t>(lba / zoneBlocks);
  }
  [[nodiscard]] constexpr std::uint64_t zslba(std::uint32_t zone) const noexcept {
    return zone * zoneBlocks;
  }
};

/// What one zone keeps without power. All zeros is an empty zone. Offsets count blocks from the
/// start of the zone.
struct ZoneRecord {
  std::uint64_t writePointer = 0;
  std::uint64_t durable = 0;     ///< what lies before it survives a power loss
  std::uint64_t newest = 0;      ///< where the newest write began
  std::uint8_t stateOrZero = 0;  ///< spec::ZoneState; 0: Empty
  std::uint8_t attributes = 0;
  std::uint8_t information = 0;
  std::uint8_t reserved = 0;
  std::uint32_t reserved28 = 0;

  [[nodiscard]] constexpr spec::ZoneState state() const noexcept {
    return stateOrZero == 0 ? spec::ZoneState::Empty : static_cast<spec::ZoneState>(stateOrZero);
  }
  constexpr void setState(spec::ZoneState state) noexcept {
    stateOrZero = static_cast<std::uint8_t>(state);
  }
};
static_assert(sizeof(ZoneRecord) == 32);

/// The zone holds an active resource.
constexpr bool isActive(spec::ZoneState state) noexcept {
  return state == spec::ZoneState::ImplicitlyOpened || state == spec::ZoneState::ExplicitlyOpened ||
         state == spec::ZoneState::Closed;
}
/// The zone holds an open resource, too.
constexpr bool isOpen(spec::ZoneState state) noexcept {
  return state == spec::ZoneState::ImplicitlyOpened || state == spec::ZoneState::ExplicitlyOpened;
}

}  // namespace doorbell::emulator
