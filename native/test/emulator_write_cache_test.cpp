#include <doctest/doctest.h>

#include "test/support/test_host.h"

using namespace doorbell;
using spec::FeatureId;
using spec::NvmOpcode;
using test::TestHost;

namespace {

constexpr std::uint32_t kForceUnitAccess = 1U << 30U;

void powerCycle(TestHost& host) {
  host.function->power()->off();
  host.function->power()->on();
  host.enable();
  host.openIo();
}

}  // namespace

TEST_CASE("a cached write is lost with the power") {
  TestHost host;
  host.openIo();
  REQUIRE(host.write(8, 8, 1).status() == 0);
  REQUIRE(host.ioCommand(host.block(NvmOpcode::Flush, 0, 1)).status() == 0);
  REQUIRE(host.write(8, 8, 2).status() == 0);
  CHECK(host.readFill(8) == 2);
  powerCycle(host);
  CHECK(host.readFill(8) == 1);
}

TEST_CASE("a cached write to a block never written leaves zeros") {
  TestHost host;
  host.openIo();
  REQUIRE(host.write(8, 1, 2).status() == 0);
  powerCycle(host);
  CHECK(host.readFill(8) == 0);
}

TEST_CASE("what is durable survives") {
  TestHost host;
  host.openIo();
  SUBCASE("flushed") {
    REQUIRE(host.write(8, 8, 2).status() == 0);
    REQUIRE(host.ioCommand(host.block(NvmOpcode::Flush, 0, 1)).status() == 0);
  }
  SUBCASE("written with Force Unit Access") {
    REQUIRE(host.write(8, 8, 2, kForceUnitAccess).status() == 0);
  }
  SUBCASE("read with Force Unit Access") {
    REQUIRE(host.write(8, 8, 2).status() == 0);
    auto read = host.block(NvmOpcode::Read, 8, 8);
    read.cdw12 |= kForceUnitAccess;
    REQUIRE(host.ioCommand(read).status() == 0);
  }
  SUBCASE("written with the cache disabled") {
    REQUIRE(host.setFeature(FeatureId::VolatileWriteCache, 0).status() == 0);
    REQUIRE(host.write(8, 8, 2).status() == 0);
  }
  SUBCASE("cached when the cache was disabled") {
    REQUIRE(host.write(8, 8, 2).status() == 0);
    REQUIRE(host.setFeature(FeatureId::VolatileWriteCache, 0).status() == 0);
  }
  SUBCASE("cached when the controller was shut down") {
    REQUIRE(host.write(8, 8, 2).status() == 0);
    host.function->write32(spec::reg::kCc, TestHost::kCcEnabled | (1U << 14U));
  }
  powerCycle(host);
  CHECK(host.readFill(8) == 2);
}

TEST_CASE("Force Unit Access makes its blocks durable and not their cached neighbours") {
  TestHost host;
  host.openIo();
  REQUIRE(host.write(8, 8, 1, kForceUnitAccess).status() == 0);
  REQUIRE(host.write(8, 8, 2).status() == 0);
  REQUIRE(host.write(10, 1, 3, kForceUnitAccess).status() == 0);
  powerCycle(host);
  CHECK(host.readFill(9) == 1);
  CHECK(host.readFill(10) == 3);
  CHECK(host.readFill(11) == 1);
}

TEST_CASE("the cache survives a controller reset") {
  TestHost host;
  host.openIo();
  REQUIRE(host.write(8, 8, 2).status() == 0);
  host.function->write32(spec::reg::kCc, 0);
  host.enable();
  host.openIo();
  CHECK(host.readFill(8) == 2);
}

TEST_CASE("some cached writes had reached the medium, which ones the seed decides") {
  const auto survivors = [](const std::string& seed) {
    TestHost host(test::freshAddress("size=64M&seed=" + seed));
    host.openIo();
    for (std::uint64_t i = 0; i < 64; ++i) REQUIRE(host.write(i * 8, 8, 5).status() == 0);
    powerCycle(host);
    std::string kept;
    for (std::uint64_t i = 0; i < 64; ++i) kept += host.readFill(i * 8) == 5 ? '1' : '0';
    return kept;
  };
  const auto first = survivors("1");
  CHECK(first.find('0') != std::string::npos);
  CHECK(first.find('1') != std::string::npos);
  CHECK(first.back() == '0');
  CHECK(survivors("1") == first);
  CHECK(survivors("2") != first);
}

TEST_CASE("the cache is bounded: the oldest writes become durable") {
  TestHost host;
  host.openIo();
  for (std::uint64_t i = 0; i < 1024 + 100; ++i) REQUIRE(host.write(i * 8, 8, 5).status() == 0);
  powerCycle(host);
  for (std::uint64_t i = 0; i < 100; ++i) CHECK(host.readFill(i * 8) == 5);
  CHECK(host.readFill((1024 + 99) * 8) == 0);
}

TEST_CASE("Write Zeroes is cached, Deallocate and Write Uncorrectable are durable") {
  TestHost host;
  host.openIo();
  for (const std::uint64_t slba : {8, 16, 24}) {
    REQUIRE(host.write(slba, 8, 1, kForceUnitAccess).status() == 0);
  }
  REQUIRE(host.ioCommand(host.block(NvmOpcode::WriteUncorrectable, 24, 1)).status() == 0);
  auto deallocate = host.block(NvmOpcode::DatasetManagement, 0, 1);
  host.data.put<std::uint64_t>(0, std::uint64_t{8} << 32U);
  host.data.put<std::uint64_t>(8, 16);
  deallocate.cdw11 = 4;
  REQUIRE(host.ioCommand(deallocate).status() == 0);
  REQUIRE(host.ioCommand(host.block(NvmOpcode::WriteZeroes, 8, 8)).status() == 0);
  powerCycle(host);
  CHECK(host.readFill(8) == 1);
  CHECK(host.readFill(16) == 0);
  CHECK(host.readFill(24) == -1);
}

TEST_CASE("a cached write over an uncorrectable block brings the mark back when it is lost") {
  TestHost host;
  host.openIo();
  REQUIRE(host.ioCommand(host.block(NvmOpcode::WriteUncorrectable, 8, 1)).status() == 0);
  REQUIRE(host.write(8, 1, 2).status() == 0);
  CHECK(host.readFill(8) == 2);
  powerCycle(host);
  CHECK(host.readFill(8) == -1);
}
