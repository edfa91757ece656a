#include <doctest/doctest.h>

#include <vector>

#include "test/support/formatted_host.h"

using namespace doorbell;
using spec::NvmOpcode;
using test::FormattedHost;
using test::kAct;
using test::kAppTag;
using test::kGuard;
using test::kRefTag;
using test::Tags;
namespace status = spec::status;

namespace {

struct Source {
  std::uint64_t slba;
  std::uint32_t count;
  Tags tags{};
};

/// PRINFOR, bits 15:12, from PRINFO as it is in bits 29:26.
constexpr std::uint32_t readInfo(std::uint32_t info) { return (info >> 26U) << 12U; }

spec::Cqe copy(FormattedHost& host, const std::vector<Source>& sources, std::uint64_t target,
               std::uint32_t cdw12 = 0, Tags tags = {}) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const Source& one = sources[i];
    const std::uint64_t last = one.tags.refTag | (std::uint64_t{one.tags.appTag} << 32U) |
                               (std::uint64_t{one.tags.mask} << 48U);
    host.data.put(i * 32, std::array<std::uint64_t, 4>{0, one.slba, one.count - 1, 0});
    host.data.put(i * 32 + 24, last);
  }
  auto sqe = host.command(NvmOpcode::Copy, target, 1, 0, tags);
  sqe.cdw12 = static_cast<std::uint32_t>(sources.size() - 1) | cdw12;
  return host.ioCommand(sqe);
}

spec::Status statusOf(const spec::Cqe& cqe) { return FormattedHost::plain(cqe); }

}  // namespace

TEST_CASE("Copy gathers source ranges in their order") {
  FormattedHost host("512");
  for (std::uint64_t i = 0; i < 32; ++i)
    REQUIRE(host.write(i, 1, static_cast<int>(i)).status() == 0);
  REQUIRE(copy(host, {{20, 3}, {5, 1}, {7, 9}}, 100).status() == 0);
  const std::vector<int> expected{20, 21, 22, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(host.readFill(100 + i) == expected[i]);
  CHECK(host.readFill(113) == 0);
  CHECK(host.readFill(20) == 20);
}

TEST_CASE("the limits that Identify names are kept, one beyond is refused") {
  FormattedHost host("512");
  host.identify(spec::Cns::Namespace, 1);
  const auto id = host.data.as<spec::IdentifyNamespace>();
  REQUIRE(id.mssrl > 0);
  REQUIRE(id.mcl >= id.mssrl);
  CHECK(copy(host, {{0, id.mssrl}}, 5000).status() == 0);
  CHECK(statusOf(copy(host, {{0, id.mssrl + 1U}}, 5000)) == status::kCommandSizeLimitExceeded);
  const std::vector<Source> most(id.mcl / id.mssrl, {0, id.mssrl});
  CHECK(copy(host, most, 5000).status() == 0);
  auto more = most;
  more.push_back({0, 1});
  CHECK(statusOf(copy(host, more, 5000)) == status::kCommandSizeLimitExceeded);
  CHECK(copy(host, std::vector<Source>(id.msrc + 1U, {0, 1}), 5000).status() == 0);
  CHECK(statusOf(copy(host, std::vector<Source>(id.msrc + 2U, {0, 1}), 5000)) ==
        status::kCommandSizeLimitExceeded);
}

TEST_CASE("source and target must exist; other descriptor formats are refused") {
  FormattedHost host("512");
  const std::uint64_t end = 131072;
  CHECK(statusOf(copy(host, {{0, 1}, {end - 1, 2}}, 10)) == status::kLbaOutOfRange);
  CHECK(statusOf(copy(host, {{0, 2}, {5, 2}}, end - 3)) == status::kLbaOutOfRange);
  CHECK(statusOf(copy(host, {{0, 1}}, 10, 1U << 8U)) == status::kInvalidField);
}

TEST_CASE("the completion names the first range that was not copied") {
  FormattedHost host("512");
  for (std::uint64_t i = 0; i < 4; ++i) REQUIRE(host.write(i, 1, 9).status() == 0);
  REQUIRE(host.send(NvmOpcode::WriteUncorrectable, 2, 1).ok());
  const auto cqe = copy(host, {{0, 1}, {1, 1}, {2, 1}, {3, 1}}, 50);
  CHECK(statusOf(cqe) == status::kUnrecoveredReadError);
  CHECK(cqe.dw0 == 2);
  CHECK(host.readFill(51) == 9);
  CHECK(host.readFill(53) == 0);
}

TEST_CASE("protection information is checked and carried, or made anew for the target") {
  for (const char* format : {"512+8:pi1", "512+8:pi1:extended"}) {
    FormattedHost host(format);
    const Tags tags{10, 0xaa, 0xffff};
    host.putBlocks(2, 0x41);
    host.protect(2, tags);
    REQUIRE(host.send(NvmOpcode::Write, 10, 2, kGuard | kAppTag | kRefTag, tags).ok());
    const auto in = readInfo(kGuard | kAppTag | kRefTag);
    // Anew: the target's own reference tags.
    REQUIRE(
        copy(host, {{10, 2, tags}}, 30, kAct | readInfo(kAct) | in, {30, 0xbb, 0xffff}).status() ==
        0);
    REQUIRE(host.send(NvmOpcode::Read, 30, 2, kGuard | kAppTag | kRefTag, {30, 0xbb, 0xffff}).ok());
    CHECK(host.holds(2, 0x41));
    // Carried: tags of the source, which are wrong for the target.
    REQUIRE(copy(host, {{10, 2, tags}}, 40, in, {40}).status() == 0);
    REQUIRE(host.send(NvmOpcode::Read, 40, 2, kGuard).ok());
    CHECK(host.tuple(1).refTag == 11);
    CHECK(statusOf(copy(host, {{10, 2, tags}}, 40, in | kRefTag, {40})) ==
          status::kReferenceTagCheckError);
    CHECK(statusOf(copy(host, {{10, 2, {10, 0xab, 0xffff}}}, 40, in, {40})) ==
          status::kApplicationTagCheckError);
    CHECK(statusOf(copy(host, {{10, 2, tags}}, 40, kAct | in, {40})) == status::kInvalidField);
  }
}

TEST_CASE("metadata is copied with its block") {
  FormattedHost host("4096+64");
  host.putBlocks(1, 0x17);
  REQUIRE(host.send(NvmOpcode::Write, 3, 1).ok());
  REQUIRE(copy(host, {{3, 1}}, 8).status() == 0);
  host.data.fill(0);
  REQUIRE(host.send(NvmOpcode::Read, 8, 1).ok());
  CHECK(host.holds(1, 0x17));
  CHECK(host.holdsMetadata(1, 0x17));
}
