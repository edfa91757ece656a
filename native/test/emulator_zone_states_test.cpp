#include <doctest/doctest.h>

#include <functional>

#include "test/support/zones.h"

using namespace doorbell;
using namespace doorbell::test;
namespace status = spec::status;
using Attribute = spec::ZoneAttribute;

namespace {

/// What an action answers and where it leaves the zone, for each state in the order of kStates.
struct Row {
  const char* name;
  std::function<spec::Status(ZoneTable&)> act;
  std::array<spec::Status, 7> answers;
  std::array<ZoneState, 7> after;
};

constexpr auto kOk = status::kSuccess;
constexpr auto kNo = status::kInvalidZoneStateTransition;

const std::vector<Row>& rows() {
  static const std::vector<Row> all{
      {"open",
       [](ZoneTable& t) { return t.open(0); },
       {kOk, kOk, kOk, kOk, kNo, kNo, kNo},
       {EO, EO, EO, EO, F, RO, OFF}},
      {"close",
       [](ZoneTable& t) { return t.close(0); },
       {kNo, kOk, kOk, kOk, kNo, kNo, kNo},
       {E, C, C, C, F, RO, OFF}},
      {"finish",
       [](ZoneTable& t) { return t.finish(0); },
       {kOk, kOk, kOk, kOk, kOk, kNo, kNo},
       {F, F, F, F, F, RO, OFF}},
      {"reset",
       [](ZoneTable& t) { return t.reset(0); },
       {kOk, kOk, kOk, kOk, kOk, kNo, kNo},
       {E, E, E, E, E, RO, OFF}},
      {"offline",
       [](ZoneTable& t) { return t.offline(0); },
       {kNo, kNo, kNo, kNo, kNo, kOk, kOk},
       {E, IO, EO, C, F, OFF, OFF}},
      {"set extension",
       [](ZoneTable& t) { return t.setExtension(0, kExtension); },
       {kOk, kNo, kNo, kNo, kNo, kNo, kNo},
       {C, IO, EO, C, F, RO, OFF}},
      {"append",
       [](ZoneTable& t) { return t.append(0, 1, true).status; },
       {kOk, kOk, kOk, kOk, status::kZoneIsFull, status::kZoneIsReadOnly, status::kZoneIsOffline},
       {IO, IO, EO, IO, F, RO, OFF}},
      {"write to capacity",
       [](ZoneTable& t) {
         const auto wp = t.describe(0).wp;
         return wp == kNoWritePointer ? t.write(0, 1, true) : t.write(wp, 12 - wp, true);
       },
       {kOk, kOk, kOk, kOk, status::kZoneIsFull, status::kZoneIsReadOnly, status::kZoneIsOffline},
       {F, F, F, F, F, RO, OFF}},
      {"read",
       [](ZoneTable& t) { return t.checkRead(0, 16); },
       {kOk, kOk, kOk, kOk, kOk, kOk, status::kZoneIsOffline},
       {E, IO, EO, C, F, RO, OFF}},
      {"subsystem reset",
       [](ZoneTable& t) {
         t.subsystemReset();
         return kOk;
       },
       {kOk, kOk, kOk, kOk, kOk, kOk, kOk},
       {E, C, C, C, F, RO, OFF}},
      {"excursion",
       [](ZoneTable& t) { return t.excursion(0) ? kOk : kNo; },
       {kNo, kOk, kOk, kOk, kNo, kNo, kNo},
       {E, F, F, F, F, RO, OFF}},
  };
  return all;
}

}  // namespace

TEST_CASE("every action in every state answers and moves as the state machine says") {
  for (const Row& row : rows()) {
    for (std::size_t i = 0; i < kStates.size(); ++i) {
      CAPTURE(row.name);
      CAPTURE(i);
      Zones zones;
      zones.bring(0, kStates[i]);
      CHECK(row.act(zones.table) == row.answers[i]);
      CHECK(zones.table.state(0) == row.after[i]);
      CHECK(zones.table.resources().active() == (emulator::isActive(row.after[i]) ? 1 : 0));
      CHECK(zones.table.resources().open() == (emulator::isOpen(row.after[i]) ? 1 : 0));
      CHECK(zones.table.state(1) == ZoneState::Empty);
    }
  }
}

TEST_CASE("a descriptor has a write pointer only where one is valid") {
  for (const ZoneState state : kStates) {
    CAPTURE(static_cast<int>(state));
    Zones zones;
    zones.bring(1, state);
    const auto descriptor = zones.table.describe(1);
    const bool pointed = state == E || emulator::isActive(state);
    CHECK(descriptor.wp == (pointed ? (state == E ? 16U : 18U) : kNoWritePointer));
    CHECK(descriptor.zslba == 16);
    CHECK(descriptor.zcap == 12);
    CHECK(descriptor.type == 2);
    CHECK((descriptor.state >> 4U) == static_cast<int>(state));
  }
}

TEST_CASE("each report filter lists the zones of its state") {
  using Filter = spec::ZoneReportFilter;
  constexpr std::array kFilters{
      Filter::Empty, Filter::ImplicitlyOpened, Filter::ExplicitlyOpened, Filter::Closed,
      Filter::Full,  Filter::ReadOnly,         Filter::Offline};
  Zones zones;
  for (std::uint32_t i = 0; i < kStates.size(); ++i) zones.bring(i, kStates[i]);
  for (std::uint32_t zone = 0; zone < kStates.size(); ++zone) {
    CHECK(zones.table.matches(zone, Filter::All));
    for (std::uint32_t i = 0; i < kFilters.size(); ++i) {
      CHECK(zones.table.matches(zone, kFilters[i]) == (zone == i));
    }
  }
}

TEST_CASE("Select All concerns the states the action names") {
  using Action = spec::ZoneSendAction;
  const auto selected = [](Action action) {
    std::vector<ZoneState> found;
    for (const auto state : kStates) {
      if (ZoneTable::selects(action, state)) found.push_back(state);
    }
    return found;
  };
  CHECK(selected(Action::Close) == std::vector{IO, EO});
  CHECK(selected(Action::Finish) == std::vector{IO, EO, C});
  CHECK(selected(Action::Open) == std::vector{C});
  CHECK(selected(Action::Reset) == std::vector{IO, EO, C, F});
  CHECK(selected(Action::Offline) == std::vector{RO});
  CHECK(selected(Action::SetDescriptorExtension).empty());
}

TEST_CASE("opening all closed zones opens all of them or none") {
  Zones zones(0, 3);
  zones.bring(0, IO);
  zones.bring(1, C);
  zones.bring(2, C);
  zones.bring(3, EO);
  SUBCASE("implicitly opened zones make room") {
    CHECK(zones.table.openAll().ok());
    CHECK(zones.table.state(0) == ZoneState::Closed);
    CHECK(zones.table.state(1) == ZoneState::ExplicitlyOpened);
    CHECK(zones.table.state(2) == ZoneState::ExplicitlyOpened);
    CHECK(zones.table.resources().open() == 3);
  }
  SUBCASE("without room for all none is opened") {
    zones.bring(4, C);
    CHECK(zones.table.openAll() == status::kTooManyOpenZones);
    CHECK(zones.table.state(0) == ZoneState::ImplicitlyOpened);
    CHECK(zones.table.state(1) == ZoneState::Closed);
  }
}

TEST_CASE("a descriptor extension makes an empty zone closed and goes with a reset") {
  Zones zones;
  REQUIRE(zones.table.setExtension(3, kExtension).ok());
  CHECK(zones.table.describe(3).attributes == Attribute::kExtensionValid);
  CHECK(zones.table.describe(3).wp == 48);
  CHECK(zones.table.extension(3)[0] == std::byte{0x5a});
  zones.table.subsystemReset();
  CHECK(zones.table.state(3) == ZoneState::Closed);
  REQUIRE(zones.table.reset(3).ok());
  CHECK(zones.table.describe(3).attributes == 0);
  CHECK(zones.table.extension(3)[0] == std::byte{0});
}

TEST_CASE("attributes last as long as what they are about") {
  Zones zones;
  CHECK_FALSE(zones.table.recommendFinish(0));
  CHECK_FALSE(zones.table.recommendReset(0));
  zones.bring(0, IO);
  CHECK(zones.table.recommendFinish(0));
  CHECK(zones.table.describe(0).attributes == Attribute::kFinishRecommended);
  REQUIRE(zones.table.excursion(0));
  CHECK(zones.table.describe(0).attributes == Attribute::kFinishedByController);
  CHECK(zones.table.recommendReset(0));
  REQUIRE(zones.table.reset(0).ok());
  CHECK(zones.table.describe(0).attributes == 0);
}

TEST_CASE("emptying all zones leaves the broken ones alone") {
  Zones zones;
  for (std::uint32_t i = 0; i < kStates.size(); ++i) zones.bring(i, kStates[i]);
  zones.table.emptyAll();
  for (std::uint32_t i = 0; i < kStates.size(); ++i) {
    const bool broken = kStates[i] == RO || kStates[i] == OFF;
    CHECK(zones.table.state(i) == (broken ? kStates[i] : E));
  }
}
