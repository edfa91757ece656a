#include <doctest/doctest.h>

#include "test/support/test_device.h"

using namespace doorbell;
using spec::AdminOpcode;
using test::TestDevice;
using test::TestHost;
namespace status = spec::status;

namespace {

constexpr std::uint32_t kUserDataErase = 1U << 9U;
constexpr std::uint32_t kCryptographicErase = 2U << 9U;

spec::Sqe formatSqe(std::uint32_t cdw10, std::uint32_t nsid = 1) {
  auto sqe = TestHost::sqe(AdminOpcode::FormatNvm);
  sqe.nsid = nsid;
  sqe.cdw10 = cdw10;
  return sqe;
}

spec::Status format(TestHost& host, std::uint32_t cdw10, std::uint32_t nsid = 1) {
  return TestHost::plain(host.adminCommand(formatSqe(cdw10, nsid)));
}

spec::IdentifyNamespace identify(TestHost& host, std::uint32_t nsid = 1) {
  REQUIRE(host.identify(spec::Cns::Namespace, nsid).status() == 0);
  return host.data.as<spec::IdentifyNamespace>();
}

/// A format under way; its command has CID 0x700.
void start(TestHost& host, std::uint32_t cdw10 = 1, std::uint32_t nsid = 1) {
  auto sqe = formatSqe(cdw10, nsid);
  sqe.cid = 0x700;
  host.admin->submit(sqe);
}

}  // namespace

TEST_CASE("every LBA format there is can be chosen, with its size and metadata") {
  TestHost host;
  const auto count = identify(host).nlbaf + 1U;
  for (std::uint32_t index = 0; index < count; ++index) {
    CHECK(format(host, index).ok());
    const auto id = identify(host);
    CHECK(id.flbas == index);
    CHECK((id.nsze << id.lbaf[index].dataSizeShift) == (64U << 20U));
    CHECK(id.ncap == id.nsze);
  }
}

TEST_CASE("metadata and protection information settings are reported afterwards") {
  TestHost host;
  CHECK(format(host, 2 | (1U << 4U) | (3U << 5U) | (1U << 8U)).ok());
  const auto id = identify(host);
  CHECK(id.flbas == (2 | (1 << 4)));
  CHECK(id.dps == (3 | (1 << 3)));
}

TEST_CASE("what was written is gone, whatever erase was asked for") {
  std::uint32_t erase = 0;
  SUBCASE("none") { erase = 0; }
  SUBCASE("user data erase") { erase = kUserDataErase; }
  SUBCASE("cryptographic erase") { erase = kCryptographicErase; }
  TestHost host;
  host.openIo();
  host.write(5, 1, 0xaa);
  CHECK(format(host, erase).ok());
  CHECK(host.readFill(5) == 0);
}

TEST_CASE("formats, erases and protection types that do not exist are refused") {
  TestHost host;
  CHECK(format(host, 15) == status::kInvalidFormat);
  CHECK(format(host, 1U << 5U) == status::kInvalidFormat);  // no metadata to hold it
  CHECK(format(host, 2 | (4U << 5U)) == status::kInvalidField);
  CHECK(format(host, 3U << 9U) == status::kInvalidField);
  CHECK(format(host, 0, 0) == status::kInvalidNamespace);
  CHECK(format(host, 0, 7) == status::kInvalidField);
  CHECK(format(host, 0, 1000) == status::kInvalidNamespace);
}

TEST_CASE("the broadcast NSID formats all attached namespaces, another only its own") {
  TestDevice device("size=64M&namespaces=2");
  TestHost& host = device.host;
  CHECK(format(host, 1, 2).ok());
  CHECK(identify(host, 1).flbas == 0);
  CHECK(identify(host, 2).flbas == 1);
  CHECK(format(host, 2, spec::kBroadcastNsid).ok());
  CHECK(identify(host, 1).flbas == 2);
  CHECK(identify(host, 2).flbas == 2);
}

TEST_CASE("while a namespace is formatted, commands for it are refused and progress is reported") {
  TestHost host;
  host.openIo();
  // On a busy machine a format may be over before the next command is even sent.
  const auto during = [&](const auto& look) {
    return test::eventually([&] {
      start(host);
      const bool seen = look();
      const auto end = host.admin->await();
      CHECK(end.cid == 0x700);
      CHECK(end.status() == 0);
      return seen;
    });
  };
  CHECK(during([&] { return TestHost::plain(host.write(0, 1, 1)) == status::kFormatInProgress; }));
  CHECK(test::eventually([&] {
    auto first = formatSqe(1);
    first.cid = 0x700;
    auto second = formatSqe(1);
    second.cid = 0x701;
    host.admin->post(first);
    host.admin->post(second);
    host.admin->ringTail();
    const auto refused = host.admin->await();
    CHECK(host.admin->await().cid == 0x700);
    return refused.cid == 0x701 && TestHost::plain(refused) == status::kFormatInProgress;
  }));
  CHECK(identify(host).fpi == 0x80);
  CHECK(host.write(0, 1, 1).status() == 0);
}

TEST_CASE("the Format Progress Indicator counts down") {
  TestHost host;
  CHECK(test::eventually([&] {
    auto ask = TestHost::sqe(AdminOpcode::Identify);
    ask.nsid = 1;
    ask.prp1 = host.data.bus();
    ask.cid = 0x701;
    auto begin = formatSqe(0);
    begin.cid = 0x700;
    host.admin->post(begin);
    host.admin->post(ask);
    host.admin->ringTail();
    CHECK(host.admin->await().cid == 0x701);
    const auto indicator = host.data.as<spec::IdentifyNamespace>().fpi;
    CHECK(host.admin->await().cid == 0x700);
    return indicator > 0x80 && indicator <= 0x80 + 100;
  }));
}

TEST_CASE("a format that is aborted changes nothing") {
  TestHost host;
  host.openIo();
  host.write(0, 1, 0x77);
  start(host);
  auto abort = TestHost::sqe(AdminOpcode::Abort);
  abort.cdw10 = 0x700U << 16U;
  abort.cid = 0x701;
  host.admin->submit(abort);
  auto first = host.admin->await();
  auto second = host.admin->await();
  if (first.cid == 0x701) std::swap(first, second);
  CHECK(TestHost::plain(first) == status::kAbortRequested);
  CHECK(second.dw0 == 0);
  CHECK(test::eventually([&] { return host.readFill(0) == 0x77; }));
  CHECK(identify(host).flbas == 0);
}

TEST_CASE("a reset or a loss of power during a format leaves the namespace as it was") {
  TestHost host;
  host.openIo();
  host.write(0, 1, 0x77, 1U << 30U);
  start(host);
  SUBCASE("reset") { host.function->write32(spec::reg::kCc, 0); }
  SUBCASE("power") {
    host.function->power()->off();
    host.function->power()->on();
  }
  host.enable();
  host.openIo();
  CHECK(host.readFill(0) == 0x77);
  CHECK(identify(host).flbas == 0);
}
