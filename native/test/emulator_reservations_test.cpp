#include <doctest/doctest.h>

#include "spec/reservation.h"
#include "test/support/test_host.h"

using namespace doorbell;
using spec::NvmOpcode;
using test::TestHost;
using Type = spec::ReservationType;
namespace status = spec::status;

namespace {

/// One controller: to be another host, the identifier changes.
struct ReservationHost : TestHost {
  ReservationHost() { openIo(); }

  void beHost(std::uint8_t number, bool extended = true) {
    data.fill(0);
    data.put<std::uint8_t>(0, number);
    REQUIRE(setFeature(spec::FeatureId::HostIdentifier, extended ? 1 : 0).status() == 0);
  }
  spec::Status send(NvmOpcode opcode, std::uint32_t cdw10, std::uint64_t current = 0,
                    std::uint64_t other = 0) {
    auto sqe = block(opcode, 0, 1);
    sqe.cdw10 = cdw10;
    sqe.cdw12 = 0;
    data.put(0, spec::ReservationKeys{current, other});
    return plain(ioCommand(sqe));
  }
  spec::Status registerKey(std::uint64_t key, std::uint32_t flags = 0) {
    return send(NvmOpcode::ReservationRegister, flags, 0, key);
  }
  spec::Status acquire(std::uint64_t key, Type type, std::uint32_t action = 0,
                       std::uint64_t preempted = 0) {
    return send(NvmOpcode::ReservationAcquire, action | (static_cast<unsigned>(type) << 8U), key,
                preempted);
  }
  spec::Status release(std::uint64_t key, Type type, std::uint32_t action = 0) {
    return send(NvmOpcode::ReservationRelease, action | (static_cast<unsigned>(type) << 8U), key);
  }
  spec::Status report(bool extended = true) {
    auto sqe = block(NvmOpcode::ReservationReport, 0, 1);
    sqe.cdw10 = 1023;
    sqe.cdw11 = extended ? 1 : 0;
    sqe.cdw12 = 0;
    data.fill(0xee);
    return plain(ioCommand(sqe));
  }
  spec::Status run(NvmOpcode opcode, std::uint32_t cdw11 = 0) {
    auto sqe = block(opcode, 0, 1);
    sqe.cdw11 = cdw11;
    data.fill(0);
    return plain(ioCommand(sqe));
  }
  void powerCycle() {
    function->power()->off();
    function->power()->on();
    enable();
    openIo();
  }
};

constexpr std::uint32_t kPersist = 3U << 30U;
constexpr std::uint32_t kDoNotPersist = 2U << 30U;

}  // namespace

TEST_CASE("a reservation keeps other hosts from what its type forbids") {
  ReservationHost host;
  host.beHost(1);
  REQUIRE(host.registerKey(0x11).ok());
  REQUIRE(host.acquire(0x11, Type::WriteExclusive).ok());
  const auto writes = {NvmOpcode::Write,
                       NvmOpcode::WriteZeroes,
                       NvmOpcode::WriteUncorrectable,
                       NvmOpcode::DatasetManagement,
                       NvmOpcode::Copy,
                       NvmOpcode::Flush};
  const auto reads = {NvmOpcode::Read, NvmOpcode::Compare, NvmOpcode::Verify};
  for (const auto opcode : {NvmOpcode::Write, NvmOpcode::Flush}) CHECK(host.run(opcode).ok());
  host.beHost(2);
  for (const auto opcode : writes) CHECK(host.run(opcode) == status::kReservationConflict);
  for (const auto opcode : reads) CHECK(host.run(opcode).ok());
  host.beHost(1);
  REQUIRE(host.release(0x11, Type::WriteExclusive).ok());
  REQUIRE(host.acquire(0x11, Type::ExclusiveAccess).ok());
  host.beHost(2);
  for (const auto opcode : writes) CHECK(host.run(opcode) == status::kReservationConflict);
  for (const auto opcode : reads) CHECK(host.run(opcode) == status::kReservationConflict);
  CHECK(host.report().ok());
  host.beHost(1);
  CHECK(host.release(0x11, Type::None, 1).ok());
  host.beHost(2);
  CHECK(host.run(NvmOpcode::Write).ok());
}

TEST_CASE("Reservation Report tells type, generation and registrants, in both structures") {
  ReservationHost host;
  host.beHost(1);
  REQUIRE(host.registerKey(0x11).ok());
  host.beHost(2);
  REQUIRE(host.registerKey(0x22).ok());
  REQUIRE(host.acquire(0x22, Type::ExclusiveAccessRegistrantsOnly).ok());
  REQUIRE(host.report().ok());
  const auto state = host.data.as<spec::ReservationStatus>();
  CHECK(state.generation == 2);
  CHECK(state.type == 4);
  CHECK(state.registered == 2);
  const auto first = host.data.as<spec::RegisteredControllerExtended>(64);
  CHECK(first.controllerId == 0xffff);
  CHECK(first.status == 0);
  CHECK(first.key == 0x11);
  CHECK(first.hostId[0] == 1);
  const auto second = host.data.as<spec::RegisteredControllerExtended>(128);
  CHECK(second.controllerId == 1);
  CHECK(second.status == 1);
  CHECK(host.data.as<std::uint8_t>(192) == 0xee);
  CHECK(host.report(false) == status::kHostIdInconsistentFormat);
  host.beHost(7, false);
  CHECK(host.report(true) == status::kHostIdInconsistentFormat);
  REQUIRE(host.report(false).ok());
  const auto narrow = host.data.as<spec::RegisteredController>(24);
  CHECK(narrow.hostId == 1);
  CHECK(narrow.key == 0x11);
}

TEST_CASE("registrations outlive a reset of the controller, but not of a nameless host") {
  ReservationHost host;
  REQUIRE(host.registerKey(0x99).ok());
  REQUIRE(host.acquire(0x99, Type::WriteExclusive).ok());
  host.beHost(1);
  REQUIRE(host.registerKey(0x11).ok());
  CHECK(host.run(NvmOpcode::Write) == status::kReservationConflict);
  host.function->write32(spec::reg::kCc, 0);
  host.enable();
  host.openIo();
  CHECK(host.run(NvmOpcode::Write).ok());
  REQUIRE(host.report(false).ok());
  CHECK(host.data.as<spec::ReservationStatus>().registered == 1);
}

TEST_CASE("power ends a reservation unless it persists") {
  ReservationHost host;
  host.beHost(1);
  REQUIRE(host.registerKey(0x11, kPersist).ok());
  REQUIRE(host.acquire(0x11, Type::WriteExclusive).ok());
  host.powerCycle();
  CHECK(host.run(NvmOpcode::Write) == status::kReservationConflict);
  host.beHost(1);
  CHECK(host.run(NvmOpcode::Write).ok());
  REQUIRE(host.registerKey(0x11, kDoNotPersist).ok());
  host.powerCycle();
  CHECK(host.run(NvmOpcode::Write).ok());
}

TEST_CASE("preempting takes over from a host that is gone") {
  ReservationHost host;
  host.beHost(1);
  REQUIRE(host.registerKey(0x11).ok());
  REQUIRE(host.acquire(0x11, Type::WriteExclusive).ok());
  host.beHost(2);
  REQUIRE(host.registerKey(0x22).ok());
  CHECK(host.run(NvmOpcode::Write) == status::kReservationConflict);
  CHECK(host.acquire(0x22, Type::WriteExclusive, 2, 0x11).ok());
  CHECK(host.run(NvmOpcode::Write).ok());
  host.beHost(1);
  CHECK(host.run(NvmOpcode::Write) == status::kReservationConflict);
  CHECK(host.release(0x11, Type::WriteExclusive) == status::kReservationConflict);
}

TEST_CASE("reserved field values are refused") {
  ReservationHost host;
  host.beHost(1);
  for (const std::uint32_t cdw10 : {3U, 7U, 1U << 30U}) {
    CHECK(host.send(NvmOpcode::ReservationRegister, cdw10, 0, 1) == status::kInvalidField);
  }
  REQUIRE(host.registerKey(1).ok());
  for (const std::uint32_t cdw10 : {0x103U, 0x108U, 0x000U, 0x700U}) {
    CHECK(host.send(NvmOpcode::ReservationAcquire, cdw10, 1) == status::kInvalidField);
  }
  for (const std::uint32_t cdw10 : {0x102U, 0x108U}) {
    CHECK(host.send(NvmOpcode::ReservationRelease, cdw10, 1) == status::kInvalidField);
  }
}

TEST_CASE("Identify offers every type of reservation") {
  ReservationHost host;
  host.identify(spec::Cns::Namespace, 1);
  CHECK(host.data.as<spec::IdentifyNamespace>().rescap == 0xff);
  host.identify(spec::Cns::Controller);
  CHECK((host.data.as<spec::IdentifyController>().oncs & 0x20U) != 0);
}
