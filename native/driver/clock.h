#pragma once

#include <x86intrin.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <ctime>

#include "driver/evidence_layout.h"

namespace doorbell::driver {

__extension__ using Int128 = __int128;

/// ticks -> ns, linear from one point: exact integer arithmetic (128-bit), rounded down.
struct TickScale {
  std::uint64_t baseTicks = 0;
  std::uint64_t baseNs = 0;
  std::uint64_t mult = 0;  ///< ns per tick, 32.32 fixed point

  /// Valid for ticks before the base too.
  [[nodiscard]] constexpr std::uint64_t toNs(std::uint64_t ticks) const noexcept {
    const auto delta = static_cast<Int128>(static_cast<std::int64_t>(ticks - baseTicks));
    return baseNs + static_cast<std::uint64_t>(
                        static_cast<std::int64_t>((delta * static_cast<Int128>(mult)) >> 32));
  }
  /// ns per tick (32.32) when `ticks` ticks took `ns` ns.
  [[nodiscard]] static std::uint64_t ratio(std::uint64_t ns, std::uint64_t ticks) noexcept;
};

/// Where a clock reads its two times from; replaced in tests.
struct ClockSource {
  bool tsc = false;
  std::uint64_t (*monotonicNs)() noexcept = nullptr;
  std::uint64_t (*realtimeNs)() noexcept = nullptr;
  std::uint64_t (*testTicks)() noexcept = nullptr;  ///< overrides both tick sources when set
  void (*testSleep)(std::uint64_t ns) noexcept = nullptr;

  /// TSC where the processor says constant and non-stop, CLOCK_MONOTONIC_RAW otherwise.
  static ClockSource detect();
};

/// The driver's monotonic clock: cheap ticks for time stamps, converted to CLOCK_MONOTONIC_RAW ns
/// without drift. `discipline()`, about once a second, steers the conversion to the truth without
/// ever stepping back.
class Clock {
 public:
  explicit Clock(ClockSource source = ClockSource::detect());
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  [[nodiscard]] std::uint64_t ticks() const noexcept {
    if (source_.testTicks != nullptr) [[unlikely]]
      return source_.testTicks();
    return source_.tsc ? __rdtsc() : source_.monotonicNs();
  }
  /// ns of CLOCK_MONOTONIC_RAW. Any thread.
  [[nodiscard]] std::uint64_t toNs(std::uint64_t ticks) const noexcept {
    return scale().toNs(ticks);
  }
  [[nodiscard]] std::uint64_t nowNs() const noexcept { return toNs(ticks()); }
  /// A duration in ticks.
  [[nodiscard]] std::uint64_t toTicks(std::uint64_t ns) const noexcept;
  [[nodiscard]] TickScale scale() const noexcept;
  void sleepFor(std::uint64_t ns) const noexcept;
  [[nodiscard]] std::uint64_t ticksPerSecond() const noexcept { return ticksPerSecond_; }
  [[nodiscard]] const evidence::ClockPoint& first() const noexcept { return first_; }

  /// Reads all clocks at one moment, steers `toNs` and returns the reading for the evidence file.
  /// One caller at a time.
  evidence::ClockPoint discipline() noexcept;

 private:
  [[nodiscard]] evidence::ClockPoint sample() const noexcept;
  void publish(const TickScale& scale) noexcept;

  ClockSource source_;
  std::uint64_t ticksPerSecond_ = 0;
  evidence::ClockPoint first_;
  evidence::ClockPoint anchor_;            ///< the slope is measured from here
  std::uint64_t nominal_ = 0;              ///< ns per tick, 32.32
  std::atomic<std::uint64_t> version_{0};  ///< sequence lock over scale_
  std::array<std::atomic<std::uint64_t>, 3> scale_{};
};

}  // namespace doorbell::driver
