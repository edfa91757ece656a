#include <doctest/doctest.h>

#include <cstdlib>

#include "driver/clock.h"

using namespace doorbell::driver;

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

// A world in which ticks run at 2.5 GHz + drift against the truth, and reading a clock takes time.
std::uint64_t trueNs = 0;
double ticksPerNs = 2.5;
std::uint64_t suspendedNs = 0;

std::uint64_t fakeTicks() noexcept {
  trueNs += 15;
  return static_cast<std::uint64_t>(static_cast<double>(trueNs) * ticksPerNs);
}
std::uint64_t fakeMonotonic() noexcept {
  trueNs += 20;
  return trueNs + suspendedNs;
}
std::uint64_t fakeRealtime() noexcept { return trueNs + 1'600'000'000 * kSecond; }

const ClockSource kFake{
    .tsc = true, .monotonicNs = fakeMonotonic, .realtimeNs = fakeRealtime, .testTicks = fakeTicks};

}  // namespace

TEST_CASE("Conversion is exact integer arithmetic, before and after its base") {
  const TickScale scale{.baseTicks = 1ULL << 62U, .baseNs = 5, .mult = TickScale::ratio(3, 1)};
  CHECK(scale.toNs(1ULL << 62U) == 5);
  CHECK(scale.toNs((1ULL << 62U) + 1'000'000'000'000) == 3'000'000'000'005);
  const TickScale third{.baseTicks = 100, .baseNs = 1000, .mult = TickScale::ratio(1, 3)};
  CHECK(third.toNs(100 + 300) == 1099);  // 99.99..: rounded down
  CHECK(third.toNs(100 - 30) == 990);
}

TEST_CASE("A full day of ticks converts without the rounding of a double") {
  const std::uint64_t ticks = 86'400ULL * 2'700'000'000ULL;
  const TickScale scale{.baseTicks = 0, .baseNs = 0, .mult = TickScale::ratio(10, 27)};
  const auto error = static_cast<std::int64_t>(scale.toNs(ticks) - 86'400 * kSecond);
  CHECK(std::llabs(error) < 86'400);  // 1 ns a second: the resolution of the ratio
}

TEST_CASE("Disciplined once a second, the clock neither drifts nor steps back over a day") {
  trueNs = 1000 * kSecond;
  suspendedNs = 0;
  ticksPerNs = 1.0 + 80e-6;  // the nominal rate is 1 in a test clock: 80 ppm fast
  Clock clock(kFake);
  std::uint64_t before = 0;
  for (int second = 0; second < 86'400; ++second) {
    trueNs += kSecond / 2;
    const std::uint64_t middle = clock.nowNs();
    trueNs += kSecond / 2;
    clock.discipline();
    const std::uint64_t now = clock.nowNs();
    REQUIRE(middle > before);
    REQUIRE(now > middle);
    before = now;
    const auto error = static_cast<std::int64_t>(now - trueNs);
    // 80 ppm of the first second, and then within the noise of reading.
    REQUIRE(std::llabs(error) < (second < 10 ? 100'000 : 200));
  }
}

TEST_CASE("After a suspend the clock is right again, and never went back") {
  trueNs = 1000 * kSecond;
  suspendedNs = 0;
  ticksPerNs = 1.0;
  Clock clock(kFake);
  for (int second = 0; second < 10; ++second) {
    trueNs += kSecond;
    clock.discipline();
  }
  const std::uint64_t before = clock.nowNs();
  suspendedNs = 3600 * kSecond;
  clock.discipline();
  const std::uint64_t after = clock.nowNs();
  CHECK(after >= before + 3600 * kSecond);
  CHECK(std::llabs(static_cast<std::int64_t>(after - fakeMonotonic())) < 1000);
}

TEST_CASE("The real clock agrees with CLOCK_MONOTONIC_RAW") {
  Clock clock;
  const auto raw = [] {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC_RAW, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * kSecond +
           static_cast<std::uint64_t>(now.tv_nsec);
  };
  // The least of many: a descheduled test must not fail.
  std::int64_t best = INT64_MAX;
  for (int i = 0; i < 1000; ++i) {
    const auto difference = std::llabs(static_cast<std::int64_t>(clock.nowNs() - raw()));
    best = std::min<std::int64_t>(best, difference);
  }
  CHECK(best < 50'000);
  CHECK(clock.toTicks(kSecond) == clock.ticksPerSecond());
}
