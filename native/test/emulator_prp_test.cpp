#include <doctest/doctest.h>

#include <vector>

#include "test/support/test_host.h"

using namespace doorbell;
using test::TestHost;
using test::TestMemory;
namespace status = spec::status;

namespace {

constexpr std::uint64_t kUnmapped = 0x7000000000;
constexpr std::uint32_t kPage = 4096;

/// A PRP case: what PRP1, PRP2 and the lists hold; `pages[i]` is data page i in the order of
/// transfer.
struct Layout {
  std::uint64_t prp1 = 0;
  std::uint64_t prp2 = 0;
};

/// Blocks 0..n-1 hold their own number in every byte.
void fillMedia(TestHost& host, std::uint32_t blocks) {
  for (std::uint32_t i = 0; i < blocks; ++i) {
    REQUIRE(host.write(i, 1, static_cast<int>(i & 0xffU)).status() == 0);
  }
}

spec::Cqe readInto(TestHost& host, Layout layout, std::uint32_t blocks) {
  auto sqe = host.block(spec::NvmOpcode::Read, 0, blocks);
  sqe.prp1 = layout.prp1;
  sqe.prp2 = layout.prp2;
  return host.ioCommand(sqe);
}

}  // namespace

TEST_CASE("one PRP entry with an offset covers what fits in its page") {
  TestHost host;
  host.openIo();
  fillMedia(host, 2);
  host.data.fill(0xee);
  CHECK(readInto(host, {host.data.bus() + 3072}, 2).status() == 0);
  CHECK(host.data.as<std::uint8_t>(3071) == 0xee);
  CHECK(host.data.as<std::uint8_t>(3072) == 0);
  CHECK(host.data.as<std::uint8_t>(3584) == 1);
  CHECK(host.data.as<std::uint8_t>(4095) == 1);
  CHECK(host.data.as<std::uint8_t>(4096) == 0xee);
}

TEST_CASE("two PRP entries may point anywhere, and no byte beyond is touched") {
  TestHost host;
  host.openIo();
  fillMedia(host, 16);
  host.data.fill(0xee);
  const auto bus = host.data.bus();
  CHECK(readInto(host, {bus + 5 * kPage + 3584, bus + kPage}, 2).status() == 0);
  CHECK(host.data.as<std::uint8_t>(5 * kPage + 3583) == 0xee);
  CHECK(host.data.as<std::uint8_t>(5 * kPage + 3584) == 0);
  CHECK(host.data.as<std::uint8_t>(kPage) == 1);
  CHECK(host.data.as<std::uint8_t>(kPage + 511) == 1);
  CHECK(host.data.as<std::uint8_t>(kPage + 512) == 0xee);
}

TEST_CASE("a PRP list scatters pages, also when the list starts within its page") {
  TestHost host;
  host.openIo();
  fillMedia(host, 32);
  TestMemory list(*host.function, 2 * kPage);
  std::uint32_t offset = 0;
  SUBCASE("at its start") { offset = 0; }
  SUBCASE("in the middle") { offset = 64; }
  SUBCASE("so that the last entry fits exactly") { offset = kPage - 3 * 8; }
  host.data.fill(0xee);
  const auto bus = host.data.bus();
  for (std::uint32_t i = 0; i < 3; ++i) {
    list.put<std::uint64_t>(offset + 8 * i, bus + (10 - 2 * i) * kPage);
  }
  CHECK(readInto(host, {bus, list.bus() + offset}, 32).status() == 0);
  CHECK(host.data.as<std::uint8_t>(0) == 0);
  for (std::uint32_t i = 0; i < 3; ++i) {
    CHECK(host.data.as<std::uint8_t>((10 - 2 * i) * kPage) == 8 * (i + 1));
    CHECK(host.data.as<std::uint8_t>((10 - 2 * i) * kPage + 4095) == 8 * (i + 1) + 7);
  }
  CHECK(host.data.as<std::uint8_t>(9 * kPage) == 0xee);
}

TEST_CASE("the last entry of a list page chains to the next while more follow") {
  TestHost host;
  host.openIo();
  fillMedia(host, 32);
  TestMemory list(*host.function, 4 * kPage);
  host.data.fill(0xee);
  const auto bus = host.data.bus();
  list.put<std::uint64_t>(kPage - 16, bus + kPage);
  list.put<std::uint64_t>(kPage - 8, list.bus() + 2 * kPage);
  list.put<std::uint64_t>(2 * kPage, bus + 2 * kPage);
  list.put<std::uint64_t>(2 * kPage + 8, bus + 3 * kPage);
  CHECK(readInto(host, {bus, list.bus() + kPage - 16}, 32).status() == 0);
  for (std::uint32_t i = 0; i < 32; ++i) CHECK(host.data.as<std::uint8_t>(i * 512) == i);
}

TEST_CASE("the largest transfer with an offset uses 513 pages") {
  TestHost host;
  host.openIo();
  constexpr std::uint32_t kBlocks = 4096;  // 2 MiB
  TestMemory list(*host.function, 2 * kPage);
  const auto bus = host.data.bus();
  std::uint64_t start = 0;
  SUBCASE("in one list page") {
    start = list.bus();
    for (std::uint32_t i = 0; i < 512; ++i) {
      list.put<std::uint64_t>(8 * i, bus + (i + 1) * std::uint64_t{kPage});
    }
  }
  SUBCASE("in a chain of list pages") {
    start = list.bus() + 8;
    for (std::uint32_t i = 0; i < 510; ++i) {
      list.put<std::uint64_t>(8 * (i + 1), bus + (i + 1) * std::uint64_t{kPage});
    }
    list.put<std::uint64_t>(kPage - 8, list.bus() + kPage);
    list.put<std::uint64_t>(kPage, bus + 511 * std::uint64_t{kPage});
    list.put<std::uint64_t>(kPage + 8, bus + 512 * std::uint64_t{kPage});
  }
  const auto send = [&](spec::NvmOpcode opcode, std::uint32_t blocks) {
    auto sqe = host.block(opcode, 0, blocks);
    sqe.prp1 = bus + 2048;
    sqe.prp2 = start;
    return host.ioCommand(sqe);
  };
  for (std::uint32_t i = 0; i < kBlocks; ++i) host.data.put<std::uint32_t>(2048 + i * 512, i + 1);
  CHECK(send(spec::NvmOpcode::Write, kBlocks).status() == 0);
  host.data.fill(0);
  CHECK(send(spec::NvmOpcode::Read, kBlocks).status() == 0);
  for (std::uint32_t i = 0; i < kBlocks; ++i) {
    REQUIRE(host.data.as<std::uint32_t>(2048 + i * 512) == i + 1);
  }
  CHECK(TestHost::plain(send(spec::NvmOpcode::Read, kBlocks + 1)) == status::kInvalidField);
}

TEST_CASE("bad PRPs are refused before a byte moves") {
  TestHost host;
  host.openIo();
  TestMemory list(*host.function, kPage);
  const auto bus = host.data.bus();
  list.put<std::uint64_t>(0, bus + kPage);
  list.put<std::uint64_t>(8, bus + 2 * kPage + 512);
  list.put<std::uint64_t>(64, bus + kPage);
  list.put<std::uint64_t>(72, kUnmapped);
  struct Case {
    const char* what;
    Layout layout;
    std::uint32_t blocks;
    spec::Status expected;
  };
  const std::vector<Case> cases{
      {"PRP1 not dword aligned", {bus + 2}, 1, status::kPrpOffsetInvalid},
      {"PRP1 unmapped", {kUnmapped}, 1, status::kDataTransferError},
      {"PRP1 beyond every address", {0xfffffffffffff000}, 1, status::kDataTransferError},
      {"PRP1 null", {0}, 1, status::kDataTransferError},
      {"PRP2 with an offset", {bus, bus + kPage + 512}, 16, status::kPrpOffsetInvalid},
      {"PRP2 unmapped", {bus, kUnmapped}, 16, status::kDataTransferError},
      {"list not qword aligned", {bus, list.bus() + 4}, 24, status::kPrpOffsetInvalid},
      {"list unmapped", {bus, kUnmapped}, 24, status::kDataTransferError},
      {"list entry with an offset", {bus, list.bus()}, 24, status::kPrpOffsetInvalid},
      {"list entry unmapped", {bus, list.bus() + 64}, 24, status::kDataTransferError},
      {"chain to an offset", {bus, list.bus() + kPage - 8}, 24, status::kPrpOffsetInvalid},
  };
  list.put<std::uint64_t>(kPage - 8, bus + 8);
  for (const auto& bad : cases) {
    CAPTURE(bad.what);
    host.data.fill(0xee);
    CHECK(TestHost::plain(readInto(host, bad.layout, bad.blocks)) == bad.expected);
    CHECK(host.data.as<std::uint8_t>() == 0xee);
  }
}

TEST_CASE("a write with a bad PRP leaves the medium as it was") {
  TestHost host;
  host.openIo();
  REQUIRE(host.write(0, 8, 0x11).status() == 0);
  host.data.fill(0x22);
  auto sqe = host.block(spec::NvmOpcode::Write, 0, 16);
  sqe.prp2 = kUnmapped;
  CHECK(TestHost::plain(host.ioCommand(sqe)) == status::kDataTransferError);
  CHECK(host.readFill(0) == 0x11);
}

TEST_CASE("memory is unreachable once it is unmapped") {
  TestHost host;
  host.openIo();
  std::uint64_t gone = 0;
  {
    TestMemory memory(*host.function, kPage);
    gone = memory.bus();
    CHECK(readInto(host, {gone}, 1).status() == 0);
  }
  CHECK(TestHost::plain(readInto(host, {gone}, 1)) == status::kDataTransferError);
}

TEST_CASE("larger memory pages make larger PRP pages") {
  TestHost host(test::freshAddress(), false);
  host.enable(TestHost::kCcEnabled | (2U << 7U));  // 16 KiB
  host.openIo(256);
  fillMedia(host, 64);
  host.data.fill(0xee);
  TestMemory aligned(*host.function, 64 * 1024);
  const std::uint64_t start = (aligned.bus() + 0x3fff) & ~std::uint64_t{0x3fff};
  const std::size_t offset = start - aligned.bus();
  CHECK(readInto(host, {start, start + 0x4000}, 64).status() == 0);
  for (std::uint32_t i = 0; i < 64; ++i) CHECK(aligned.as<std::uint8_t>(offset + i * 512) == i);
  CHECK(TestHost::plain(readInto(host, {start, start + 0x1000}, 64)) == status::kPrpOffsetInvalid);
}
