#include <doctest/doctest.h>

#include "test/support/zones.h"

using namespace doorbell;
using namespace doorbell::test;
namespace status = spec::status;

TEST_CASE("a write goes to the write pointer and nowhere else") {
  Zones zones;
  CHECK(zones.table.write(1, 1, false) == status::kZoneInvalidWrite);
  CHECK(zones.table.write(0, 4, false).ok());
  CHECK(zones.table.write(0, 1, false) == status::kZoneInvalidWrite);
  CHECK(zones.table.write(5, 1, false) == status::kZoneInvalidWrite);
  CHECK(zones.table.write(4, 9, false) == status::kZoneBoundaryError);
  CHECK(zones.table.describe(0).wp == 4);
  CHECK(zones.table.write(4, 8, false).ok());
  CHECK(zones.table.state(0) == ZoneState::Full);
  CHECK(zones.table.write(12, 1, false) == status::kZoneIsFull);
}

TEST_CASE("an append says where its blocks went and never passes the capacity") {
  Zones zones;
  CHECK(zones.table.append(2, 5, false).slba == 32);
  CHECK(zones.table.append(2, 6, false).slba == 37);
  CHECK(zones.table.append(2, 2, false).status == status::kZoneBoundaryError);
  CHECK(zones.table.append(2, 1, false).slba == 43);
  CHECK(zones.table.state(2) == ZoneState::Full);
}

TEST_CASE("a read may cross zones only where the namespace allows it") {
  Zones zones;
  CHECK(zones.table.checkRead(15, 1).ok());
  CHECK(zones.table.checkRead(15, 2) == status::kZoneBoundaryError);
  zones.geometry.readAcross = true;
  ZoneTable across(zones.geometry, zones.records, zones.extensions);
  CHECK(across.checkRead(15, 2).ok());
  across.makeOffline(2);
  CHECK(across.checkRead(15, 17).ok());
  CHECK(across.checkRead(15, 18) == status::kZoneIsOffline);
}

TEST_CASE("active resources run out for empty zones only") {
  Zones zones(2);
  REQUIRE(zones.table.append(0, 1, true).status.ok());
  REQUIRE(zones.table.setExtension(1, kExtension).ok());
  CHECK(zones.table.append(2, 1, true).status == status::kTooManyActiveZones);
  CHECK(zones.table.write(32, 1, true) == status::kTooManyActiveZones);
  CHECK(zones.table.open(2) == status::kTooManyActiveZones);
  CHECK(zones.table.setExtension(2, kExtension) == status::kTooManyActiveZones);
  CHECK(zones.table.open(1).ok());
  CHECK(zones.table.finish(2).ok());
  CHECK(zones.table.finish(0).ok());
  CHECK(zones.table.append(3, 1, true).status.ok());
}

TEST_CASE("the zone implicitly opened the longest is closed for another") {
  Zones zones(0, 2);
  REQUIRE(zones.table.append(0, 1, true).status.ok());
  REQUIRE(zones.table.append(1, 1, true).status.ok());
  REQUIRE(zones.table.append(0, 1, true).status.ok());
  REQUIRE(zones.table.append(2, 1, true).status.ok());
  CHECK(zones.table.state(0) == ZoneState::Closed);
  CHECK(zones.table.state(1) == ZoneState::ImplicitlyOpened);
  CHECK(zones.table.open(3).ok());
  CHECK(zones.table.state(1) == ZoneState::Closed);
  CHECK(zones.table.resources().open() == 2);
}

TEST_CASE("explicitly opened zones are never closed for another") {
  Zones zones(0, 2);
  REQUIRE(zones.table.open(0).ok());
  REQUIRE(zones.table.open(1).ok());
  CHECK(zones.table.open(2) == status::kTooManyOpenZones);
  CHECK(zones.table.append(2, 1, true).status == status::kTooManyOpenZones);
  CHECK(zones.table.state(2) == ZoneState::Empty);
  REQUIRE(zones.table.close(0).ok());
  CHECK(zones.table.append(2, 1, true).status.ok());
  CHECK(zones.table.open(0).ok());
  CHECK(zones.table.state(2) == ZoneState::Closed);
}

TEST_CASE("losing power moves write pointers back to between two writes, never before a flush") {
  bool lostAll = false;
  bool lostNewest = false;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    Zones zones;
    REQUIRE(zones.table.write(0, 2, false).ok());
    zones.table.flush();
    REQUIRE(zones.table.write(2, 3, false).ok());
    REQUIRE(zones.table.write(5, 4, false).ok());
    REQUIRE(zones.table.write(16, 4, true).ok());
    std::vector<ZoneTable::Blocks> lost;
    zones.table.losePower(seed, [&](ZoneTable::Blocks blocks) { lost.push_back(blocks); });
    REQUIRE(lost.size() == 1);
    const auto wp = zones.table.describe(0).wp;
    CHECK((wp == 2 || wp == 5));
    CHECK(lost[0].slba == wp);
    CHECK(lost[0].count == 9 - wp);
    lostAll = lostAll || wp == 2;
    lostNewest = lostNewest || wp == 5;
    CHECK(zones.table.state(0) == ZoneState::Closed);
    CHECK(zones.table.describe(1).wp == 20);
  }
  CHECK(lostAll);
  CHECK(lostNewest);
}

TEST_CASE("a durable write, a finish and a full zone make all before them durable") {
  Zones zones;
  REQUIRE(zones.table.write(0, 2, false).ok());
  REQUIRE(zones.table.write(2, 2, true).ok());
  REQUIRE(zones.table.write(16, 2, false).ok());
  REQUIRE(zones.table.finish(1).ok());
  REQUIRE(zones.table.write(32, 12, false).ok());
  zones.table.losePower(1, [](ZoneTable::Blocks) { FAIL("something was lost"); });
  CHECK(zones.table.describe(0).wp == 4);
  CHECK(zones.table.state(1) == ZoneState::Full);
  CHECK(zones.table.state(2) == ZoneState::Full);
}

TEST_CASE("a zone that loses all it had is empty again") {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    Zones zones;
    REQUIRE(zones.table.write(0, 2, false).ok());
    zones.table.losePower(seed, [](ZoneTable::Blocks) {});
    CHECK(zones.table.state(0) == ZoneState::Empty);
    CHECK(zones.table.resources().active() == 0);
  }
}

TEST_CASE("the write cache holds a bounded part of a zone") {
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    Zones zones;
    zones.geometry.cacheBlocks = 4;
    ZoneTable table(zones.geometry, zones.records, zones.extensions);
    REQUIRE(table.write(0, 4, false).ok());
    REQUIRE(table.write(4, 4, false).ok());
    table.losePower(seed, [](ZoneTable::Blocks) {});
    CHECK(table.describe(0).wp == 4);
  }
}

TEST_CASE("records outlive the table: no zone is open afterwards and nothing counted is lost") {
  Zones zones(3, 3);
  zones.bring(0, EO);
  zones.bring(1, IO);
  zones.bring(2, F);
  const ZoneTable again(zones.geometry, zones.records, zones.extensions);
  CHECK(again.state(0) == ZoneState::Closed);
  CHECK(again.state(1) == ZoneState::Closed);
  CHECK(again.state(2) == ZoneState::Full);
  CHECK(again.describe(0).wp == 2);
  CHECK(again.resources().active() == 2);
  CHECK(again.resources().open() == 0);
}
