// Pacing and time, on a clock that the test owns: an hour takes as long as its commands.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <map>

#include "support/virtual_run.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kMs = 1'000'000;

std::map<std::uint64_t, int> perSecond(const VirtualRun& run) {
  std::map<std::uint64_t, int> counts;
  for (const auto& seen : run.seen) ++counts[seen.ns / kSecond];
  return counts;
}

}  // namespace

TEST_CASE("The k-th command is due at start + k / iops, whatever happened before") {
  IoPacer pacer(1234);
  for (std::uint64_t k = 0; k < 1'000'000; ++k) {
    const auto expected = static_cast<double>(k) * 1e9 / 1234;
    REQUIRE(std::abs(static_cast<double>(pacer.nextNs()) - expected) <= 1);
  }
  CHECK(IoPacer(1000).dueBefore(kSecond) == 1000);
  CHECK(IoPacer(1000).dueBefore(kSecond + 1) == 1001);
}

TEST_CASE("1234 IOPS means 1234 +- 1 commands in every full second") {
  VirtualRun run;
  const auto result = run.run({.regionEnd = 1000, .qdepth = 4, .timeMs = 10'000, .iops = 1234});
  CHECK(result.end == "completed");
  auto seconds = perSecond(run);
  REQUIRE(seconds.size() >= 10);
  REQUIRE(result.series.ios.size() >= 10);
  for (std::uint64_t second = 0; second < 10; ++second) {
    CAPTURE(second);
    CHECK(std::abs(seconds[second] - 1234) <= 1);
    CHECK(std::abs(static_cast<double>(result.series.ios[second]) - 1234) <= 1);
  }
  CHECK(result.maxLagNs < 100'000);
  CHECK(result.unsent <= 1);
  CHECK(result.windowNs == 10 * kSecond);
}

TEST_CASE("500,000 IOPS are kept within 0.1 % in every tenth of a second") {
  VirtualRun run;
  run.lookNs = 50;
  const auto result =
      run.run({.regionEnd = 1000, .qdepth = 32, .timeMs = 500, .iops = 500'000, .intervalMs = 100});
  REQUIRE(result.series.ios.size() >= 5);
  for (std::size_t i = 0; i < 5; ++i)
    CHECK(std::abs(static_cast<double>(result.series.ios[i]) - 50'000) <= 50);
  CHECK(result.unsent <= 1);
}

TEST_CASE(
    "A stall shows in latencies from the due time, not only in those of the commands it met") {
  VirtualRun run;
  // From 1 s to 1.1 s the device answers nothing; otherwise within 10 us.
  run.completesAt = [](std::uint64_t ns, const spec::Sqe&) {
    return ns >= kSecond && ns < kSecond + 100 * kMs ? kSecond + 100 * kMs : ns + 10'000;
  };
  const auto result = run.run({.regionEnd = 1000, .qdepth = 2, .timeMs = 3'000, .iops = 1000});
  REQUIRE(result.fromDue);
  const Histogram& sent = *result.read.histogram;
  const Histogram& due = *result.fromDue->read.histogram;
  CHECK(sent.count() == due.count());
  CHECK(sent.count() >= 2999);
  // 100 commands were due meanwhile; two of them were sent, and waited.
  CHECK(sent.percentile(99) < 50'000);
  CHECK(due.percentile(99) > 60 * kMs);
  CHECK(due.percentile(98.4) > 45 * kMs);
  CHECK(due.max() >= 99 * kMs);
  CHECK(result.maxLagNs >= 90 * kMs);
  CHECK(due.mean() > sent.mean() + 1.0 * kMs);
}

TEST_CASE("A latency is what the clock says, for known ones of 1 us to 100 s within 1 %") {
  for (const std::uint64_t ns : {20'000UL, 1'000'000UL, 37'000'000UL, 99'000'000'000UL}) {
    VirtualRun run;
    run.completesAt = [ns](std::uint64_t at, const spec::Sqe&) { return at + ns; };
    const auto result = run.run(
        {.regionEnd = 1000, .qdepth = 1, .ioCount = 3, .iops = 0.001, .commandTimeoutMs = 0});
    REQUIRE(result.all.count == 3);
    const double expected = static_cast<double>(ns);
    // The looks at the clock before and after, and a nap's end.
    CHECK(result.all.histogram->percentile(50) >= expected);
    CHECK(result.all.histogram->percentile(50) <= expected * 1.01 + 130'000);
  }
}

TEST_CASE("What was due and never sent is told") {
  VirtualRun run;
  run.completesAt = [](std::uint64_t ns, const spec::Sqe&) { return ns + 10 * kMs; };
  // One at a time, each 10 ms: 100 of 1000 a second.
  const auto result = run.run({.regionEnd = 1000, .qdepth = 1, .timeMs = 1'000, .iops = 1000});
  CHECK(result.reads >= 98);
  CHECK(result.reads <= 101);
  CHECK(result.unsent == 1000 - run.seen.size());
  CHECK(result.maxLagNs > 850 * kMs);
}

TEST_CASE("A replay sends each command at its time, with its opcode, address and size") {
  const auto sequence = std::make_shared<IoSequence>();
  sequence->opcodes = {0x01, 0x02, 0x08};
  sequence->commands = {{.slba = 100, .dueNs = 0, .blocks = 8, .op = 0},
                        {.slba = 7, .dueNs = 1'500'000, .blocks = 1, .op = 1},
                        {.slba = 1ULL << 33U, .dueNs = 1'500'000, .blocks = 64, .op = 2},
                        {.slba = 0, .dueNs = 2 * kSecond, .blocks = 16, .op = 1}};
  VirtualRun run;
  const auto result = run.run({.regionEnd = 1, .qdepth = 4, .sequence = sequence});
  CHECK(result.end == "completed");
  REQUIRE(run.seen.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CAPTURE(i);
    const IoCommand& wanted = sequence->commands[i];
    const auto& [ns, sqe] = run.seen[i];
    CHECK(sqe.opcode == sequence->opcodes[wanted.op]);
    CHECK((sqe.cdw10 | (std::uint64_t{sqe.cdw11} << 32U)) == wanted.slba);
    CHECK(sqe.cdw12 == wanted.blocks - 1);
    CHECK(ns >= wanted.dueNs);
    CHECK(ns < wanted.dueNs + 100'000);
  }
  CHECK(result.reads == 2);
  CHECK(result.writes == 1);
  CHECK(result.others == 1);
  CHECK(result.fromDue->all.count == 4);
  CHECK(result.unsent == 0);
}

TEST_CASE("A series counts commands and bytes of every interval, empty ones too") {
  VirtualRun run;
  run.completesAt = [](std::uint64_t ns, const spec::Sqe&) {
    return ns >= 200 * kMs && ns < 400 * kMs ? 400 * kMs : ns;
  };
  const auto result =
      run.run({.regionEnd = 1000, .qdepth = 2, .timeMs = 1'000, .iops = 100, .intervalMs = 100});
  REQUIRE(result.series.ios.size() >= 10);
  CHECK(result.series.intervalMs == 100);
  CHECK(result.series.ios[2] == 0);
  CHECK(result.series.ios[3] == 0);
  CHECK(result.series.ios[4] >= 29);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < result.series.ios.size(); ++i) {
    CHECK(result.series.bytes[i] == result.series.ios[i] * 4096);
    sum += result.series.ios[i];
  }
  CHECK(sum == result.reads);
}
