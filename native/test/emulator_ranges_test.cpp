#include <doctest/doctest.h>

#include "test/support/test_host.h"

using namespace doorbell;
using spec::NvmOpcode;
using test::TestHost;
namespace status = spec::status;

namespace {

struct Range {
  std::uint32_t attributes = 0;
  std::uint32_t blocks = 0;
  std::uint64_t slba = 0;
};

spec::Cqe deallocate(TestHost& host, const std::vector<Range>& ranges, std::uint32_t cdw11 = 4) {
  auto sqe = host.block(NvmOpcode::DatasetManagement, 0, 1);
  for (std::size_t i = 0; i < ranges.size(); ++i) host.data.put(i * 16, ranges[i]);
  sqe.cdw10 = static_cast<std::uint32_t>(ranges.size()) - 1;
  sqe.cdw11 = cdw11;
  sqe.cdw12 = 0;
  return host.ioCommand(sqe);
}

}  // namespace

TEST_CASE("deallocated blocks read as zeros, their neighbours stay") {
  TestHost host;
  host.openIo();
  for (std::uint64_t slba = 0; slba < 64; slba += 8) REQUIRE(host.write(slba, 8, 9).status() == 0);
  REQUIRE(deallocate(host, {{0, 21, 5}, {0, 1, 40}, {0, 2, 7}}).status() == 0);
  for (std::uint64_t slba = 0; slba < 64; ++slba) {
    CAPTURE(slba);
    const bool gone = (slba >= 5 && slba < 26) || slba == 40;
    CHECK(host.readFill(slba) == (gone ? 0 : 9));
  }
  REQUIRE(host.write(10, 1, 4).status() == 0);
  CHECK(host.readFill(10) == 4);
  CHECK(host.readFill(11) == 0);
}

TEST_CASE("a large deallocation and all 255 ranges work") {
  TestHost host;
  host.openIo();
  REQUIRE(host.write(70000, 8, 9).status() == 0);
  std::vector<Range> ranges;
  for (std::uint32_t i = 0; i < 255; ++i) ranges.push_back({0, 512, i * 512});
  REQUIRE(deallocate(host, ranges).status() == 0);
  CHECK(host.readFill(70000) == 0);
}

TEST_CASE("without the Deallocate attribute nothing changes") {
  TestHost host;
  host.openIo();
  REQUIRE(host.write(0, 8, 9).status() == 0);
  CHECK(deallocate(host, {{0, 8, 0}}, 0).status() == 0);
  CHECK(host.readFill(0) == 9);
}

TEST_CASE("one range out of bounds refuses the whole command") {
  TestHost host;
  host.openIo();
  REQUIRE(host.write(0, 8, 9).status() == 0);
  CHECK(TestHost::plain(deallocate(host, {{0, 8, 0}, {0, 2, 131071}})) == status::kLbaOutOfRange);
  CHECK(host.readFill(0) == 9);
}

TEST_CASE("Write Zeroes zeroes exactly its blocks, beyond what a transfer could") {
  TestHost host;
  host.openIo();
  REQUIRE(host.write(0, 8, 9).status() == 0);
  REQUIRE(host.write(65536, 8, 9).status() == 0);
  CHECK(host.ioCommand(host.block(NvmOpcode::WriteZeroes, 3, 65536)).status() == 0);
  CHECK(host.readFill(2) == 9);
  CHECK(host.readFill(3) == 0);
  CHECK(host.readFill(65538) == 0);
  CHECK(host.readFill(65539) == 9);
}

TEST_CASE("an uncorrectable block fails reads until it is written") {
  TestHost host;
  host.openIo();
  REQUIRE(host.write(8, 8, 9).status() == 0);
  const auto before = host.smart().mediaErrors.low;
  REQUIRE(host.ioCommand(host.block(NvmOpcode::WriteUncorrectable, 10, 2)).status() == 0);
  CHECK(TestHost::plain(host.ioCommand(host.block(NvmOpcode::Read, 8, 8))) ==
        status::kUnrecoveredReadError);
  CHECK(TestHost::plain(host.ioCommand(host.block(NvmOpcode::Compare, 11, 1))) ==
        status::kUnrecoveredReadError);
  CHECK(host.readFill(9) == 9);
  CHECK(host.smart().mediaErrors.low == before + 2);
  REQUIRE(host.write(10, 1, 7).status() == 0);
  CHECK(host.readFill(10) == 7);
  CHECK(host.readFill(11) == -1);
  SUBCASE("zeroed") {
    REQUIRE(host.ioCommand(host.block(NvmOpcode::WriteZeroes, 11, 1)).status() == 0);
  }
  SUBCASE("deallocated alone") { REQUIRE(deallocate(host, {{0, 1, 11}}).status() == 0); }
  SUBCASE("deallocated with its granule") { REQUIRE(deallocate(host, {{0, 64, 0}}).status() == 0); }
  CHECK(host.readFill(11) == 0);
}

TEST_CASE("the error log names the block that could not be read") {
  TestHost host;
  host.openIo();
  REQUIRE(host.ioCommand(host.block(NvmOpcode::WriteUncorrectable, 13, 1)).status() == 0);
  host.ioCommand(host.block(NvmOpcode::Read, 8, 8));
  host.logPage(spec::LogPageId::ErrorInformation, 64);
  CHECK(host.data.as<spec::ErrorLogEntry>().lba == 13);
}
