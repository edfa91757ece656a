#include "driver/clock.h"

#include <cpuid.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace doorbell::driver {
namespace {

constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
constexpr std::uint64_t kCalibrationNs = 10'000'000;
constexpr std::int64_t kStepNs = 1'000'000;   // a larger error is a suspend, not drift
constexpr std::int64_t kMaxSlewNs = 500'000;  // per second: 500 ppm

std::uint64_t readClock(clockid_t id) noexcept {
  timespec now{};
  clock_gettime(id, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * kNsPerSecond +
         static_cast<std::uint64_t>(now.tv_nsec);
}
std::uint64_t monotonicRaw() noexcept { return readClock(CLOCK_MONOTONIC_RAW); }
std::uint64_t realtime() noexcept { return readClock(CLOCK_REALTIME); }

void realSleep(std::uint64_t ns) noexcept {
  const timespec duration{static_cast<time_t>(ns / kNsPerSecond),
                          static_cast<long>(ns % kNsPerSecond)};
  nanosleep(&duration, nullptr);
}

/// Invariant TSC (constant and non-stop), unless the kernel found it unstable.
bool tscIsInvariant() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(0x80000007U, &a, &b, &c, &d) == 0 || (d & (1U << 8U)) == 0) return false;
  std::ifstream file("/sys/devices/system/clocksource/clocksource0/available_clocksource");
  std::string sources;
  return !std::getline(file, sources) || sources.find("tsc") != std::string::npos;
}

}  // namespace

std::uint64_t TickScale::ratio(std::uint64_t ns, std::uint64_t ticks) noexcept {
  return static_cast<std::uint64_t>((static_cast<Int128>(ns) << 32) / static_cast<Int128>(ticks));
}

ClockSource ClockSource::detect() {
  return {.tsc = tscIsInvariant(), .monotonicNs = monotonicRaw, .realtimeNs = realtime};
}

Clock::Clock(ClockSource source) : source_(source) {
  first_ = sample();
  anchor_ = first_;
  nominal_ = 1ULL << 32U;
  if (source_.tsc && source_.testTicks == nullptr) {
    evidence::ClockPoint second;
    do {
      realSleep(kCalibrationNs);
      second = sample();
    } while (second.ticks <= first_.ticks || second.monotonicNs <= first_.monotonicNs);
    nominal_ =
        TickScale::ratio(second.monotonicNs - first_.monotonicNs, second.ticks - first_.ticks);
  }
  ticksPerSecond_ = static_cast<std::uint64_t>((static_cast<Int128>(kNsPerSecond) << 32) /
                                               static_cast<Int128>(nominal_));
  publish({first_.ticks, first_.monotonicNs, nominal_});
}

std::uint64_t Clock::toTicks(std::uint64_t ns) const noexcept {
  return static_cast<std::uint64_t>(static_cast<Int128>(ns) * static_cast<Int128>(ticksPerSecond_) /
                                    static_cast<Int128>(kNsPerSecond));
}

void Clock::sleepFor(std::uint64_t ns) const noexcept {
  if (source_.testSleep != nullptr) return source_.testSleep(ns);
  realSleep(ns);
}

TickScale Clock::scale() const noexcept {
  while (true) {
    const std::uint64_t before = version_.load(std::memory_order_acquire);
    // Acquire: the second look at the version comes after these.
    const TickScale scale{scale_[0].load(std::memory_order_acquire),
                          scale_[1].load(std::memory_order_acquire),
                          scale_[2].load(std::memory_order_acquire)};
    if ((before & 1U) == 0 && version_.load(std::memory_order_relaxed) == before) return scale;
    _mm_pause();
  }
}

void Clock::publish(const TickScale& scale) noexcept {
  const std::uint64_t version = version_.load(std::memory_order_relaxed);
  version_.store(version + 1, std::memory_order_relaxed);
  // Release: readers that see a new value also see the odd version.
  scale_[0].store(scale.baseTicks, std::memory_order_release);
  scale_[1].store(scale.baseNs, std::memory_order_release);
  scale_[2].store(scale.mult, std::memory_order_release);
  version_.store(version + 2, std::memory_order_release);
}

/// The reading with the least time between its two looks at the ticks, of five.
evidence::ClockPoint Clock::sample() const noexcept {
  evidence::ClockPoint best;
  std::uint64_t bestSpan = UINT64_MAX;
  for (int attempt = 0; attempt < 5; ++attempt) {
    const std::uint64_t before = ticks();
    const std::uint64_t monotonic = source_.monotonicNs();
    const std::uint64_t after = ticks();
    const std::uint64_t real = source_.realtimeNs();
    if (after - before >= bestSpan) continue;
    bestSpan = after - before;
    best = {.ticks = before + bestSpan / 2, .monotonicNs = monotonic, .realtimeNs = real};
  }
  return best;
}

evidence::ClockPoint Clock::discipline() noexcept {
  const evidence::ClockPoint point = sample();
  const TickScale old = scale();
  const std::uint64_t ours = old.toNs(point.ticks);
  const auto error = static_cast<std::int64_t>(point.monotonicNs - ours);
  if (std::abs(error) > kStepNs) {
    // The two clocks came apart: forward at once, back only by waiting for the truth.
    anchor_ = point;
    publish({point.ticks, std::max(ours, point.monotonicNs),
             error > 0 ? nominal_ : nominal_ - nominal_ / 2000});
    return point;
  }
  const std::uint64_t elapsed = point.ticks - anchor_.ticks;
  if (elapsed > toTicks(kCalibrationNs)) {
    nominal_ = TickScale::ratio(point.monotonicNs - anchor_.monotonicNs, elapsed);
  }
  // Meets the truth in a second; continuous here, so that time never jumps.
  const auto slew = static_cast<Int128>(nominal_) * std::clamp(error, -kMaxSlewNs, kMaxSlewNs);
  const auto mult = static_cast<std::int64_t>(nominal_) +
                    static_cast<std::int64_t>(slew / static_cast<Int128>(kNsPerSecond));
  publish({point.ticks, ours, static_cast<std::uint64_t>(mult)});
  return point;
}

}  // namespace doorbell::driver
