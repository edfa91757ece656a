#include <doctest/doctest.h>

#include <filesystem>

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

TEST_CASE("zone send actions move a zone and refuse what the state machine has not") {
  ZonedHost host;
  CHECK(host.act(Action::Close, 0) == status::kInvalidZoneStateTransition);
  CHECK(host.act(Action::Open, 0).ok());
  CHECK(host.state(0) == ZoneState::ExplicitlyOpened);
  CHECK(host.act(Action::Close, 0).ok());
  CHECK(host.state(0) == ZoneState::Closed);
  CHECK(host.act(Action::Finish, 0).ok());
  CHECK(host.state(0) == ZoneState::Full);
  CHECK(host.act(Action::Open, 0) == status::kInvalidZoneStateTransition);
  CHECK(host.act(Action::Offline, 0) == status::kInvalidZoneStateTransition);
  CHECK(host.act(Action::Reset, 0).ok());
  CHECK(host.state(0) == ZoneState::Empty);
}

TEST_CASE("fields of Zone Management Send are checked") {
  ZonedHost host;
  CHECK(host.act(Action::Open, 1) == status::kInvalidField);
  CHECK(host.act(Action::Open, 64 * kZone) == status::kLbaOutOfRange);
  for (const std::uint32_t action : {0x00U, 0x06U, 0x0fU, 0x11U, 0xffU}) {
    CHECK(host.act(static_cast<Action>(action), 0) == status::kInvalidField);
  }
  CHECK(host.act(Action::SetDescriptorExtension, 0, true) == status::kInvalidField);
}

TEST_CASE("a reset zone reads zeros and is written from its start again") {
  ZonedHost host;
  REQUIRE(host.write(0, 8, 0x77).status() == 0);
  REQUIRE(host.write(kZone, 8, 0x78).status() == 0);
  REQUIRE(host.ioCommand(host.block(spec::NvmOpcode::WriteUncorrectable, 8, 1)).status() == 0);
  REQUIRE(host.act(Action::Reset, 0).ok());
  CHECK(host.readFill(0) == 0);
  CHECK(host.readFill(8) == 0);
  CHECK(host.readFill(kZone) == 0x78);
  CHECK(host.write(0, 1, 0x79).status() == 0);
}

TEST_CASE("Select All acts on every zone the action concerns, whatever SLBA says") {
  ZonedHost host;
  REQUIRE(host.write(0, 1, 1).status() == 0);
  REQUIRE(host.act(Action::Open, kZone).ok());
  REQUIRE(host.act(Action::Open, 2 * kZone).ok());
  REQUIRE(host.act(Action::Close, 2 * kZone).ok());
  CHECK(host.act(Action::Close, 12345, true).ok());
  CHECK(host.state(0) == ZoneState::Closed);
  CHECK(host.act(Action::Open, 0, true).ok());
  CHECK(host.state(2 * kZone) == ZoneState::ExplicitlyOpened);
  CHECK(host.state(3 * kZone) == ZoneState::Empty);
  CHECK(host.act(Action::Finish, 0, true).ok());
  CHECK(host.state(kZone) == ZoneState::Full);
  CHECK(host.act(Action::Reset, 0, true).ok());
  CHECK(host.state(0) == ZoneState::Empty);
  CHECK(host.readFill(0) == 0);
}

TEST_CASE("limits are kept: too many active and too many open zones") {
  ZonedHost host("&maxOpen=1&maxActive=2");
  REQUIRE(host.act(Action::Open, 0).ok());
  CHECK(host.act(Action::Open, kZone) == status::kTooManyOpenZones);
  const auto refused = host.append(kZone, 1, 1);
  CHECK(TestHost::plain(refused) == status::kTooManyOpenZones);
  CHECK((refused.status() & spec::Status::kDnr) == 0);
  REQUIRE(host.act(Action::Close, 0).ok());
  REQUIRE(host.append(kZone, 1, 1).status() == 0);
  CHECK(TestHost::plain(host.append(2 * kZone, 1, 1)) == status::kTooManyActiveZones);
  CHECK(host.append(0, 1, 1).status() == 0);
  CHECK(host.state(kZone) == ZoneState::Closed);
}

TEST_CASE("a descriptor extension is set once and comes back in the extended report") {
  ZonedHost host;
  host.data.fill(0x5a);
  REQUIRE(host.act(Action::SetDescriptorExtension, 2 * kZone).ok());
  CHECK(host.state(2 * kZone) == ZoneState::Closed);
  CHECK(host.act(Action::SetDescriptorExtension, 2 * kZone) == status::kInvalidZoneStateTransition);
  REQUIRE(host.report(kZone, 64 + 2 * 128, 1).status() == 0);
  CHECK(host.data.as<std::uint64_t>() == 63);
  const auto second = host.data.as<spec::ZoneDescriptor>(64 + 128);
  CHECK(second.zslba == 2 * kZone);
  CHECK(second.attributes == spec::ZoneAttribute::kExtensionValid);
  CHECK(host.data.as<std::uint8_t>(64 + 64) == 0);
  CHECK(host.data.as<std::uint8_t>(64 + 128 + 64) == 0x5a);
  CHECK(host.data.as<std::uint8_t>(64 + 128 + 127) == 0x5a);
}

TEST_CASE("a report counts every zone from its first, a partial one those that fit") {
  ZonedHost host;
  constexpr std::uint32_t kPartial = 1U << 16U;
  REQUIRE(host.report(2 * kZone + 7, 64 + 3 * 64).status() == 0);
  CHECK(host.data.as<std::uint64_t>() == 62);
  CHECK(host.data.as<spec::ZoneDescriptor>(64).zslba == 2 * kZone);
  CHECK(host.data.as<spec::ZoneDescriptor>(64 + 128).zslba == 4 * kZone);
  REQUIRE(host.report(2 * kZone, 64 + 3 * 64 + 32, kPartial).status() == 0);
  CHECK(host.data.as<std::uint64_t>() == 3);
  CHECK(host.data.as<std::uint8_t>(64 + 3 * 64) == 0);
  CHECK(host.data.as<std::uint8_t>(64 + 3 * 64 + 32) == 0xee);
  REQUIRE(host.report(62 * kZone, 8192, kPartial).status() == 0);
  CHECK(host.data.as<std::uint64_t>() == 2);
}

TEST_CASE("a report lists only zones in the state asked for") {
  ZonedHost host("&readOnlyZones=2&offlineZones=1");
  REQUIRE(host.act(Action::Open, 5 * kZone).ok());
  REQUIRE(host.report(0, 8192, 3U << 8U).status() == 0);
  CHECK(host.data.as<std::uint64_t>() == 1);
  CHECK(host.data.as<spec::ZoneDescriptor>(64).zslba == 5 * kZone);
  REQUIRE(host.report(0, 8192, 6U << 8U).status() == 0);
  CHECK(host.data.as<std::uint64_t>() == 2);
  CHECK(host.data.as<spec::ZoneDescriptor>(64).zslba == 61 * kZone);
  REQUIRE(host.report(0, 8192, 7U << 8U).status() == 0);
  CHECK(host.data.as<spec::ZoneDescriptor>(64).zslba == 63 * kZone);
}

TEST_CASE("fields of Zone Management Receive are checked") {
  ZonedHost host;
  CHECK(TestHost::plain(host.report(64 * kZone)) == status::kLbaOutOfRange);
  CHECK(TestHost::plain(host.report(0, 8192, 2)) == status::kInvalidField);
  CHECK(TestHost::plain(host.report(0, 8192, 8U << 8U)) == status::kInvalidField);
  CHECK(TestHost::plain(host.report(0, (2U << 20U) + 4)) == status::kInvalidField);
}

TEST_CASE("worn zones refuse what they cannot do") {
  ZonedHost host("&readOnlyZones=1&offlineZones=1");
  constexpr std::uint64_t kReadOnly = 62 * kZone;
  constexpr std::uint64_t kOffline = 63 * kZone;
  CHECK(TestHost::plain(host.write(kReadOnly, 1, 1)) == status::kZoneIsReadOnly);
  CHECK(TestHost::plain(host.append(kReadOnly, 1, 1)) == status::kZoneIsReadOnly);
  CHECK(host.readFill(kReadOnly) == 0);
  CHECK(TestHost::plain(host.write(kOffline, 1, 1)) == status::kZoneIsOffline);
  CHECK(TestHost::plain(host.ioCommand(host.block(spec::NvmOpcode::Read, kOffline, 1))) ==
        status::kZoneIsOffline);
  CHECK(host.act(Action::Reset, kReadOnly) == status::kInvalidZoneStateTransition);
  CHECK(host.act(Action::Offline, kReadOnly).ok());
  CHECK(host.state(kReadOnly) == ZoneState::Offline);
}

TEST_CASE("after a loss of power no zone is open, and the write pointer ends what is durable") {
  for (int seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    ZonedHost host("&seed=" + std::to_string(seed));
    REQUIRE(host.write(0, 3, 0x31).status() == 0);
    auto flush = host.block(spec::NvmOpcode::Flush, 0, 1);
    flush.cdw12 = 0;
    REQUIRE(host.ioCommand(flush).status() == 0);
    REQUIRE(host.write(3, 4, 0x32).status() == 0);
    REQUIRE(host.write(7, 6, 0x33).status() == 0);
    REQUIRE(host.write(kZone, 2, 0x34, 1U << 30U).status() == 0);
    REQUIRE(host.act(Action::Open, 2 * kZone).ok());
    host.function->power()->off();
    host.function->power()->on();
    host.start();
    const auto wp = host.zone(0).wp;
    CHECK((wp == 3 || wp == 7));
    CHECK(host.state(0) == ZoneState::Closed);
    CHECK(host.readFill(2) == 0x31);
    CHECK(host.readFill(3) == (wp == 7 ? 0x32 : 0));
    CHECK(host.readFill(7) == 0);
    CHECK(host.zone(kZone).wp == kZone + 2);
    CHECK(host.readFill(kZone + 1) == 0x34);
    CHECK(host.state(2 * kZone) == ZoneState::Empty);
    CHECK(host.write(wp, 1, 0x35).status() == 0);
  }
}

TEST_CASE("an NVM Subsystem Reset closes zones, a Controller Reset does not") {
  ZonedHost host;
  REQUIRE(host.write(0, 3, 0x31).status() == 0);
  host.function->write32(spec::reg::kCc, 0);
  host.start();
  CHECK(host.state(0) == ZoneState::ImplicitlyOpened);
  host.function->write32(spec::reg::kNssr, spec::reg::kNssrMagic);
  host.start();
  CHECK(host.state(0) == ZoneState::Closed);
  CHECK(host.readFill(2) == 0x31);
}

TEST_CASE("a media file keeps its zones") {
  const auto file = std::filesystem::temp_directory_path() / "doorbell-zones-test.img";
  const auto forget = [&] {
    std::filesystem::remove(file);
    std::filesystem::remove(file.string() + ".doorbell");
  };
  forget();
  const std::string address = "emulated:" + file.string();
  {
    TestHost host(address + "?size=64M&zns=1&zoneSize=1M", false);
    host.enable(ZonedHost::kCcZoned);
    host.openIo();
    REQUIRE(host.write(0, 3, 0x41).status() == 0);
  }
  {
    TestHost host(address, false);
    host.enable(ZonedHost::kCcZoned);
    host.openIo();
    CHECK(host.readFill(2) == 0x41);
    CHECK(host.write(3, 1, 0x42).status() == 0);
    CHECK(TestHost::plain(host.write(3, 1, 0x42)) == status::kZoneInvalidWrite);
  }
  CHECK_THROWS_AS(TestHost(address + "?namespaces=1&zns=2", false), Error);
  forget();
}

TEST_CASE("addresses with zones that cannot be are refused with what to do") {
  const char* const addresses[] = {
      "emulated?zns=0",
      "emulated?zns=33",
      "emulated?zns=2",
      "emulated?zns=1&zoneSize=1000",
      "emulated?zns=1&zoneSize=1M&zoneCapacity=2M",
      "emulated?zns=1&maxActive=2",
      "emulated?zns=1&maxActive=2&maxOpen=3",
      "emulated?zns=1&size=1G&zoneSize=4K",
      "emulated?zns=1&size=1M&zoneSize=2M",
      "emulated?readAcross=2",
      "emulated?zns=1&maxOpen=x",
      "emulated?dstrd=9",
  };
  for (const char* address : addresses) {
    CAPTURE(address);
    std::string code;
    try {
      TestHost host(address, false);
    } catch (const Error& error) {
      code = error.code();
    }
    CHECK(code == "BAD_ADDRESS");
  }
}
