#include <doctest/doctest.h>

#include "emulator/nvm/reservations.h"

using namespace doorbell;
using emulator::Access;
using emulator::HostIdentity;
using emulator::ReservationRecord;
using emulator::Reservations;
using Type = spec::ReservationType;
namespace status = spec::status;

namespace {

HostIdentity host(std::uint8_t number) { return {.id = {number}, .extended = 1}; }
const HostIdentity kA = host(1);
const HostIdentity kB = host(2);
const HostIdentity kC = host(3);

/// Hosts A, B and C are registered with keys 10, 20 and 30.
struct Trio {
  ReservationRecord record;
  Reservations rules{record};
  Trio() {
    REQUIRE(rules.registerKey(kA, 10).ok());
    REQUIRE(rules.registerKey(kB, 20).ok());
    REQUIRE(rules.registerKey(kC, 30).ok());
  }
  [[nodiscard]] bool holds(const HostIdentity& who) const {
    for (std::size_t i = 0; i < record.count; ++i) {
      if (record.registrants[i].host == who) return rules.isHolder(i);
    }
    return false;
  }
  [[nodiscard]] bool registered(const HostIdentity& who) const {
    for (std::size_t i = 0; i < record.count; ++i) {
      if (record.registrants[i].host == who) return true;
    }
    return false;
  }
};

}  // namespace

TEST_CASE("a registrant may register its key again, not another one") {
  Trio trio;
  const auto generation = trio.record.generation;
  CHECK(trio.rules.registerKey(kA, 10).ok());
  CHECK(trio.record.generation == generation + 1);
  CHECK(trio.rules.registerKey(kA, 11) == status::kReservationConflict);
  CHECK(trio.record.generation == generation + 1);
  CHECK(trio.record.count == 3);
}

TEST_CASE("unregistering takes the current key, or Ignore Existing Key") {
  Trio trio;
  CHECK(trio.rules.unregister(kA, 11, false) == status::kReservationConflict);
  CHECK(trio.rules.unregister(host(9), 10, true) == status::kReservationConflict);
  CHECK(trio.rules.unregister(kA, 10, false).ok());
  CHECK(trio.rules.unregister(kB, 0, true).ok());
  CHECK_FALSE(trio.registered(kA));
  CHECK_FALSE(trio.registered(kB));
  CHECK(trio.registered(kC));
}

TEST_CASE("replacing takes the current key; without regard to it, it also registers") {
  Trio trio;
  CHECK(trio.rules.replaceKey(kA, 11, false, 12) == status::kReservationConflict);
  CHECK(trio.rules.replaceKey(kA, 10, false, 12).ok());
  CHECK(trio.rules.acquire(kA, 10, Type::WriteExclusive) == status::kReservationConflict);
  CHECK(trio.rules.acquire(kA, 12, Type::WriteExclusive).ok());
  CHECK(trio.rules.replaceKey(host(9), 0, false, 90) == status::kReservationConflict);
  CHECK(trio.rules.replaceKey(host(9), 0, true, 90).ok());
  CHECK(trio.registered(host(9)));
}

TEST_CASE("acquiring takes a registrant, its key, and no other reservation") {
  Trio trio;
  CHECK(trio.rules.acquire(host(9), 10, Type::WriteExclusive) == status::kReservationConflict);
  CHECK(trio.rules.acquire(kA, 10, Type::None) == status::kInvalidField);
  CHECK(trio.rules.acquire(kA, 10, static_cast<Type>(7)) == status::kInvalidField);
  CHECK(trio.rules.acquire(kA, 10, Type::WriteExclusive).ok());
  CHECK(trio.rules.acquire(kA, 10, Type::WriteExclusive).ok());
  CHECK(trio.rules.acquire(kA, 10, Type::ExclusiveAccess) == status::kReservationConflict);
  CHECK(trio.rules.acquire(kB, 20, Type::WriteExclusive) == status::kReservationConflict);
  CHECK(trio.holds(kA));
  CHECK_FALSE(trio.holds(kB));
}

TEST_CASE("every registrant holds an all registrants reservation") {
  Trio trio;
  REQUIRE(trio.rules.acquire(kA, 10, Type::WriteExclusiveAllRegistrants).ok());
  CHECK(trio.holds(kC));
  CHECK(trio.rules.acquire(kB, 20, Type::WriteExclusiveAllRegistrants).ok());
  REQUIRE(trio.rules.unregister(kA, 10, false).ok());
  REQUIRE(trio.rules.unregister(kB, 20, false).ok());
  CHECK(trio.rules.reserved());
  REQUIRE(trio.rules.unregister(kC, 30, false).ok());
  CHECK_FALSE(trio.rules.reserved());
}

TEST_CASE("a reservation goes when its holder unregisters, and stays with it when others do") {
  Trio trio;
  REQUIRE(trio.rules.acquire(kB, 20, Type::WriteExclusiveRegistrantsOnly).ok());
  REQUIRE(trio.rules.unregister(kA, 10, false).ok());
  CHECK(trio.holds(kB));
  REQUIRE(trio.rules.unregister(kB, 20, false).ok());
  CHECK_FALSE(trio.rules.reserved());
}

TEST_CASE("who may read and write follows the type") {
  struct Row {
    Type type;
    bool strangerReads, registrantReads, strangerWrites, registrantWrites;
  };
  for (const Row& row : {Row{Type::WriteExclusive, true, true, false, false},
                         Row{Type::ExclusiveAccess, false, false, false, false},
                         Row{Type::WriteExclusiveRegistrantsOnly, true, true, false, true},
                         Row{Type::ExclusiveAccessRegistrantsOnly, false, true, false, true},
                         Row{Type::WriteExclusiveAllRegistrants, true, true, false, true},
                         Row{Type::ExclusiveAccessAllRegistrants, false, true, false, true}}) {
    CAPTURE(static_cast<int>(row.type));
    Trio trio;
    CHECK(trio.rules.allows(host(9), Access::Write));
    REQUIRE(trio.rules.acquire(kA, 10, row.type).ok());
    CHECK(trio.rules.allows(kA, Access::Read));
    CHECK(trio.rules.allows(kA, Access::Write));
    CHECK(trio.rules.allows(kB, Access::Read) == row.registrantReads);
    CHECK(trio.rules.allows(kB, Access::Write) == row.registrantWrites);
    CHECK(trio.rules.allows(host(9), Access::Read) == row.strangerReads);
    CHECK(trio.rules.allows(host(9), Access::Write) == row.strangerWrites);
  }
}

TEST_CASE("preempting the holder takes its place, with the type asked for") {
  Trio trio;
  REQUIRE(trio.rules.acquire(kA, 10, Type::WriteExclusive).ok());
  const auto generation = trio.record.generation;
  CHECK(trio.rules.preempt(kB, 21, 10, Type::ExclusiveAccess) == status::kReservationConflict);
  CHECK(trio.rules.preempt(kB, 20, 10, Type::None) == status::kInvalidField);
  CHECK(trio.rules.preempt(kB, 20, 0, Type::ExclusiveAccess) == status::kInvalidField);
  CHECK(trio.rules.preempt(kB, 20, 99, Type::ExclusiveAccess) == status::kReservationConflict);
  CHECK(trio.record.generation == generation);
  CHECK(trio.rules.preempt(kB, 20, 10, Type::ExclusiveAccess).ok());
  CHECK(trio.record.generation == generation + 1);
  CHECK(trio.holds(kB));
  CHECK_FALSE(trio.registered(kA));
  CHECK(trio.record.type == static_cast<std::uint8_t>(Type::ExclusiveAccess));
}

TEST_CASE("preempting another key removes its registrants and leaves the reservation") {
  Trio trio;
  REQUIRE(trio.rules.acquire(kC, 30, Type::WriteExclusive).ok());
  CHECK(trio.rules.preempt(kB, 20, 10, Type::ExclusiveAccess).ok());
  CHECK_FALSE(trio.registered(kA));
  CHECK(trio.holds(kC));
  CHECK(trio.record.type == static_cast<std::uint8_t>(Type::WriteExclusive));
}

TEST_CASE("a holder may preempt itself to change the type") {
  Trio trio;
  REQUIRE(trio.rules.acquire(kA, 10, Type::WriteExclusive).ok());
  CHECK(trio.rules.preempt(kA, 10, 10, Type::ExclusiveAccess).ok());
  CHECK(trio.holds(kA));
  CHECK(trio.record.type == static_cast<std::uint8_t>(Type::ExclusiveAccess));
  CHECK(trio.record.count == 3);
}

TEST_CASE("key 0 preempts all others of an all registrants reservation") {
  Trio trio;
  REQUIRE(trio.rules.acquire(kA, 10, Type::ExclusiveAccessAllRegistrants).ok());
  CHECK(trio.rules.preempt(kB, 20, 30, Type::WriteExclusive).ok());
  CHECK_FALSE(trio.registered(kC));
  CHECK(trio.holds(kA));
  CHECK(trio.rules.preempt(kB, 20, 0, Type::WriteExclusive).ok());
  CHECK(trio.record.count == 1);
  CHECK(trio.holds(kB));
  CHECK(trio.record.type == static_cast<std::uint8_t>(Type::WriteExclusive));
}

TEST_CASE("without a reservation, preempting removes registrations") {
  Trio trio;
  CHECK(trio.rules.preempt(kB, 20, 10, Type::WriteExclusive).ok());
  CHECK_FALSE(trio.registered(kA));
  CHECK_FALSE(trio.rules.reserved());
}

TEST_CASE("only a holder releases, and only its own type") {
  Trio trio;
  REQUIRE(trio.rules.acquire(kA, 10, Type::WriteExclusive).ok());
  CHECK(trio.rules.release(kB, 20, Type::WriteExclusive).ok());
  CHECK(trio.rules.reserved());
  CHECK(trio.rules.release(kA, 10, Type::ExclusiveAccess) == status::kInvalidField);
  CHECK(trio.rules.release(kA, 11, Type::WriteExclusive) == status::kReservationConflict);
  CHECK(trio.rules.release(host(9), 10, Type::WriteExclusive) == status::kReservationConflict);
  const auto generation = trio.record.generation;
  CHECK(trio.rules.release(kA, 10, Type::WriteExclusive).ok());
  CHECK_FALSE(trio.rules.reserved());
  CHECK(trio.record.generation == generation);
}

TEST_CASE("any registrant clears the reservation and all registrations") {
  Trio trio;
  REQUIRE(trio.rules.acquire(kA, 10, Type::WriteExclusive).ok());
  CHECK(trio.rules.clear(host(9), 10) == status::kReservationConflict);
  const auto generation = trio.record.generation;
  CHECK(trio.rules.clear(kB, 20).ok());
  CHECK(trio.record.count == 0);
  CHECK_FALSE(trio.rules.reserved());
  CHECK(trio.record.generation == generation + 1);
}

TEST_CASE("power takes what need not persist; a reset takes the host without an identifier") {
  Trio trio;
  REQUIRE(trio.rules.registerKey(HostIdentity{}, 40).ok());
  REQUIRE(trio.rules.acquire(HostIdentity{}, 40, Type::WriteExclusive).ok());
  trio.rules.forgetNamelessHost();
  CHECK(trio.record.count == 3);
  CHECK_FALSE(trio.rules.reserved());
  trio.rules.setPersists(true);
  trio.rules.losePower();
  CHECK(trio.record.count == 3);
  trio.rules.setPersists(false);
  trio.rules.losePower();
  CHECK(trio.record.count == 0);
}

TEST_CASE("there is room for a bounded number of registrants") {
  ReservationRecord record;
  Reservations rules(record);
  for (std::uint8_t i = 0; i < ReservationRecord::kRegistrants; ++i) {
    REQUIRE(rules.registerKey(host(i), i).ok());
  }
  CHECK(rules.registerKey(host(100), 1) == status::kInternalError);
  CHECK(rules.registerKey(host(3), 3).ok());
}

TEST_CASE("host identifiers of 64 and of 128 bits are different hosts") {
  Trio trio;
  const HostIdentity narrow{.id = {1}, .extended = 0};
  CHECK(trio.rules.acquire(narrow, 10, Type::WriteExclusive) == status::kReservationConflict);
}
