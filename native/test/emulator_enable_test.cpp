#include <doctest/doctest.h>

#include "test/support/test_host.h"

using namespace doorbell;
using test::TestHost;
namespace reg = spec::reg;

TEST_CASE("properties have their reset values") {
  TestHost host(test::freshAddress(), false);
  auto& f = *host.function;
  const reg::Cap cap{f.read64(reg::kCap)};
  CHECK(cap.mqes() == 1023);
  CHECK_FALSE(cap.cqr());
  CHECK(cap.ams() == 1);
  CHECK(cap.dstrd() == 0);
  CHECK(cap.nssrs());
  CHECK(cap.css() == 0x41);  // the NVM Command Set, and all that Identify lists
  CHECK(cap.timeoutMs() == 10000);
  CHECK(cap.mpsMin() == 0);
  CHECK(cap.mpsMax() == 4);
  CHECK(f.read32(reg::kVs) == 0x00020000);
  CHECK(f.read32(reg::kCc) == 0);
  CHECK(f.read32(reg::kCsts) == 0);
  CHECK(f.read32(reg::kNssr) == 0);
  CHECK((f.read32(reg::kCrto) & 0xffff) == 20);
}

TEST_CASE("read-only properties and reserved bits ignore writes") {
  TestHost host(test::freshAddress(), false);
  auto& f = *host.function;
  const auto cap = f.read64(reg::kCap);
  f.write64(reg::kCap, ~cap);
  CHECK(f.read64(reg::kCap) == cap);
  f.write32(reg::kVs, 0);
  CHECK(f.read32(reg::kVs) == 0x00020000);
  f.write64(reg::kAsq, 0x123456789abcdfff);
  CHECK(f.read64(reg::kAsq) == 0x123456789abcd000);
  f.write32(reg::kAqa, 0xffffffff);
  CHECK(f.read32(reg::kAqa) == 0x0fff0fff);
}

TEST_CASE("accesses outside BAR0 or misaligned throw") {
  TestHost host(test::freshAddress(), false);
  CHECK_THROWS_AS(host.function->read32(host.function->barSize()), Error);
  CHECK_THROWS_AS(host.function->read32(2), Error);
  CHECK_THROWS_AS(host.function->write64(4, 0), Error);
  CHECK_THROWS_AS(host.function->read64(host.function->barSize() - 4), Error);
}

TEST_CASE("enabling makes it ready, disabling resets all but the admin queue's properties") {
  TestHost host;
  CHECK(host.csts().raw == 1);
  const auto aqa = host.function->read32(reg::kAqa);
  host.function->write32(reg::kCc, 0);
  CHECK(host.csts().raw == 0);
  CHECK(host.function->read32(reg::kCc) == 0);
  CHECK(host.function->read32(reg::kAqa) == aqa);
  CHECK(host.function->read64(reg::kAsq) == host.admin->sqBus());
}

TEST_CASE("a controller enabled again works") {
  TestHost host;
  for (int i = 0; i < 3; ++i) {
    host.function->write32(reg::kCc, 0);
    host.enable();
    CHECK(host.identify(spec::Cns::Controller).status() == 0);
  }
}

TEST_CASE("invalid settings end in Controller Fatal Status") {
  std::uint32_t cc = TestHost::kCcEnabled;
  std::uint32_t aqa = 0x001f001f;
  SUBCASE("admin SQ of one entry") { aqa = 0x001f0000; }
  SUBCASE("admin CQ of one entry") { aqa = 0x0000001f; }
  SUBCASE("page size above CAP.MPSMAX") { cc |= 5U << 7U; }
  SUBCASE("a command set that is not offered") { cc |= 1U << 4U; }
  SUBCASE("an arbitration mechanism that is not offered") { cc |= 2U << 11U; }
  TestHost host(test::freshAddress(), false);
  host.enableBusMaster();
  host.writeAdminQueue();
  host.function->write32(reg::kAqa, aqa);
  host.function->write32(reg::kCc, cc);
  CHECK(host.csts().cfs());
  CHECK_FALSE(host.csts().rdy());
  host.function->write32(reg::kCc, 0);
  CHECK_FALSE(host.csts().cfs());
}

TEST_CASE("an admin queue that is not in mapped memory ends in Controller Fatal Status") {
  TestHost host(test::freshAddress(), false);
  host.enableBusMaster();
  host.writeAdminQueue();
  host.function->write64(reg::kAsq, 0x7000000000);
  host.function->write32(reg::kCc, TestHost::kCcEnabled);
  host.admin->submit({});
  CHECK(test::eventually([&] { return host.csts().cfs(); }));
}

TEST_CASE("without Bus Master Enable no command is taken") {
  TestHost host;
  host.function->configWrite(spec::pci::kCommand, 2, spec::pci::kCommandMemorySpace);
  auto sqe = TestHost::sqe(spec::AdminOpcode::Identify);
  sqe.cdw10 = 1;
  sqe.prp1 = host.data.bus();
  host.admin->submit(sqe);
  CHECK(host.admin->staysSilent());
  host.enableBusMaster();
  host.admin->ringTail();
  CHECK(host.admin->await().status() == 0);
}

TEST_CASE("a shutdown completes and stops the controller until it is enabled again") {
  std::uint32_t shn = 0;
  SUBCASE("normal") { shn = 1; }
  SUBCASE("abrupt") { shn = 2; }
  TestHost host;
  host.function->write32(reg::kCc, TestHost::kCcEnabled | (shn << 14U));
  CHECK(host.csts().shst() == 2);
  host.admin->submit(TestHost::sqe(spec::AdminOpcode::Identify));
  CHECK(host.admin->staysSilent());
  host.function->write32(reg::kCc, 0);
  CHECK(host.csts().shst() == 0);
  host.enable();
  CHECK(host.identify(spec::Cns::Controller).status() == 0);
}

TEST_CASE("an NVM Subsystem Reset resets everything and says so") {
  TestHost host;
  host.function->write32(reg::kNssr, 1);
  CHECK(host.csts().rdy());
  host.function->write32(reg::kNssr, reg::kNssrMagic);
  CHECK(host.csts().nssro());
  CHECK_FALSE(host.csts().rdy());
  CHECK(host.function->read32(reg::kAqa) == 0);
  host.function->write32(reg::kCsts, 1U << 4U);
  CHECK_FALSE(host.csts().nssro());
  host.enable();
  CHECK(host.identify(spec::Cns::Controller).status() == 0);
}

TEST_CASE("the page size can only change while disabled") {
  TestHost host;
  host.function->write32(reg::kCc, TestHost::kCcEnabled | (2U << 7U));
  CHECK(host.function->read32(reg::kCc) == TestHost::kCcEnabled);
}
