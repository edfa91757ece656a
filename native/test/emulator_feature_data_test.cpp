#include <doctest/doctest.h>

#include "test/support/test_host.h"

using namespace doorbell;
using spec::FeatureId;
using test::TestHost;
namespace status = spec::status;

namespace {

constexpr std::uint32_t kSaved = 2;

void disableAndEnable(TestHost& host) {
  host.function->write32(spec::reg::kCc, 0);
  host.enable();
}

}  // namespace

TEST_CASE("autonomous transitions are a table, kept with the switch") {
  TestHost host;
  std::array<std::uint64_t, 32> table{};
  table[0] = (3U << 3U) | (50U << 8U);
  host.data.put(0, table);
  CHECK(host.setFeature(FeatureId::AutonomousPowerStateTransition, 1, true).status() == 0);
  host.data.fill(0);
  CHECK(host.getFeature(FeatureId::AutonomousPowerStateTransition).dw0 == 1);
  CHECK(host.data.as<std::array<std::uint64_t, 32>>() == table);
  disableAndEnable(host);
  host.data.fill(0);
  CHECK(host.getFeature(FeatureId::AutonomousPowerStateTransition, kSaved).dw0 == 1);
  CHECK(host.data.as<std::array<std::uint64_t, 32>>() == table);
  table[0] = (1U << 3U) | (50U << 8U);  // an operational state
  host.data.put(0, table);
  CHECK(TestHost::plain(host.setFeature(FeatureId::AutonomousPowerStateTransition, 1)) ==
        status::kInvalidField);
}

TEST_CASE("idle time leads to a non-operational state, and I/O out of it") {
  TestHost host;
  host.openIo();
  std::array<std::uint64_t, 32> table{};
  table[0] = (3U << 3U) | (20U << 8U);
  host.data.put(0, table);
  REQUIRE(host.setFeature(FeatureId::AutonomousPowerStateTransition, 1).status() == 0);
  CHECK(host.getFeature(FeatureId::PowerManagement).dw0 == 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(40));
  CHECK(host.getFeature(FeatureId::PowerManagement).dw0 == 3);
  const auto start = std::chrono::steady_clock::now();
  CHECK(host.ioCommand(host.block(spec::NvmOpcode::Read, 0, 1)).status() == 0);
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::microseconds(1000));
  CHECK(host.getFeature(FeatureId::PowerManagement).dw0 == 0);
}

TEST_CASE(
    "a non-operational state that the host sets lasts until I/O, admin commands do not count") {
  TestHost host;
  host.openIo();
  REQUIRE(host.setFeature(FeatureId::PowerManagement, 2).status() == 0);
  REQUIRE(host.setFeature(FeatureId::PowerManagement, 4).status() == 0);
  host.identify(spec::Cns::Controller);
  CHECK(host.getFeature(FeatureId::PowerManagement).dw0 == 4);
  CHECK(host.ioCommand(host.block(spec::NvmOpcode::Read, 0, 1)).status() == 0);
  CHECK(host.getFeature(FeatureId::PowerManagement).dw0 == 2);
}

TEST_CASE("thermal limits lie in the range and in order") {
  TestHost host;
  const auto set = [&](std::uint32_t light, std::uint32_t heavy) {
    return TestHost::plain(
        host.setFeature(FeatureId::HostControlledThermalManagement, (light << 16U) | heavy));
  };
  CHECK(set(0, 0).ok());
  CHECK(set(303, 348).ok());
  CHECK(set(0, 340).ok());
  CHECK(set(340, 0).ok());
  CHECK(set(302, 340) == status::kInvalidField);
  CHECK(set(310, 349) == status::kInvalidField);
  CHECK(set(330, 330) == status::kInvalidField);
}

TEST_CASE("host identifier and behavior last until a reset") {
  TestHost host;
  std::array<std::uint8_t, 16> id{};
  for (std::uint8_t i = 0; i < 16; ++i) id[i] = static_cast<std::uint8_t>(i + 1);
  host.data.put(0, id);
  CHECK(host.setFeature(FeatureId::HostIdentifier, 1).status() == 0);
  host.data.fill(0xee);
  CHECK(host.getFeature(FeatureId::HostIdentifier, 0, 1).status() == 0);
  CHECK(host.data.as<std::array<std::uint8_t, 16>>() == id);
  host.data.fill(0xee);
  CHECK(host.getFeature(FeatureId::HostIdentifier, 0, 0).status() == 0);
  CHECK(host.data.as<std::uint8_t>(7) == 8);
  CHECK(host.data.as<std::uint8_t>(8) == 0xee);
  spec::HostBehavior behavior;
  behavior.advancedCommandRetry = 2;
  host.data.put(0, behavior);
  CHECK(TestHost::plain(host.setFeature(FeatureId::HostBehaviorSupport, 0)) ==
        status::kInvalidField);
  behavior.advancedCommandRetry = 1;
  host.data.put(0, behavior);
  CHECK(host.setFeature(FeatureId::HostBehaviorSupport, 0).status() == 0);
  CHECK(TestHost::plain(host.setFeature(FeatureId::HostBehaviorSupport, 0, true)) ==
        status::kFeatureNotSaveable);
  disableAndEnable(host);
  CHECK(host.getFeature(FeatureId::HostBehaviorSupport).status() == 0);
  CHECK(host.data.as<std::uint8_t>() == 0);
}

TEST_CASE("write protection cannot be taken back until power cycles, or ever") {
  TestHost host;
  const auto id = FeatureId::NamespaceWriteProtectionConfig;
  CHECK(host.setFeature(id, 1, false, 1).status() == 0);
  CHECK(host.setFeature(id, 0, false, 1).status() == 0);
  CHECK(TestHost::plain(host.setFeature(id, 4, false, 1)) == status::kInvalidField);
  CHECK(host.setFeature(id, 2, false, 1).status() == 0);
  CHECK(TestHost::plain(host.setFeature(id, 0, false, 1)) == status::kFeatureNotChangeable);
  disableAndEnable(host);
  CHECK(host.getFeature(id, 0, 0, 1).dw0 == 2);
  host.function->power()->off();
  host.function->power()->on();
  host.enable();
  CHECK(host.getFeature(id, 0, 0, 1).dw0 == 0);
  CHECK(host.setFeature(id, 3, false, spec::kBroadcastNsid).status() == 0);
  host.function->power()->off();
  host.function->power()->on();
  host.enable();
  CHECK(TestHost::plain(host.setFeature(id, 0, false, 1)) == status::kFeatureNotChangeable);
}

TEST_CASE("a read recovery level the drive does not have is refused") {
  TestHost host;
  CHECK(host.getFeature(FeatureId::ReadRecoveryLevel).dw0 == 4);
  auto set = TestHost::sqe(spec::AdminOpcode::SetFeatures);
  set.cdw10 = static_cast<std::uint32_t>(FeatureId::ReadRecoveryLevel);
  set.cdw12 = 15;
  CHECK(host.adminCommand(set).status() == 0);
  CHECK(host.getFeature(FeatureId::ReadRecoveryLevel).dw0 == 15);
  set.cdw12 = 5;
  CHECK(TestHost::plain(host.adminCommand(set)) == status::kInvalidField);
}
