#include <doctest/doctest.h>

#include <utility>

#include "emulator/flash/geometry.h"
#include "test/support/test_host.h"

using namespace doorbell;
using spec::NvmOpcode;
using test::TestHost;
namespace status = spec::status;

namespace {

constexpr std::uint32_t kWritePage = 8192;  ///< the second command's data in TestHost::data

/// Compare and Write of the same blocks: the host believes `believed` and writes `fill`.
struct Pair {
  spec::Sqe compare;
  spec::Sqe write;

  Pair(TestHost& host, int believed, int fill, std::uint32_t count = 1) {
    std::memset(host.data.data(), believed, 4096);
    std::memset(host.data.data() + kWritePage, fill, 4096);
    compare = host.block(NvmOpcode::Compare, 8, count);
    compare.flags = 1;
    compare.cid = 100;
    write = host.block(NvmOpcode::Write, 8, count);
    write.prp1 += kWritePage;
    write.flags = 2;
    write.cid = 101;
  }
};

using Results = std::pair<spec::Status, spec::Status>;

Results run(TestHost& host, const Pair& pair) {
  host.io->post(pair.compare);
  host.io->post(pair.write);
  host.io->ringTail();
  const auto first = host.io->await();
  const auto second = host.io->await();
  CHECK(first.cid == 100);
  CHECK(second.cid == 101);
  return {TestHost::plain(first), TestHost::plain(second)};
}

}  // namespace

TEST_CASE("the write happens only when the compare is equal") {
  TestHost host;
  host.openIo();
  REQUIRE(host.write(8, 1, 5).status() == 0);
  CHECK(run(host, {host, 4, 6}) == Results{status::kCompareFailure, status::kFailedFused});
  CHECK(host.readFill(8) == 5);
  CHECK(run(host, {host, 5, 6}) == Results{status::kSuccess, status::kSuccess});
  CHECK(host.readFill(8) == 6);
}

TEST_CASE("half a pair is aborted for the missing half, and the queue goes on") {
  TestHost host;
  host.openIo();
  Pair pair(host, 0, 6);
  SUBCASE("the first alone") {
    CHECK(TestHost::plain(host.ioCommand(pair.compare)) == status::kMissingFused);
  }
  SUBCASE("the second alone") {
    CHECK(TestHost::plain(host.ioCommand(pair.write)) == status::kMissingFused);
  }
  SUBCASE("another command between them") {
    auto between = host.block(NvmOpcode::Flush, 0, 1);
    between.cid = 7;
    host.io->post(pair.compare);
    host.io->post(between);
    host.io->post(pair.write);
    host.io->ringTail();
    CHECK(TestHost::plain(host.io->await()) == status::kMissingFused);
    CHECK(host.io->await().status() == 0);
    CHECK(TestHost::plain(host.io->await()) == status::kMissingFused);
  }
  CHECK(host.readFill(8) == 0);
}

TEST_CASE("a pair must be a Compare and a Write of the same blocks") {
  TestHost host;
  host.openIo();
  const Results both{status::kInvalidField, status::kInvalidField};
  Pair pair(host, 0, 6);
  SUBCASE("other blocks") { pair.write.cdw10 = 9; }
  SUBCASE("another number of blocks") { pair.write.cdw12 = 1; }
  SUBCASE("another namespace") { pair.write.nsid = 2; }
  SUBCASE("another second command") {
    pair.write.opcode = static_cast<std::uint8_t>(NvmOpcode::WriteZeroes);
  }
  SUBCASE("another first command") {
    pair.compare.opcode = static_cast<std::uint8_t>(NvmOpcode::Read);
  }
  CHECK(run(host, pair) == both);
  CHECK(host.readFill(8) == 0);
}

TEST_CASE("a pair larger than the atomic compare and write unit is refused") {
  TestHost host;
  host.openIo();
  host.identify(spec::Cns::Namespace, 1);
  const std::uint32_t unit = host.data.as<spec::IdentifyNamespace>().nacwu + 1U;
  REQUIRE(unit == 8);
  CHECK(run(host, {host, 0, 6, unit}) == Results{status::kSuccess, status::kSuccess});
  CHECK(run(host, {host, 6, 7, unit + 1}) ==
        Results{status::kAtomicWriteUnitExceeded, status::kFailedFused});
  CHECK(host.readFill(8) == 6);
}

TEST_CASE("faults act on each half of a pair") {
  TestHost host;
  host.openIo();
  platform::Fault fault;
  fault.status = status::kInternalError;
  fault.when.admin = false;
  SUBCASE("a Compare that is failed keeps the Write from happening") {
    fault.when.opcode = static_cast<std::uint8_t>(NvmOpcode::Compare);
    host.function->faults()->add(fault);
    CHECK(run(host, {host, 0, 6}) == Results{status::kInternalError, status::kFailedFused});
    CHECK(host.readFill(8) == 0);
  }
  SUBCASE("a Write that is failed leaves the Compare alone") {
    fault.when.opcode = static_cast<std::uint8_t>(NvmOpcode::Write);
    host.function->faults()->add(fault);
    CHECK(run(host, {host, 0, 6}) == Results{status::kSuccess, status::kInternalError});
    CHECK(host.readFill(8) == 0);
  }
  SUBCASE("a Compare that is delayed completes before its Write all the same") {
    fault.kind = platform::FaultKind::Delay;
    fault.delayNs = 20'000'000;
    fault.when.opcode = static_cast<std::uint8_t>(NvmOpcode::Compare);
    host.function->faults()->add(fault);
    CHECK(run(host, {host, 0, 6}) == Results{status::kSuccess, status::kSuccess});
    CHECK(host.readFill(8) == 6);
  }
  CHECK(host.function->faults()->list().front().fired == 1);
}

TEST_CASE("a pair takes modelled time") {
  TestHost host(test::freshAddress("size=64M&profile=tlc"));
  host.openIo();
  const auto begin = std::chrono::steady_clock::now();
  CHECK(run(host, {host, 0, 6}) == Results{status::kSuccess, status::kSuccess});
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took >= std::chrono::nanoseconds(emulator::flash::Timing{}.command));
  CHECK(host.readFill(8) == 6);
}

TEST_CASE("the second completion waits for room") {
  TestHost host;
  host.io = host.makeQueue(1, 2);
  // One free entry in the completion queue; two submissions need a larger submission queue.
  test::TestQueue submissions(*host.function, 2, 8);
  REQUIRE(host.createSq(submissions, 2, 1).status() == 0);
  Pair pair(host, 0, 6);
  submissions.post(pair.compare);
  submissions.post(pair.write);
  submissions.ringTail();
  CHECK(host.io->await().cid == 100);
  CHECK(host.io->await().cid == 101);
  CHECK(host.readFill(8) == 6);
}

TEST_CASE("reserved FUSE values and fused admin commands are refused") {
  TestHost host;
  host.openIo();
  auto sqe = host.block(NvmOpcode::Read, 0, 1);
  sqe.flags = 3;
  CHECK(TestHost::plain(host.ioCommand(sqe)) == status::kInvalidField);
  auto identify = TestHost::sqe(spec::AdminOpcode::Identify);
  identify.cdw10 = 1;
  identify.prp1 = host.data.bus();
  identify.flags = 1;
  CHECK(TestHost::plain(host.adminCommand(identify)) == status::kInvalidField);
  host.identify(spec::Cns::Controller);
  CHECK(host.data.as<spec::IdentifyController>().fuses == 1);
}
