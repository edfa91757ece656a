// Pacing, on a clock that the test owns: an hour takes as long as its commands.
#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <vector>

#include "driver/io_loop.h"
#include "driver/queue_resources.h"
#include "support/rig.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
std::uint64_t virtualNs = kSecond;

// Looking at the clock takes 500 ns, sleeping ends up to 60 us late.
std::uint64_t ticks() noexcept { return virtualNs += 500; }
std::uint64_t realtimeNow() noexcept { return virtualNs; }
void sleepVirtually(std::uint64_t ns) noexcept { virtualNs += ns + ns % 60'000; }

const ClockSource kVirtual{.tsc = false,
                           .monotonicNs = ticks,
                           .realtimeNs = realtimeNow,
                           .testTicks = ticks,
                           .testSleep = sleepVirtually};

}  // namespace

TEST_CASE("The k-th command is due at start + k / iops, whatever happened before") {
  IoPacer pacer(1234, kSecond, 5000);
  for (std::uint64_t k = 0; k < 1'000'000; ++k) {
    const auto expected = 5000 + static_cast<double>(k) * 1e9 / 1234;
    REQUIRE(std::abs(static_cast<double>(pacer.due()) - expected) <= 1);
    pacer.submitted();
  }
}

TEST_CASE("1234 IOPS means 1234 +- 1 commands in every full second") {
  struct Sink final : MalformedSink {
    void malformed(std::uint16_t, const spec::Cqe&, Malformed) noexcept override {}
  } sink;
  const Clock clock(kVirtual);
  const auto evidence = EvidenceFile::anonymous(clock);
  ScriptedFunction device;  // stays disabled: this test completes the commands itself
  QueueResources queue({.qid = 1, .depth = 5, .lbaBytes = 512}, device, device.dma(), *evidence,
                       clock, sink);
  // The device in this very thread: completes at the next look at the clock.
  static std::function<void()> serve;
  static std::vector<std::uint64_t> submitTimes;
  submitTimes.clear();
  const IoWorkerSpec spec{.regionEnd = 1000, .qdepth = 4, .timeMs = 10'000, .iops = 1234};
  IoBuffers buffers(spec, device.dma(), 4096);
  IoSignals signals;
  IoTotals totals;
  auto* sq = reinterpret_cast<spec::Sqe*>(device.domain().at(queue.sqBus(), 5 * 64));
  auto* cq = reinterpret_cast<spec::Cqe*>(device.domain().at(queue.cqBus(), 5 * 16));
  std::uint32_t head = 0;
  std::uint32_t tail = 0;
  std::uint16_t phase = 1;
  serve = [&] {
    const std::uint32_t sqTail = device.doorbells().base[2];
    while (head != sqTail) {
      submitTimes.push_back(virtualNs);
      const std::uint16_t cid = sq[head].cid;
      head = (head + 1) % 5;
      cq[tail] = {
          .sqHead = static_cast<std::uint16_t>(head), .sqId = 1, .cid = cid, .statusPhase = phase};
      if (++tail == 5) {
        tail = 0;
        phase ^= 1U;
      }
    }
  };
  ClockSource serving = kVirtual;
  serving.testTicks = []() noexcept {
    serve();
    return ticks();
  };
  const Clock servingClock(serving);
  const std::uint64_t start = virtualNs;
  IoLoop loop(spec, queue.pair(), buffers, servingClock, signals, totals);
  loop.run();
  const auto result = loop.result();
  CHECK(result.end == "completed");
  std::map<std::uint64_t, int> perSecond;
  for (const std::uint64_t at : submitTimes) ++perSecond[(at - start) / kSecond];
  REQUIRE(perSecond.size() >= 10);
  for (std::uint64_t second = 0; second < 10; ++second) {
    CAPTURE(second);
    CHECK(std::abs(perSecond[second] - 1234) <= 1);
  }
  CHECK(result.maxLagNs < 100'000);
}
