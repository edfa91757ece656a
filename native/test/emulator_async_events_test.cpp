#include <doctest/doctest.h>

#include "test/support/test_host.h"

using namespace doorbell;
using spec::AdminOpcode;
using spec::FeatureId;
using test::TestHost;
namespace status = spec::status;

namespace {

constexpr std::uint32_t kTemperatureEvent = 0x020101;
constexpr std::uint32_t kInvalidDoorbellRegister = 0x010000;
constexpr std::uint32_t kInvalidDoorbellValue = 0x010100;

void request(TestHost& host, std::uint16_t cid) {
  auto sqe = TestHost::sqe(AdminOpcode::AsynchronousEventRequest);
  sqe.cid = cid;
  host.admin->submit(sqe);
}

/// Raises the temperature warning, once its event is enabled.
void overheat(TestHost& host) {
  REQUIRE(host.setFeature(FeatureId::TemperatureThreshold, 400).status() == 0);
  REQUIRE(host.setFeature(FeatureId::AsynchronousEventConfiguration, 2).status() == 0);
}

}  // namespace

TEST_CASE("a request waits until there is an event") {
  TestHost host;
  request(host, 0x700);
  CHECK(host.admin->staysSilent());
  overheat(host);
  host.setFeature(FeatureId::TemperatureThreshold, 300);
  const auto event = host.admin->await();
  CHECK(event.cid == 0x700);
  CHECK(event.status() == 0);
  CHECK(event.dw0 == kTemperatureEvent);
  CHECK((host.smart().criticalWarning & 2) != 0);
}

TEST_CASE("an event waits until there is a request, and is reported once") {
  TestHost host;
  overheat(host);
  host.setFeature(FeatureId::TemperatureThreshold, 300);
  request(host, 0x700);
  CHECK(host.admin->await().dw0 == kTemperatureEvent);
  request(host, 0x701);
  CHECK(host.admin->staysSilent());
}

TEST_CASE("a reported type stays masked until its log page is read without Retain") {
  TestHost host;
  overheat(host);
  request(host, 0x700);
  request(host, 0x701);
  host.setFeature(FeatureId::TemperatureThreshold, 300);
  CHECK(host.admin->await().dw0 == kTemperatureEvent);
  host.setFeature(FeatureId::TemperatureThreshold, 400);
  host.setFeature(FeatureId::TemperatureThreshold, 300);
  CHECK(host.admin->staysSilent());
  CHECK(host.logPage(spec::LogPageId::SmartHealth, 512, 0, true).status() == 0);
  CHECK(host.admin->staysSilent());
  CHECK(host.logPage(spec::LogPageId::SmartHealth, 512).status() == 0);
  CHECK(host.admin->await().dw0 == kTemperatureEvent);
}

TEST_CASE("an event that is not enabled is not reported") {
  TestHost host;
  request(host, 0x700);
  host.setFeature(FeatureId::TemperatureThreshold, 300);
  CHECK(host.admin->staysSilent());
}

TEST_CASE("one request too many is refused") {
  TestHost host;
  for (std::uint16_t i = 0; i < 4; ++i) request(host, static_cast<std::uint16_t>(0x700 + i));
  CHECK(host.admin->staysSilent());
  request(host, 0x704);
  const auto refused = host.admin->await();
  CHECK(refused.cid == 0x704);
  CHECK(TestHost::plain(refused) == status::kAerLimitExceeded);
  CHECK((refused.status() & 0x4000U) == 0);  // no Do Not Retry
}

TEST_CASE("a CID that is outstanding conflicts") {
  TestHost host;
  request(host, 0x700);
  auto sqe = TestHost::sqe(AdminOpcode::GetFeatures);
  sqe.cid = 0x700;
  sqe.cdw10 = 1;
  host.admin->submit(sqe);
  CHECK(TestHost::plain(host.admin->await()) == status::kCidConflict);
}

TEST_CASE("Abort ends an outstanding request, and finds nothing else") {
  TestHost host;
  request(host, 0x700);
  auto abort = TestHost::sqe(AdminOpcode::Abort);
  abort.cdw10 = 0x700U << 16U;
  abort.cid = 0x100;
  host.admin->submit(abort);
  const auto answer = host.admin->await();
  const auto aborted = host.admin->await();
  CHECK(answer.cid == 0x100);
  CHECK(answer.dw0 == 0);
  CHECK(aborted.cid == 0x700);
  CHECK(TestHost::plain(aborted) == status::kAbortRequested);
  CHECK(host.adminCommand(abort).dw0 == 1);
  abort.cdw10 = 9;
  CHECK(TestHost::plain(host.adminCommand(abort)) == status::kInvalidField);
}

TEST_CASE("the doorbell of a queue that does not exist is an error event") {
  TestHost host;
  request(host, 0x700);
  std::uint32_t index = 0;
  SUBCASE("submission queue") { index = 2 * 5; }
  SUBCASE("completion queue") { index = 2 * 5 + 1; }
  SUBCASE("beyond the last queue") { index = 500; }
  host.admin->ring(index, 1);
  CHECK(host.admin->await().dw0 == kInvalidDoorbellRegister);
  REQUIRE(host.logPage(spec::LogPageId::ErrorInformation, 64).status() == 0);
  CHECK(host.data.as<spec::ErrorLogEntry>().sqId == 0xffff);
}

TEST_CASE("a doorbell value out of range is an error event, and the queue works on") {
  TestHost host;
  host.openIo(8);
  request(host, 0x700);
  SUBCASE("SQ tail beyond the queue") { host.io->ring(2, 8); }
  SUBCASE("CQ head beyond the queue") { host.io->ring(3, 8); }
  SUBCASE("CQ head beyond what was posted") { host.io->ring(3, 3); }
  CHECK(host.admin->await().dw0 == kInvalidDoorbellValue);
  CHECK(host.ioCommand(host.block(spec::NvmOpcode::Read, 0, 1)).status() == 0);
}

TEST_CASE("a reset forgets requests and events") {
  TestHost host;
  request(host, 0x700);
  host.function->write32(spec::reg::kCc, 0);
  host.enable();
  overheat(host);
  host.setFeature(FeatureId::TemperatureThreshold, 300);
  CHECK(host.admin->staysSilent());
}
