#include <doctest/doctest.h>

#include "emulator/logs/events.h"
#include "spec/telemetry.h"
#include "test/support/test_host.h"

using namespace doorbell;
using spec::FeatureId;
using spec::LogPageId;
using test::TestHost;

namespace {

constexpr std::uint32_t kTelemetryNotices = 1U << 10U;

void requestEvent(TestHost& host, std::uint16_t cid) {
  auto request = TestHost::sqe(spec::AdminOpcode::AsynchronousEventRequest);
  request.cid = cid;
  host.admin->submit(request);
}

/// Creates an I/O queue in memory that is not there, and uses it: the controller fails.
void makeFatal(TestHost& host) {
  test::TestQueue queue(*host.function, 1, 16);
  auto create = TestHost::sqe(spec::AdminOpcode::CreateIoCq);
  create.prp1 = 0x7fffffff0000;
  create.cdw10 = (15U << 16U) | 1U;
  create.cdw11 = 1;
  REQUIRE(host.adminCommand(create).status() == 0);
  create.opcode = static_cast<std::uint8_t>(spec::AdminOpcode::CreateIoSq);
  create.cdw11 = (1U << 16U) | 1U;
  REQUIRE(host.adminCommand(create).status() == 0);
  queue.ring(2, 1);
  while (host.csts().cfs() == 0) std::this_thread::yield();
}

spec::TelemetryHeader telemetry(TestHost& host, bool retain) {
  REQUIRE(host.logPage(LogPageId::TelemetryControllerInitiated, 512, 0, retain).status() == 0);
  return host.data.as<spec::TelemetryHeader>();
}

}  // namespace

TEST_CASE("a fatal status leaves telemetry, which says why until the host has taken it") {
  TestHost host;
  const auto before = telemetry(host, true);
  CHECK(before.controllerDataAvailable == 0);
  makeFatal(host);
  host.function->write32(spec::reg::kCc, 0);
  host.enable();
  const auto after = telemetry(host, true);
  CHECK(after.controllerDataAvailable == 1);
  CHECK(after.controllerGeneration == before.controllerGeneration + 1);
  CHECK(after.lastBlock[2] > 0);
  CHECK(std::string(after.reason.data()) == "Controller Fatal Status");
  telemetry(host, false);
  CHECK(telemetry(host, false).controllerDataAvailable == 0);
}

TEST_CASE("telemetry outlives power") {
  TestHost host;
  makeFatal(host);
  host.function->power()->off();
  host.function->power()->on();
  host.enable();
  CHECK(telemetry(host, true).controllerDataAvailable == 1);
}

TEST_CASE("a doorbell that does not exist is an Error event with an entry of no command") {
  TestHost host;
  requestEvent(host, 100);
  host.admin->ring(20, 1);
  const auto event = host.admin->await();
  CHECK(event.cid == 100);
  CHECK(event.dw0 == ((1U << 16U) | (0U << 8U) | 0U));
  REQUIRE(host.logPage(LogPageId::ErrorInformation, 64).status() == 0);
  const auto entry = host.data.as<spec::ErrorLogEntry>();
  CHECK(entry.sqId == 0xffff);
  CHECK(entry.cid == 0xffff);
}

TEST_CASE("a notice is only raised while its bit is set") {
  TestHost host;
  REQUIRE(host.setFeature(FeatureId::AsynchronousEventConfiguration, kTelemetryNotices).dw0 == 0);
  CHECK(host.getFeature(FeatureId::AsynchronousEventConfiguration).dw0 == kTelemetryNotices);
  CHECK(host.setFeature(FeatureId::AsynchronousEventConfiguration, 0xffffffff).status() == 0);
  CHECK(host.getFeature(FeatureId::AsynchronousEventConfiguration).dw0 == 0x080007ff);
}
