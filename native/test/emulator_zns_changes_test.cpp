#include <doctest/doctest.h>

#include "emulator/zns/changed_zones.h"
#include "test/support/zoned_host.h"

using namespace doorbell;
using spec::ZoneState;
using test::TestHost;
using test::ZonedHost;
using Attribute = spec::ZoneAttribute;
namespace status = spec::status;

namespace {

constexpr std::uint32_t kZoneEvents = 1U << 27U;
constexpr std::uint32_t kRemap = 1U << 25U;
constexpr std::uint32_t kAct = 1U << 29U;          ///< PRACT
constexpr std::uint32_t kCheckRefTag = 1U << 26U;  ///< PRCHK, reference tag

spec::Cqe changedZones(TestHost& host, std::uint32_t nsid = 1) {
  auto command = TestHost::sqe(spec::AdminOpcode::GetLogPage);
  command.nsid = nsid;
  command.prp1 = host.data.bus();
  command.cdw10 = static_cast<std::uint32_t>(spec::LogPageId::ChangedZoneList) | (1023U << 16U);
  return host.adminCommand(command);
}

/// A command on 4096-byte buffers whose tags begin with `refTag`.
spec::Cqe tagged(ZonedHost& host, unsigned opcode, std::uint64_t slba, std::uint32_t cdw12,
                 std::uint32_t refTag) {
  auto command = host.block(spec::NvmOpcode::Write, slba, 2);
  command.opcode = static_cast<std::uint8_t>(opcode);
  command.cdw12 |= cdw12;
  command.cdw14 = refTag;
  return host.ioCommand(command);
}

}  // namespace

TEST_CASE("zones active for too long are finished by the controller, which says so") {
  ZonedHost host("&excursionMs=600");
  REQUIRE(host.identify(spec::Cns::CommandSetNamespace, 1, 2U << 24U).status() == 0);
  CHECK(host.data.as<spec::IdentifyZonedNamespace>().zoc == 2);
  REQUIRE(host.setFeature(spec::FeatureId::AsynchronousEventConfiguration, kZoneEvents).status() ==
          0);
  REQUIRE(host.write(2 * ZonedHost::kZone, 4, 1).status() == 0);
  REQUIRE(test::eventually(
      [&] { return host.zone(2 * ZonedHost::kZone).attributes == Attribute::kFinishRecommended; }));
  host.admin->submit(TestHost::sqe(spec::AdminOpcode::AsynchronousEventRequest));
  const auto event = host.admin->await();
  CHECK(event.dw0 == (2U | (0xefU << 8U) | (0xbfU << 16U)));
  CHECK(event.dw1 == 1);
  REQUIRE(test::eventually([&] { return host.state(2 * ZonedHost::kZone) == ZoneState::Full; }));
  CHECK(host.zone(2 * ZonedHost::kZone).attributes == Attribute::kFinishedByController);
  REQUIRE(changedZones(host).status() == 0);
  CHECK(host.data.as<spec::ChangedZoneListLog>().count == 1);
  CHECK(host.data.as<spec::ChangedZoneListLog>().zslba[0] == 2 * ZonedHost::kZone);
  REQUIRE(changedZones(host).status() == 0);
  CHECK(host.data.as<spec::ChangedZoneListLog>().count == 0);
}

TEST_CASE("only zoned namespaces have a Changed Zone List") {
  TestHost plain;
  CHECK(TestHost::plain(changedZones(plain)) == status::kInvalidLogPage);
  ZonedHost zoned;
  CHECK(changedZones(zoned).status() == 0);
  CHECK(changedZones(zoned, 0).status() != 0);
}

TEST_CASE("a list of changed zones is in order and says when it is too long") {
  emulator::ChangedZones changed;
  changed.add(300);
  changed.add(100);
  changed.add(300);
  CHECK(changed.log().count == 2);
  CHECK(changed.log().zslba[0] == 100);
  for (std::uint64_t i = 0; i < 600; ++i) changed.add(i);
  CHECK(changed.log().count == 0xffff);
  CHECK(changed.log().zslba[0] == 0);
}

TEST_CASE("an append remaps reference tags to where its blocks go") {
  ZonedHost host("&lbaSize=512+8:pi1");
  constexpr unsigned kAppend = 0x7d;
  constexpr unsigned kRead = 0x02;
  constexpr std::uint64_t kZslba = 3 * ZonedHost::kZone;
  CHECK(TestHost::plain(tagged(host, kAppend, kZslba, kAct, kZslba)) ==
        status::kInvalidProtectionInfo);
  REQUIRE(tagged(host, kAppend, kZslba, kAct | kRemap, kZslba).status() == 0);
  const auto second = tagged(host, kAppend, kZslba, kAct | kRemap, kZslba);
  REQUIRE(second.status() == 0);
  CHECK(ZonedHost::lbaOf(second) == kZslba + 2);
  // The controller checks the tags against the blocks' own addresses, and strips them.
  CHECK(tagged(host, kRead, kZslba + 2, kAct | kCheckRefTag, kZslba + 2).status() == 0);
  CHECK(tagged(host, kRead, kZslba, kAct | kCheckRefTag, kZslba).status() == 0);
}

TEST_CASE("reference tags of type 3 are not the controller's to remap") {
  ZonedHost host("&lbaSize=512+8:pi3");
  CHECK(TestHost::plain(tagged(host, 0x7d, 0, kAct | kRemap, 0)) == status::kInvalidProtectionInfo);
  CHECK(tagged(host, 0x7d, 0, kAct, 0).status() == 0);
}
