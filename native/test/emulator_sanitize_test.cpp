#include <doctest/doctest.h>

#include "spec/sanitize.h"
#include "spec/self_test.h"
#include "test/support/test_device.h"

using namespace doorbell;
using spec::AdminOpcode;
using spec::SanitizeOption;
using spec::SanitizeState;
using test::TestDevice;
using test::TestHost;
namespace status = spec::status;

namespace {

constexpr std::uint32_t kExit = 1;
constexpr std::uint32_t kBlockErase = 2;
constexpr std::uint32_t kCryptoErase = 4;

spec::Status sanitize(TestHost& host, std::uint32_t cdw10, std::uint32_t pattern = 0) {
  auto sqe = TestHost::sqe(AdminOpcode::Sanitize);
  sqe.cdw10 = cdw10;
  sqe.cdw11 = pattern;
  return TestHost::plain(host.adminCommand(sqe));
}

spec::SanitizeStatusLog log(TestHost& host) {
  REQUIRE(host.logPage(spec::LogPageId::SanitizeStatus, 512).status() == 0);
  return host.data.as<spec::SanitizeStatusLog>();
}

SanitizeState stateOf(TestHost& host) { return static_cast<SanitizeState>(log(host).status & 7U); }

bool ends(TestHost& host) {
  return test::eventually([&] { return stateOf(host) != SanitizeState::InProgress; });
}

spec::Status send(TestHost& host, AdminOpcode opcode, std::uint32_t cdw10 = 0) {
  auto sqe = TestHost::sqe(opcode);
  sqe.prp1 = host.data.bus();
  sqe.cdw10 = cdw10;
  return TestHost::plain(host.adminCommand(sqe));
}

}  // namespace

TEST_CASE("a sanitize operation erases everything in the background and reports its progress") {
  TestHost host;
  host.openIo();
  host.write(9, 1, 0x55, 1U << 30U);
  CHECK(sanitize(host, kBlockErase).ok());
  CHECK(stateOf(host) == SanitizeState::InProgress);
  CHECK(test::eventually([&] {
    const auto progress = log(host).progress;
    return progress > 0 && progress < 0xffff;
  }));
  CHECK(ends(host));
  CHECK(stateOf(host) == SanitizeState::Completed);
  CHECK(log(host).progress == 0xffff);
  CHECK(host.readFill(9) == 0);
}

TEST_CASE("completion is an event, until the log page is read") {
  TestHost host;
  auto request = TestHost::sqe(AdminOpcode::AsynchronousEventRequest);
  request.cid = 0x700;
  host.admin->submit(request);
  CHECK(sanitize(host, kCryptoErase).ok());
  const auto event = host.admin->await();
  CHECK(event.cid == 0x700);
  CHECK(event.dw0 == 0x810106);
}

TEST_CASE("during a sanitize operation only what the specification lists is processed") {
  TestHost host;
  host.openIo();
  CHECK(sanitize(host, kBlockErase).ok());
  CHECK(TestHost::plain(host.write(0, 1, 1)) == status::kSanitizeInProgress);
  CHECK(host.ioCommand(host.block(spec::NvmOpcode::Flush, 0, 1)).status() == 0);
  CHECK(sanitize(host, kBlockErase) == status::kSanitizeInProgress);
  for (const auto opcode :
       {AdminOpcode::FormatNvm, AdminOpcode::FirmwareImageDownload, AdminOpcode::FirmwareCommit,
        AdminOpcode::DeviceSelfTest, AdminOpcode::NamespaceManagement, AdminOpcode::SecurityReceive,
        AdminOpcode::DirectiveSend}) {
    CHECK(send(host, opcode) == status::kSanitizeInProgress);
  }
  CHECK(TestHost::plain(host.logPage(spec::LogPageId::FirmwareSlot, 512)) ==
        status::kSanitizeInProgress);
  CHECK(host.logPage(spec::LogPageId::SmartHealth, 512).status() == 0);
  CHECK(host.identify(spec::Cns::Controller).status() == 0);
  CHECK(host.getFeature(spec::FeatureId::Arbitration).status() == 0);
}

TEST_CASE("a sanitize operation goes on after resets and after a loss of power") {
  TestHost host;
  host.openIo();
  host.write(0, 1, 0x55, 1U << 30U);
  CHECK(sanitize(host, kBlockErase).ok());
  SUBCASE("controller reset") { host.function->write32(spec::reg::kCc, 0); }
  SUBCASE("power") {
    host.function->power()->off();
    host.function->power()->on();
  }
  host.enable();
  CHECK(stateOf(host) == SanitizeState::InProgress);
  host.openIo();
  CHECK(TestHost::plain(host.write(0, 1, 1)) == status::kSanitizeInProgress);
  CHECK(ends(host));
  CHECK(host.readFill(0) == 0);
}

TEST_CASE("a failed operation lets nothing but its recovery happen") {
  TestDevice device;
  TestHost& host = device.host;
  host.openIo();
  device.subsystem().admin().sanitize.failNext();
  SUBCASE("restricted") {
    CHECK(sanitize(host, kBlockErase).ok());
    CHECK(ends(host));
    CHECK(stateOf(host) == SanitizeState::Failed);
    CHECK(TestHost::plain(host.write(0, 1, 1)) == status::kSanitizeFailed);
    CHECK(send(host, AdminOpcode::FormatNvm) == status::kSanitizeFailed);
    CHECK(sanitize(host, kExit) == status::kSanitizeFailed);
    CHECK(sanitize(host, kCryptoErase).ok());
    CHECK(ends(host));
  }
  SUBCASE("unrestricted") {
    CHECK(sanitize(host, kBlockErase | SanitizeOption::kUnrestrictedExit).ok());
    CHECK(ends(host));
    CHECK(TestHost::plain(host.write(0, 1, 1)) == status::kSanitizeFailed);
    CHECK(sanitize(host, kExit).ok());
  }
  CHECK(host.write(0, 1, 1).status() == 0);
}

TEST_CASE("starting a sanitize operation ends a self-test and a format") {
  TestHost host;
  auto format = TestHost::sqe(AdminOpcode::FormatNvm);
  format.nsid = 1;
  format.cid = 0x700;
  auto test = TestHost::sqe(AdminOpcode::DeviceSelfTest);
  test.cdw10 = 1;
  CHECK(host.adminCommand(test).status() == 0);
  host.admin->submit(format);
  auto start = TestHost::sqe(AdminOpcode::Sanitize);
  start.cdw10 = kCryptoErase;
  start.cid = 0x701;
  host.admin->submit(start);
  auto first = host.admin->await();
  auto second = host.admin->await();
  if (first.cid == 0x701) std::swap(first, second);
  CHECK(TestHost::plain(first) == status::kSanitizeInProgress);
  CHECK(second.status() == 0);
  CHECK(ends(host));
  CHECK(host.logPage(spec::LogPageId::DeviceSelfTest, 564).status() == 0);
  CHECK(int{host.data.as<spec::SelfTestLog>().results[0].status} == 0x19);
}

TEST_CASE("data written after a sanitize operation clears Global Data Erased") {
  TestHost host;
  host.openIo();
  constexpr auto kErased = spec::SanitizeStatusLog::kGlobalDataErased;
  CHECK(sanitize(host, kCryptoErase).ok());
  CHECK(ends(host));
  CHECK((log(host).status & kErased) != 0);
  host.write(0, 1, 1);
  CHECK((log(host).status & kErased) == 0);
}
