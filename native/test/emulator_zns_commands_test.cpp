#include <doctest/doctest.h>

#include "test/support/zoned_host.h"

using namespace doorbell;
using spec::ZoneState;
using test::TestHost;
using test::ZonedHost;
using Action = spec::ZoneSendAction;
namespace status = spec::status;

namespace {

constexpr auto kZone = ZonedHost::kZone;

}  // namespace

TEST_CASE("a zoned namespace says so everywhere Identify is asked") {
  ZonedHost host("&maxOpen=4&maxActive=6&readAcross=1");
  using spec::Cns;
  constexpr std::uint32_t kCsi = 2U << 24U;
  REQUIRE(host.identify(Cns::CommandSetNamespace, 1, kCsi).status() == 0);
  const auto zoned = host.data.as<spec::IdentifyZonedNamespace>();
  CHECK(zoned.mar == 5);
  CHECK(zoned.mor == 3);
  CHECK(zoned.ozcs == 1);
  CHECK(zoned.zoc == 0);
  CHECK(zoned.lbafe[0].zsze == kZone);
  CHECK(zoned.lbafe[1].zsze == kZone / 8);
  CHECK(zoned.lbafe[0].zdes == 1);
  REQUIRE(host.identify(Cns::CommandSetController, 0, kCsi).status() == 0);
  CHECK(host.data.as<spec::IdentifyZonedController>().zasl == 5);
  REQUIRE(host.identify(Cns::CommandSetActiveNamespaceList, 0, kCsi).status() == 0);
  CHECK(host.data.as<std::uint32_t>() == 1);
  REQUIRE(host.identify(Cns::CommandSetActiveNamespaceList, 0, 0).status() == 0);
  CHECK(host.data.as<std::uint32_t>() == 0);
  REQUIRE(host.identify(Cns::Namespace, 1).status() == 0);
  CHECK(host.data.as<spec::IdentifyNamespace>().nsze == 64 * kZone);
  CHECK(host.data.as<spec::IdentifyNamespace>().ncap == 64 * ZonedHost::kCapacity);
}

TEST_CASE("without limits MAR and MOR are all ones") {
  ZonedHost host;
  REQUIRE(host.identify(spec::Cns::CommandSetNamespace, 1, 2U << 24U).status() == 0);
  CHECK(host.data.as<spec::IdentifyZonedNamespace>().mar == 0xffffffff);
  CHECK(host.data.as<spec::IdentifyZonedNamespace>().mor == 0xffffffff);
}

TEST_CASE("structures of a command set the namespace does not use are refused") {
  TestHost host(test::freshAddress(), false);
  host.enable(ZonedHost::kCcZoned);
  CHECK(TestHost::plain(host.identify(spec::Cns::CommandSetNamespace, 1, 2U << 24U)) ==
        status::kInvalidCommandSet);
}

TEST_CASE("with the NVM Command Set alone enabled a zoned namespace is inactive") {
  TestHost host(test::freshAddress("size=64M&zns=1&zoneSize=1M"));
  REQUIRE(host.identify(spec::Cns::ActiveNamespaceList).status() == 0);
  CHECK(host.data.as<std::uint32_t>() == 0);
  host.openIo();
  CHECK(TestHost::plain(host.write(0, 1, 1)) == status::kInvalidField);
}

TEST_CASE("zone commands are invalid where there are no zones") {
  TestHost host;
  host.openIo();
  for (const unsigned opcode : {0x79U, 0x7aU, 0x7dU}) {
    auto command = host.block(spec::NvmOpcode::Read, 0, 1);
    command.opcode = static_cast<std::uint8_t>(opcode);
    CHECK(TestHost::plain(host.ioCommand(command)) == status::kInvalidOpcode);
    command.nsid = 0xffffffff;
    CHECK(TestHost::plain(host.ioCommand(command)) == status::kInvalidField);
  }
}

TEST_CASE("blocks written at the write pointer are read back, and it moves") {
  ZonedHost host;
  CHECK(host.write(0, 8, 0x11).status() == 0);
  CHECK(host.write(8, 4, 0x22).status() == 0);
  CHECK(host.readFill(7) == 0x11);
  CHECK(host.readFill(11) == 0x22);
  CHECK(host.readFill(12) == 0);
  CHECK(host.zone(0).wp == 12);
  CHECK(host.state(0) == ZoneState::ImplicitlyOpened);
}

TEST_CASE("a write anywhere else is refused with the blocks untouched") {
  ZonedHost host;
  REQUIRE(host.write(0, 8, 0x11).status() == 0);
  CHECK(TestHost::plain(host.write(0, 1, 0x33)) == status::kZoneInvalidWrite);
  CHECK(TestHost::plain(host.write(9, 1, 0x33)) == status::kZoneInvalidWrite);
  CHECK(host.readFill(0) == 0x11);
  const auto cqe = host.write(kZone + 1, 1, 0x33);
  CHECK((cqe.status() & spec::Status::kDnr) != 0);
  CHECK(host.state(kZone) == ZoneState::Empty);
}

TEST_CASE("a write beyond the zone capacity is a Zone Boundary Error") {
  ZonedHost host;
  constexpr std::uint64_t kNearEnd = ZonedHost::kCapacity - 8;
  for (std::uint64_t at = 0; at < kNearEnd; at += 8) REQUIRE(host.write(at, 8, 1).status() == 0);
  CHECK(TestHost::plain(host.write(kNearEnd, 9, 1)) == status::kZoneBoundaryError);
  CHECK(host.write(kNearEnd, 8, 1).status() == 0);
  CHECK(host.state(0) == ZoneState::Full);
  CHECK(host.zone(0).wp == 0xffffffffffffffff);
  CHECK(TestHost::plain(host.write(ZonedHost::kCapacity, 1, 1)) == status::kZoneIsFull);
  CHECK(TestHost::plain(host.append(0, 1, 1)) == status::kZoneIsFull);
}

TEST_CASE("Write Zeroes and Write Uncorrectable move the write pointer too") {
  ZonedHost host;
  CHECK(host.ioCommand(host.block(spec::NvmOpcode::WriteZeroes, 0, 4)).status() == 0);
  CHECK(host.ioCommand(host.block(spec::NvmOpcode::WriteUncorrectable, 4, 2)).status() == 0);
  CHECK(host.zone(0).wp == 6);
  CHECK(TestHost::plain(host.ioCommand(host.block(spec::NvmOpcode::Read, 4, 1))) ==
        status::kUnrecoveredReadError);
  for (const auto opcode : {spec::NvmOpcode::WriteZeroes, spec::NvmOpcode::WriteUncorrectable}) {
    CHECK(TestHost::plain(host.ioCommand(host.block(opcode, 0, 1))) == status::kZoneInvalidWrite);
  }
}

TEST_CASE("a command that fails otherwise leaves the zone as it was") {
  ZonedHost host;
  auto command = host.block(spec::NvmOpcode::Write, 0, 1);
  command.prp1 = 0x7000000000;
  CHECK(TestHost::plain(host.ioCommand(command)) == status::kDataTransferError);
  command.opcode = static_cast<std::uint8_t>(spec::ZonedOpcode::ZoneAppend);
  CHECK(TestHost::plain(host.ioCommand(command)) == status::kDataTransferError);
  CHECK(host.state(0) == ZoneState::Empty);
  CHECK(host.zone(0).wp == 0);
}

TEST_CASE("an append answers with the address its first block got") {
  ZonedHost host;
  CHECK(ZonedHost::lbaOf(host.append(3 * kZone, 4, 0x44)) == 3 * kZone);
  CHECK(ZonedHost::lbaOf(host.append(3 * kZone, 2, 0x55)) == 3 * kZone + 4);
  CHECK(host.readFill(3 * kZone + 3) == 0x44);
  CHECK(host.readFill(3 * kZone + 5) == 0x55);
}

TEST_CASE("an append names the start of its zone and stays within ZASL") {
  ZonedHost host;
  CHECK(TestHost::plain(host.append(1, 1, 1)) == status::kInvalidField);
  CHECK(TestHost::plain(host.append(64 * kZone, 1, 1)) == status::kLbaOutOfRange);
  CHECK(TestHost::plain(host.append(0, 257, 1)) == status::kInvalidField);
  CHECK(host.state(0) == ZoneState::Empty);
}

TEST_CASE("reads end at the zone's boundary unless the namespace reads across") {
  bool across = false;
  SUBCASE("it does not") {}
  SUBCASE("it does") { across = true; }
  ZonedHost host(across ? "&readAcross=1" : "");
  for (const auto opcode : {spec::NvmOpcode::Read, spec::NvmOpcode::Compare}) {
    host.data.fill(0);
    const auto answer = TestHost::plain(host.ioCommand(host.block(opcode, kZone - 1, 2)));
    CHECK(answer == (across ? status::kSuccess : status::kZoneBoundaryError));
    CHECK(TestHost::plain(host.ioCommand(host.block(opcode, kZone - 1, 1))).ok());
  }
}

TEST_CASE("a Deallocate leaves zones and write pointers alone") {
  ZonedHost host;
  REQUIRE(host.write(0, 8, 0x66).status() == 0);
  auto command = host.block(spec::NvmOpcode::DatasetManagement, 0, 1);
  host.data.fill(0);
  host.data.put<std::uint32_t>(4, 4);
  command.cdw10 = 0;
  command.cdw11 = 4;
  command.cdw12 = 0;
  CHECK(host.ioCommand(command).status() == 0);
  CHECK(host.zone(0).wp == 8);
  CHECK(host.readFill(7) == 0x66);
  CHECK(host.readFill(0) == 0);
}

TEST_CASE("the I/O Command Set Profile selects a combination that Identify lists") {
  ZonedHost zoned;
  TestHost plain(test::freshAddress(), false);
  plain.enable(ZonedHost::kCcZoned);
  constexpr auto kProfile = spec::FeatureId::IoCommandSetProfile;
  CHECK(zoned.setFeature(kProfile, 0).status() == 0);
  CHECK(TestHost::plain(zoned.setFeature(kProfile, 1)) == status::kCommandSetCombinationRejected);
  CHECK(plain.setFeature(kProfile, 1).status() == 0);
  CHECK(plain.getFeature(kProfile).dw0 == 1);
  CHECK(TestHost::plain(plain.setFeature(kProfile, 2)) == status::kCommandSetCombinationRejected);
}
