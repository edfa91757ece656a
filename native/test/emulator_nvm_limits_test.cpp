#include <doctest/doctest.h>

#include <vector>

#include "test/support/formatted_host.h"

using namespace doorbell;
using spec::NvmOpcode;
using test::FormattedHost;
using test::TestHost;
namespace status = spec::status;

namespace {

constexpr std::uint32_t kDeallocate = 1U << 25U;  // DEAC
constexpr std::uint32_t kDulbe = 1U << 16U;

struct Range {
  std::uint32_t attributes = 0;
  std::uint32_t blocks = 0;
  std::uint64_t slba = 0;
};

spec::Status deallocate(TestHost& host, const std::vector<Range>& ranges) {
  auto sqe = host.block(NvmOpcode::DatasetManagement, 0, 1);
  for (std::size_t i = 0; i < ranges.size(); ++i) host.data.put(i * 16, ranges[i]);
  sqe.cdw10 = static_cast<std::uint32_t>(ranges.size()) - 1;
  sqe.cdw11 = 4;
  sqe.cdw12 = 0;
  return TestHost::plain(host.ioCommand(sqe));
}

}  // namespace

TEST_CASE("commands without a transfer keep to the limits of their own") {
  TestHost host(test::freshAddress("size=1G&lbaSize=4096"));
  host.openIo();
  host.identify(spec::Cns::CommandSetController);
  const auto id = host.data.as<spec::IdentifyControllerNvm>();
  CHECK(id.vsl == 13);
  CHECK(id.wzsl == 13);
  CHECK(id.wusl == 13);
  for (const auto opcode :
       {NvmOpcode::Verify, NvmOpcode::WriteZeroes, NvmOpcode::WriteUncorrectable}) {
    CAPTURE(static_cast<int>(opcode));
    CHECK(TestHost::plain(host.ioCommand(host.block(opcode, 0, 8193))) == status::kInvalidField);
    if (opcode == NvmOpcode::WriteUncorrectable) continue;
    CHECK(TestHost::plain(host.ioCommand(host.block(opcode, 0, 8192))).ok());
  }
}

TEST_CASE("Dataset Management keeps to its limits of ranges and blocks") {
  TestHost host(test::freshAddress("size=16G"));
  host.openIo();
  host.identify(spec::Cns::CommandSetController);
  const auto id = host.data.as<spec::IdentifyControllerNvm>();
  REQUIRE(id.dmrl == 255);
  CHECK(deallocate(host, std::vector<Range>(255, {0, 8, 0})).ok());
  CHECK(deallocate(host, std::vector<Range>(256, {0, 8, 0})) == status::kCommandSizeLimitExceeded);
  CHECK(deallocate(host, {{0, id.dmrsl, 0}}).ok());
  CHECK(deallocate(host, {{0, id.dmrsl + 1, 0}}) == status::kCommandSizeLimitExceeded);
  REQUIRE(id.dmsl == 4ULL * id.dmrsl);
  const std::vector<Range> all(4, {0, id.dmrsl, 0});
  CHECK(deallocate(host, all).ok());
  auto more = all;
  more.push_back({0, 1, 0});
  CHECK(deallocate(host, more) == status::kCommandSizeLimitExceeded);
}

TEST_CASE("a deallocated block is an error to read for a host that asked for it") {
  TestHost host;
  host.openIo();
  host.identify(spec::Cns::Namespace, 1);
  REQUIRE((host.data.as<spec::IdentifyNamespace>().nsfeat & 4U) != 0);
  REQUIRE(host.write(9, 3, 7).status() == 0);
  REQUIRE(host.write(24, 8, 7).status() == 0);
  REQUIRE(deallocate(host, {{0, 1, 10}, {0, 8, 24}}).ok());
  CHECK(host.readFill(10) == 0);
  REQUIRE(host.setFeature(spec::FeatureId::ErrorRecovery, kDulbe, false, 1).status() == 0);
  const auto read = [&](std::uint64_t slba, std::uint32_t count = 1) {
    return TestHost::plain(host.ioCommand(host.block(NvmOpcode::Read, slba, count)));
  };
  CHECK(read(9).ok());
  CHECK(read(11).ok());
  for (const std::uint64_t gone : {8, 10, 12, 24, 31, 5000}) {
    CAPTURE(gone);
    CHECK(read(gone) == status::kDeallocatedBlock);
  }
  CHECK(read(9, 3) == status::kDeallocatedBlock);
  host.logPage(spec::LogPageId::ErrorInformation, 64);
  CHECK(host.data.as<spec::ErrorLogEntry>().lba == 10);
  for (const auto opcode : {NvmOpcode::Compare, NvmOpcode::Verify}) {
    CHECK(TestHost::plain(host.ioCommand(host.block(opcode, 10, 1))) == status::kDeallocatedBlock);
  }
  // Writes make a block be there again; zeros do unless deallocation is asked for.
  REQUIRE(host.write(10, 1, 5).status() == 0);
  CHECK(read(10).ok());
  REQUIRE(host.ioCommand(host.block(NvmOpcode::WriteZeroes, 100, 2)).status() == 0);
  CHECK(read(100, 2).ok());
  CHECK(read(102) == status::kDeallocatedBlock);
  auto zeroes = host.block(NvmOpcode::WriteZeroes, 100, 1);
  zeroes.cdw12 |= kDeallocate;
  REQUIRE(host.ioCommand(zeroes).status() == 0);
  CHECK(read(100) == status::kDeallocatedBlock);
  CHECK(read(101).ok());
  REQUIRE(host.setFeature(spec::FeatureId::ErrorRecovery, 0, false, 1).status() == 0);
  CHECK(read(100).ok());
}

TEST_CASE("power undoes a deallocation together with what it was of, or neither") {
  TestHost host;
  host.openIo();
  REQUIRE(host.write(8, 2, 7, 1U << 30U).status() == 0);
  REQUIRE(host.write(10, 1, 8).status() == 0);  // cached, and lost
  host.function->power()->off();
  host.function->power()->on();
  host.enable();
  host.openIo();
  REQUIRE(host.setFeature(spec::FeatureId::ErrorRecovery, kDulbe, false, 1).status() == 0);
  CHECK(host.readFill(9) == 7);
  CHECK(host.readFill(10) == -1);
}

TEST_CASE(
    "Write Zeroes with deallocation leaves the protection information of deallocated blocks") {
  FormattedHost host("512+8:pi1");
  REQUIRE(host.send(NvmOpcode::WriteZeroes, 4, 1, kDeallocate).ok());
  REQUIRE(host.send(NvmOpcode::Read, 4, 1, test::kRefTag, {4}).ok());
  CHECK(host.tuple(0) == spec::ProtectionTuple{0xffff, 0xffff, 0xffffffff});
  REQUIRE(host.send(NvmOpcode::WriteZeroes, 4, 1, kDeallocate | test::kAct, {4, 9}).ok());
  REQUIRE(host.send(NvmOpcode::Read, 4, 1, test::kRefTag, {4}).ok());
  CHECK(host.tuple(0) == spec::ProtectionTuple{0, 9, 4});
}

TEST_CASE("a write protected namespace can be read and flushed, and keeps its blocks") {
  TestHost host;
  host.openIo();
  REQUIRE(host.write(0, 1, 3).status() == 0);
  REQUIRE(host.setFeature(spec::FeatureId::NamespaceWriteProtectionConfig, 1, false, 1).status() ==
          0);
  for (const auto opcode :
       {NvmOpcode::Write, NvmOpcode::WriteZeroes, NvmOpcode::WriteUncorrectable, NvmOpcode::Copy}) {
    CAPTURE(static_cast<int>(opcode));
    CHECK(TestHost::plain(host.ioCommand(host.block(opcode, 0, 1))) ==
          status::kNamespaceWriteProtected);
  }
  CHECK(deallocate(host, {{0, 1, 0}}) == status::kNamespaceWriteProtected);
  CHECK(host.readFill(0) == 3);
  CHECK(host.ioCommand(host.block(NvmOpcode::Flush, 0, 1)).status() == 0);
  CHECK(host.ioCommand(host.block(NvmOpcode::Verify, 0, 1)).status() == 0);
  REQUIRE(host.setFeature(spec::FeatureId::NamespaceWriteProtectionConfig, 0, false, 1).status() ==
          0);
  CHECK(host.write(0, 1, 4).status() == 0);
}

TEST_CASE("Identify names the atomic units and optimal sizes of the format") {
  for (const auto& [format, unit] : {std::pair{"512+8", 7}, std::pair{"4096", 0}}) {
    FormattedHost host(format);
    host.identify(spec::Cns::Namespace, 1);
    const auto id = host.data.as<spec::IdentifyNamespace>();
    CHECK(id.nsfeat == 0x16);
    for (const auto field : {id.nawun, id.nawupf, id.nacwu, id.nabsn, id.nabspf, id.npwg, id.npwa,
                             id.npdg, id.npda, id.nows}) {
      CHECK(field == unit);
    }
  }
}
