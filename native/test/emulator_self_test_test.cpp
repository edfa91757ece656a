#include <doctest/doctest.h>

#include "spec/self_test.h"
#include "test/support/test_device.h"

using namespace doorbell;
using spec::AdminOpcode;
using test::TestDevice;
using test::TestHost;
namespace status = spec::status;

namespace {

constexpr std::uint32_t kShort = 1;
constexpr std::uint32_t kExtended = 2;
constexpr std::uint32_t kAbort = 0xf;

spec::Status start(TestHost& host, std::uint32_t code, std::uint32_t nsid = spec::kBroadcastNsid) {
  auto sqe = TestHost::sqe(AdminOpcode::DeviceSelfTest);
  sqe.nsid = nsid;
  sqe.cdw10 = code;
  return TestHost::plain(host.adminCommand(sqe));
}

spec::SelfTestLog log(TestHost& host) {
  REQUIRE(host.logPage(spec::LogPageId::DeviceSelfTest, sizeof(spec::SelfTestLog)).status() == 0);
  return host.data.as<spec::SelfTestLog>();
}

int newest(TestHost& host) { return log(host).results[0].status; }

bool ends(TestHost& host) {
  return test::eventually([&] { return log(host).operation == 0; });
}

void restart(TestHost& host) {
  host.function->write32(spec::reg::kCc, 0);
  host.enable();
}

}  // namespace

TEST_CASE("a short self-test runs beside I/O and passes") {
  TestHost host;
  host.openIo();
  CHECK(start(host, kShort).ok());
  CHECK(log(host).operation == kShort);
  CHECK(host.write(0, 1, 1).status() == 0);
  CHECK(start(host, kShort) == status::kSelfTestInProgress);
  CHECK(test::eventually([&] { return log(host).completion > 0; }));
  CHECK(ends(host));
  CHECK(newest(host) == 0x10);
}

TEST_CASE("a self-test of a namespace needs that namespace") {
  TestHost host;
  CHECK(start(host, kShort, 2) == status::kInvalidField);
  CHECK(start(host, kShort, 99) == status::kInvalidNamespace);
  CHECK(start(host, kShort, 0).ok());
  CHECK(start(host, kAbort).ok());
  CHECK(newest(host) == 0x11);
}

TEST_CASE("a reset ends a short self-test, an extended one survives it") {
  TestHost host;
  CHECK(start(host, kShort).ok());
  restart(host);
  CHECK(newest(host) == 0x12);
  CHECK(start(host, kExtended).ok());
  restart(host);
  CHECK(log(host).operation == kExtended);
  host.function->power()->off();
  host.function->power()->on();
  host.enable();
  CHECK(log(host).operation == kExtended);
  CHECK(ends(host));
  CHECK(newest(host) == 0x20);
}

TEST_CASE("formatting its namespace ends a self-test, formatting another does not") {
  TestDevice device("size=64M&namespaces=2");
  TestHost& host = device.host;
  auto format = TestHost::sqe(AdminOpcode::FormatNvm);
  format.nsid = 2;
  CHECK(start(host, kExtended, 1).ok());
  CHECK(host.adminCommand(format).status() == 0);
  CHECK(log(host).operation == kExtended);
  format.nsid = 1;
  CHECK(host.adminCommand(format).status() == 0);
  CHECK(newest(host) == 0x24);
}

TEST_CASE("deleting its namespace ends a self-test") {
  TestHost host;
  CHECK(start(host, kExtended, 1).ok());
  auto remove = TestHost::sqe(AdminOpcode::NamespaceManagement);
  remove.nsid = 1;
  remove.cdw10 = 1;
  CHECK(host.adminCommand(remove).status() == 0);
  CHECK(newest(host) == 0x23);
}

TEST_CASE("a critical warning fails the SMART check") {
  TestDevice device;
  device.subsystem().health().readOnly = true;
  CHECK(start(device.host, kShort).ok());
  CHECK(ends(device.host));
  CHECK(newest(device.host) == 0x17);
  CHECK(int{log(device.host).results[0].segment} == 2);
}
