#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "emulator/admin/power_table.h"

namespace doorbell::emulator {

/// Autonomous Power State Transition Data Structure: 32 entries of 8 bytes.
using TransitionData = std::array<std::uint64_t, 32>;

/// The power state of the controller: chosen by the host, changed by idle time and left by I/O
/// (NVMe Base 2.0, "Power Management"). Times are nanoseconds of one clock. Thread safe.
class PowerStates {
 public:
  /// The first entry that names no non-operational power state, if any.
  [[nodiscard]] static std::optional<std::uint32_t> invalidEntry(
      const TransitionData& data) noexcept;

  void reset(std::uint8_t state, std::uint64_t now) noexcept;
  /// Power Management: the host wants that state, now.
  void select(std::uint8_t state, std::uint64_t now) noexcept;
  void configure(const TransitionData& data, bool enabled, std::uint64_t now) noexcept;
  [[nodiscard]] TransitionData transitions() const noexcept;
  /// Autonomous transitions are suspended, or go on: idle time counts from then.
  void suspend(bool suspended, std::uint64_t now) noexcept;

  /// The state at that time, if no I/O came since.
  [[nodiscard]] std::uint8_t at(std::uint64_t now) const noexcept;
  /// I/O command processing goes on: back to the last operational state. Returns when it can begin.
  std::uint64_t serve(std::uint64_t now) noexcept;

  /// The state can be, or become, one that I/O has to wake: ask `serve` before every burst.
  [[nodiscard]] bool rests() const noexcept { return rests_.load(std::memory_order_relaxed); }

 private:
  class Lock;

  void enter(std::uint8_t state, std::uint64_t now) noexcept;
  [[nodiscard]] std::uint8_t stateAt(std::uint64_t now) const noexcept;

  std::atomic<bool> rests_{false};
  mutable std::atomic_flag busy_;  ///< taken for a few instructions, and only where `rests()`
  TransitionData data_{};
  bool autonomous_ = false;
  bool suspended_ = false;
  std::uint8_t state_ = 0;        ///< at `since_`
  std::uint8_t operational_ = 0;  ///< the most recent operational one
  std::uint64_t since_ = 0;       ///< idle in this state
  std::uint64_t awake_ = 0;       ///< an exit under way ends
};

}  // namespace doorbell::emulator
