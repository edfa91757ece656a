#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "emulator/limits.h"
#include "emulator/nvm_subsystem.h"
#include "spec/feature.h"

namespace doorbell::emulator {

/// Feature values: current, default and saved. What a value must look like is checked by the
/// command.
class Features {
 public:
  /// Where a value is kept. One a feature, and more where a feature has selectors.
  enum class Slot : std::uint8_t {
    Arbitration,
    PowerManagement,
    TemperatureOver,
    TemperatureUnder,
    ErrorRecovery,
    VolatileWriteCache,
    NumberOfQueues,
    InterruptCoalescing,
    WriteAtomicity,
    AsyncEvents,
    Count,
  };
  static constexpr std::size_t kSlots = static_cast<std::size_t>(Slot::Count);

  explicit Features(NvmSubsystem& subsystem) noexcept : subsystem_(subsystem) { reset(); }

  [[nodiscard]] static std::uint32_t defaultValue(Slot slot) noexcept;
  [[nodiscard]] std::uint32_t current(Slot slot) const noexcept { return current_[index(slot)]; }
  /// The value after the next reset.
  [[nodiscard]] std::uint32_t saved(Slot slot) const noexcept;
  void set(Slot slot, std::uint32_t value) noexcept { current_[index(slot)] = value; }
  void save(Slot slot, std::uint32_t value) noexcept;

  /// Interrupt Vector Configuration: Coalescing Disable of each vector.
  [[nodiscard]] bool coalescingDisabled(std::uint16_t vector) const noexcept {
    return coalescingDisabled_[vector];
  }
  void setCoalescingDisabled(std::uint16_t vector, bool disabled) noexcept {
    coalescingDisabled_[vector] = disabled;
  }

  /// Saved, else default values, as after a Controller Level Reset.
  void reset() noexcept;

  [[nodiscard]] bool cacheEnabled() const noexcept {
    return current(Slot::VolatileWriteCache) != 0;
  }
  /// Commands taken from one SQ before the next has its turn.
  [[nodiscard]] std::uint32_t arbitrationBurst() const noexcept;
  /// Critical Warning bits of the SMART / Health log.
  [[nodiscard]] std::uint8_t criticalWarning() const noexcept;

 private:
  static constexpr std::size_t index(Slot slot) noexcept { return static_cast<std::size_t>(slot); }

  NvmSubsystem& subsystem_;
  std::array<std::uint32_t, kSlots> current_{};
  std::array<bool, kInterruptVectors> coalescingDisabled_{};
};

}  // namespace doorbell::emulator
