#include <doctest/doctest.h>

#include <array>

#include "spec/crc16_t10.h"
#include "test/support/formatted_host.h"

using namespace doorbell;
using spec::NvmOpcode;
using spec::ProtectionType;
using test::FormattedHost;
using test::kAct;
using test::kAppTag;
using test::kGuard;
using test::kRefTag;
using test::Tags;
namespace status = spec::status;

namespace {

constexpr auto kAll = kGuard | kAppTag | kRefTag;

constexpr std::array kFormats{"512+8:pi1",
                              "512+8:pi2:extended",
                              "512+8:pi3",
                              "4096+8:pi1:first",
                              "4096+64:pi1",
                              "4096+64:pi2:first",
                              "4096+64:pi1:extended",
                              "4096+64:pi3:first:extended"};

/// All checks that the type has.
std::uint32_t checksOf(const FormattedHost& host) {
  return host.layout.type == ProtectionType::Type3 ? kGuard | kAppTag : kAll;
}

}  // namespace

TEST_CASE("what the host protects passes every check on the way in and out") {
  for (const char* format : kFormats) {
    CAPTURE(format);
    FormattedHost host(format);
    const std::uint32_t count = host.lbaBytes == 512 ? 8 : 1;
    const Tags tags{100, 0xabcd, 0xffff};
    host.putBlocks(count, 0x30);
    host.protect(count, tags);
    CHECK(host.send(NvmOpcode::Write, 100, count, checksOf(host), tags).ok());
    host.data.fill(0);
    CHECK(host.send(NvmOpcode::Read, 100, count, checksOf(host), tags).ok());
    CHECK(host.holds(count, 0x30));
    CHECK(host.tuple(0).appTag == 0xabcd);
    CHECK(host.tuple(count - 1).refTag == host.layout.refTag(100, count - 1));
    CHECK(host.send(NvmOpcode::Compare, 100, count, checksOf(host), tags).ok());
    CHECK(host.send(NvmOpcode::Verify, 100, count, checksOf(host), tags).ok());
  }
}

TEST_CASE("the controller inserts and strips protection information when told to") {
  for (const char* format : kFormats) {
    CAPTURE(format);
    FormattedHost host(format);
    const bool alone = host.layout.metadataBytes == 8;
    const Tags tags{7, 0x1234, 0xffff};
    host.putBlocks(1, 0x61);
    std::memset(host.metadata(0) + host.layout.offset(), 0x99, 8);
    REQUIRE(host.send(NvmOpcode::Write, 7, 1, kAct, tags).ok());
    host.data.fill(0xee);
    REQUIRE(host.send(NvmOpcode::Read, 7, 1, kAct | checksOf(host), tags).ok());
    CHECK(host.holds(1, 0x61));
    if (alone) CHECK(host.metadata(0)[0] == std::byte{0xee});
    host.data.fill(0xee);
    REQUIRE(host.send(NvmOpcode::Read, 7, 1, checksOf(host), tags).ok());
    CHECK(host.tuple(0).appTag == 0x1234);
    CHECK(host.tuple(0).refTag == 7);
    CHECK(host.tuple(0).guard ==
          spec::guardOf(host.layout, {host.block(0), host.lbaBytes}, host.metadata(0)));
    if (!alone) {
      const std::uint32_t other = host.layout.first ? 63 : 0;
      CHECK(host.metadata(0)[other] == std::byte{0x9e});
    }
  }
}

TEST_CASE("each failed check has its own status, names the block, and nothing is written") {
  for (const char* format : {"512+8:pi1", "512+8:pi1:extended"}) {
    FormattedHost host(format);
    const Tags tags{20, 0x0f0f, 0xffff};
    host.putBlocks(4, 1);
    host.protect(4, tags);
    REQUIRE(host.send(NvmOpcode::Write, 20, 4, kAll, tags).ok());
    host.putBlocks(4, 0x81);
    host.protect(4, tags);
    auto bad = host.tuple(2);
    spec::Status expected = status::kGuardCheckError;
    std::uint32_t check = kGuard;
    SUBCASE("guard") { bad.guard ^= 1; }
    SUBCASE("application tag") {
      bad.appTag ^= 1;
      expected = status::kApplicationTagCheckError;
      check = kAppTag;
    }
    SUBCASE("reference tag") {
      bad.refTag ^= 1;
      expected = status::kReferenceTagCheckError;
      check = kRefTag;
    }
    host.setTuple(2, bad);
    CHECK(host.send(NvmOpcode::Write, 20, 4, kAll, tags) == expected);
    host.logPage(spec::LogPageId::ErrorInformation, 64);
    CHECK(host.data.as<spec::ErrorLogEntry>().lba == 22);
    REQUIRE(host.send(NvmOpcode::Read, 20, 4, kAll, tags).ok());
    CHECK(host.holds(4, 1));
    // Written unchecked, the fault is found on the way out.
    host.putBlocks(4, 0x81);
    host.protect(4, tags);
    host.setTuple(2, bad);
    REQUIRE(host.send(NvmOpcode::Write, 20, 4, kAll & ~check, tags).ok());
    CHECK(host.send(NvmOpcode::Read, 20, 4, kAll & ~check, tags).ok());
    CHECK(host.send(NvmOpcode::Read, 20, 4, check, tags) == expected);
    CHECK(host.send(NvmOpcode::Read, 20, 4, check | kAct, tags) == expected);
    CHECK(host.send(NvmOpcode::Verify, 20, 4, check, tags) == expected);
    CHECK(host.send(NvmOpcode::Read, 20, 2, check, tags).ok());
  }
}

TEST_CASE("the Application Tag Mask chooses the bits that count") {
  FormattedHost host("512+8:pi2");
  const Tags tags{1, 0xab00, 0xffff};
  host.putBlocks(1, 1);
  host.protect(1, tags);
  REQUIRE(host.send(NvmOpcode::Write, 0, 1, kAll, tags).ok());
  CHECK(host.send(NvmOpcode::Read, 0, 1, kAppTag, {1, 0xab42, 0xff00}).ok());
  CHECK(host.send(NvmOpcode::Read, 0, 1, kAppTag, {1, 0xab42, 0xff02}) ==
        status::kApplicationTagCheckError);
  CHECK(host.send(NvmOpcode::Read, 0, 1, kAppTag, {1, 0, 0}).ok());
}

TEST_CASE("type 1 takes the LBA as reference tag, type 2 any, type 3 none to check") {
  FormattedHost one("512+8:pi1");
  one.putBlocks(1, 1);
  one.protect(1, {5});
  CHECK(one.send(NvmOpcode::Write, 5, 1, kRefTag, {6}) == status::kInvalidProtectionInfo);
  CHECK(one.send(NvmOpcode::Write, 5, 1, kAct, {6}) == status::kInvalidProtectionInfo);
  CHECK(one.send(NvmOpcode::Write, 5, 1, kGuard, {6}).ok());
  CHECK(one.send(NvmOpcode::Read, 5, 1, kAct, {6}).ok());
  CHECK(one.send(NvmOpcode::Read, 5, 1, kRefTag, {6}) == status::kInvalidProtectionInfo);
  CHECK(one.send(NvmOpcode::Verify, 5, 1, kRefTag, {6}) == status::kInvalidProtectionInfo);

  FormattedHost two("512+8:pi2");
  two.putBlocks(2, 1);
  two.protect(2, {0xffffffff});
  CHECK(two.send(NvmOpcode::Write, 5, 2, kRefTag, {0xffffffff}).ok());
  CHECK(two.send(NvmOpcode::Read, 5, 2, kRefTag, {0xffffffff}).ok());
  CHECK(two.send(NvmOpcode::Read, 6, 1, kRefTag, {0}).ok());

  FormattedHost three("512+8:pi3");
  CHECK(three.send(NvmOpcode::Read, 5, 1, kRefTag, {5}) == status::kInvalidProtectionInfo);
  REQUIRE(three.send(NvmOpcode::Write, 5, 2, kAct, {77, 1}).ok());
  REQUIRE(three.send(NvmOpcode::Read, 5, 2, kGuard).ok());
  CHECK(three.tuple(0).refTag == 77);
  CHECK(three.tuple(1).refTag == 77);
}

TEST_CASE("blocks never written or deallocated pass every check; their tags are all ones") {
  for (const char* format : {"512+8:pi1", "4096+64:pi1:first", "512+8:pi3"}) {
    CAPTURE(format);
    FormattedHost host(format);
    const Tags tags{3, 1, 0xffff};
    CHECK(host.send(NvmOpcode::Read, 3, 1, checksOf(host), tags).ok());
    CHECK(host.holds(1, 0));
    CHECK(host.tuple(0) == spec::ProtectionTuple{0xffff, 0xffff, 0xffffffff});
    host.putBlocks(1, 9);
    REQUIRE(host.send(NvmOpcode::Write, 3, 1, kAct, tags).ok());
    CHECK(host.send(NvmOpcode::Read, 2, 1, checksOf(host), {2}).ok());
    CHECK(host.tuple(0).refTag == 0xffffffff);
    auto trim = host.command(NvmOpcode::DatasetManagement, 0, 1);
    trim.cdw10 = 0;
    trim.cdw11 = 4;
    host.data.put(0, std::array<std::uint32_t, 4>{0, 1, 3, 0});
    REQUIRE(host.ioCommand(trim).status() == 0);
    CHECK(host.send(NvmOpcode::Read, 3, 1, checksOf(host), {3, 2, 0xffff}).ok());
    CHECK(host.tuple(0) == spec::ProtectionTuple{0xffff, 0xffff, 0xffffffff});
    CHECK(host.holds(1, 0));
  }
}

TEST_CASE("Write Zeroes leaves zeros for protection information, or what PRACT asks for") {
  FormattedHost host("512+8:pi1");
  REQUIRE(host.send(NvmOpcode::WriteZeroes, 9, 2).ok());
  REQUIRE(host.send(NvmOpcode::Read, 9, 2).ok());
  CHECK(host.tuple(1) == spec::ProtectionTuple{});
  CHECK(host.send(NvmOpcode::Read, 9, 1, kRefTag, {9}) == status::kReferenceTagCheckError);
  REQUIRE(host.send(NvmOpcode::WriteZeroes, 9, 20, kAct, {9, 0x55}).ok());
  REQUIRE(host.send(NvmOpcode::Read, 9, 8, kAll, {9, 0x55, 0xffff}).ok());
  CHECK(host.tuple(3) == spec::ProtectionTuple{0, 0x55, 12});
  CHECK(host.send(NvmOpcode::WriteZeroes, 9, 1, kAct, {8}) == status::kInvalidProtectionInfo);
}

TEST_CASE("Compare and Verify neither insert nor strip: they refuse PRACT") {
  FormattedHost host("512+8:pi1");
  for (const auto opcode : {NvmOpcode::Compare, NvmOpcode::Verify}) {
    CHECK(host.send(opcode, 0, 1, kAct) == status::kInvalidProtectionInfo);
  }
}

TEST_CASE("Compare checks both sides and does not compare the tags") {
  FormattedHost host("512+8:pi2");
  host.putBlocks(1, 1);
  REQUIRE(host.send(NvmOpcode::Write, 0, 1, kAct, {50, 0x11}).ok());
  host.protect(1, {50, 0x22});
  CHECK(host.send(NvmOpcode::Compare, 0, 1, kGuard | kRefTag, {50}).ok());
  CHECK(host.send(NvmOpcode::Compare, 0, 1, kAppTag, {50, 0x11, 0xffff}) ==
        status::kApplicationTagCheckError);
  host.protect(1, {51, 0x11});
  CHECK(host.send(NvmOpcode::Compare, 0, 1, kRefTag, {50}) == status::kReferenceTagCheckError);
  host.block(0)[3] ^= std::byte{1};
  host.protect(1, {50, 0x11});
  CHECK(host.send(NvmOpcode::Compare, 0, 1, kAll, {50, 0x11, 0xffff}) == status::kCompareFailure);
}

TEST_CASE("without protection information PRINFO means nothing") {
  FormattedHost host("512+8");
  host.putBlocks(1, 3);
  CHECK(host.send(NvmOpcode::Write, 5, 1, kAct | kAll, {1, 2, 3}).ok());
  host.data.fill(0);
  CHECK(host.send(NvmOpcode::Read, 5, 1, kAct | kAll, {1, 2, 3}).ok());
  CHECK(host.holdsMetadata(1, 3));
}

TEST_CASE("Verify reads without a transfer: only what cannot be read fails") {
  FormattedHost host("512");
  const auto reads = host.smart().hostReadCommands.low;
  CHECK(host.send(NvmOpcode::Verify, 0, 60000).ok());
  CHECK(host.smart().hostReadCommands.low == reads + 1);
  REQUIRE(host.send(NvmOpcode::WriteUncorrectable, 50000, 1).ok());
  CHECK(host.send(NvmOpcode::Verify, 0, 60000) == status::kUnrecoveredReadError);
  host.logPage(spec::LogPageId::ErrorInformation, 64);
  CHECK(host.data.as<spec::ErrorLogEntry>().lba == 50000);
  CHECK(host.send(NvmOpcode::Verify, 131071, 2) == status::kLbaOutOfRange);
}
