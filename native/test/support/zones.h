#pragma once

#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "emulator/zns/zone_table.h"

namespace doorbell::test {

using emulator::ZoneGeometry;
using emulator::ZoneRecord;
using emulator::ZoneTable;
using spec::ZoneState;

inline constexpr std::uint64_t kNoWritePointer = ~std::uint64_t{0};
inline constexpr std::array kStates{
    ZoneState::Empty, ZoneState::ImplicitlyOpened, ZoneState::ExplicitlyOpened, ZoneState::Closed,
    ZoneState::Full,  ZoneState::ReadOnly,         ZoneState::Offline};

inline constexpr auto E = ZoneState::Empty;
inline constexpr auto IO = ZoneState::ImplicitlyOpened;
inline constexpr auto EO = ZoneState::ExplicitlyOpened;
inline constexpr auto C = ZoneState::Closed;
inline constexpr auto F = ZoneState::Full;
inline constexpr auto RO = ZoneState::ReadOnly;
inline constexpr auto OFF = ZoneState::Offline;

inline const std::array<std::byte, 64> kExtension{std::byte{0x5a}};

/// Zones of 16 blocks, 12 of them usable, with one unit of descriptor extension.
struct Zones {
  explicit Zones(std::uint32_t maxActive = 0, std::uint32_t maxOpen = 0, std::uint32_t count = 8)
      : geometry{.zoneBlocks = 16,
                 .capacityBlocks = 12,
                 .zones = count,
                 .maxActive = maxActive,
                 .maxOpen = maxOpen,
                 .extensionUnits = 1},
        records(count),
        extensions(count * 64),
        table(geometry, records, extensions) {}

  /// Brings a zone, empty before, into a state; where blocks fit, two of them are written.
  void bring(std::uint32_t zone, ZoneState state) {
    if (state == ZoneState::Empty) return;
    REQUIRE(table.append(zone, 2, true).status.ok());
    if (state == ZoneState::ExplicitlyOpened) REQUIRE(table.open(zone).ok());
    if (state == ZoneState::Closed) REQUIRE(table.close(zone).ok());
    if (state == ZoneState::Full) REQUIRE(table.finish(zone).ok());
    if (state == ZoneState::ReadOnly || state == ZoneState::Offline) table.makeReadOnly(zone);
    if (state == ZoneState::Offline) REQUIRE(table.offline(zone).ok());
    REQUIRE(table.state(zone) == state);
  }

  ZoneGeometry geometry;
  std::vector<ZoneRecord> records;
  std::vector<std::byte> extensions;
  ZoneTable table;
};

}  // namespace doorbell::test
