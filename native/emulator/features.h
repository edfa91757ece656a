#pragma once

#include <array>
#include <cstdint>

#include "emulator/admin/power_states.h"
#include "emulator/admin/thermal.h"
#include "emulator/arbiter.h"
#include "emulator/limits.h"
#include "emulator/nvm/reservations.h"
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
    TemperatureOver,  ///< composite, then each sensor
    TemperatureOver1,
    TemperatureOver2,
    TemperatureUnder,  ///< composite, then each sensor
    TemperatureUnder1,
    TemperatureUnder2,
    VolatileWriteCache,
    NumberOfQueues,
    InterruptCoalescing,
    WriteAtomicity,
    AsyncEvents,
    AutonomousTransitions,
    ThermalManagement,
    NonOperationalConfig,
    ReadRecoveryLevel,
    SanitizeConfig,
    CommandSetProfile,
    SoftwareProgress,
    Count,
  };
  /// The same of values that every namespace has for itself.
  enum class NamespaceSlot : std::uint8_t { ErrorRecovery, ReservationMask, Count };

  static constexpr std::size_t kSlots = static_cast<std::size_t>(Slot::Count);
  static constexpr std::size_t kNamespaceSlots = static_cast<std::size_t>(NamespaceSlot::Count);

  /// What is kept without power, besides NvmSubsystem::savedFeature.
  struct Record {
    std::array<std::array<SavedFeature, 4>, kMaxNamespaces> namespaces;
    TransitionData transitions;  ///< saved with Slot::AutonomousTransitions
    ThermalRecord thermal;
  };

  explicit Features(NvmSubsystem& subsystem) noexcept : subsystem_(subsystem) { reset(); }

  [[nodiscard]] static std::uint32_t defaultValue(Slot slot) noexcept;
  [[nodiscard]] std::uint32_t current(Slot slot) const noexcept { return current_[index(slot)]; }
  /// The value after the next reset.
  [[nodiscard]] std::uint32_t saved(Slot slot) const noexcept;
  void set(Slot slot, std::uint32_t value) noexcept { current_[index(slot)] = value; }
  void save(Slot slot, std::uint32_t value) noexcept;

  [[nodiscard]] std::uint32_t current(NamespaceSlot slot, std::uint32_t nsid) const noexcept {
    return perNamespace_[nsid - 1][static_cast<std::size_t>(slot)];
  }
  [[nodiscard]] std::uint32_t saved(NamespaceSlot slot, std::uint32_t nsid) const noexcept;
  void set(NamespaceSlot slot, std::uint32_t nsid, std::uint32_t value) noexcept {
    perNamespace_[nsid - 1][static_cast<std::size_t>(slot)] = value;
  }
  void save(NamespaceSlot slot, std::uint32_t nsid, std::uint32_t value) noexcept;
  /// Another namespace has that NSID now: nothing is set or saved.
  void forgetNamespace(std::uint32_t nsid) noexcept;

  /// Interrupt Vector Configuration: Coalescing Disable of each vector.
  [[nodiscard]] bool coalescingDisabled(std::uint16_t vector) const noexcept {
    return coalescingDisabled_[vector];
  }
  void setCoalescingDisabled(std::uint16_t vector, bool disabled) noexcept {
    coalescingDisabled_[vector] = disabled;
  }

  /// Interrupt Coalescing: entries to wait for, and how long; without a time there is no waiting.
  [[nodiscard]] bool coalesces() const noexcept { return coalescingNs() != 0; }
  [[nodiscard]] std::uint32_t coalescingEntries() const noexcept {
    return (current(Slot::InterruptCoalescing) & 0xffU) + 1;
  }
  [[nodiscard]] std::uint64_t coalescingNs() const noexcept {
    return std::uint64_t{(current(Slot::InterruptCoalescing) >> 8U) & 0xffU} * 100'000;
  }

  /// Host Behavior Support and Host Identifier.
  [[nodiscard]] spec::HostBehavior& behavior() noexcept { return behavior_; }
  [[nodiscard]] HostIdentity& host() noexcept { return host_; }

  /// Saved, else default values, as after a Controller Level Reset.
  void reset() noexcept;

  [[nodiscard]] bool cacheEnabled() const noexcept {
    return current(Slot::VolatileWriteCache) != 0;
  }
  /// Error Recovery: Deallocated or Unwritten Logical Block Error Enable.
  [[nodiscard]] bool deallocatedError(std::uint32_t nsid) const noexcept {
    return (current(NamespaceSlot::ErrorRecovery, nsid) & (1U << 16U)) != 0;
  }
  /// Commands taken from one SQ before the next has its turn.
  [[nodiscard]] std::uint32_t arbitrationBurst() const noexcept;
  [[nodiscard]] Arbiter::Weights arbitrationWeights() const noexcept;
  [[nodiscard]] Thermal::Thresholds thresholds() const noexcept;
  /// Room for what does not fit a slot.
  [[nodiscard]] Record& record() const noexcept {
    return subsystem_.section<Record, Section::Features>();
  }

 private:
  static constexpr std::size_t index(Slot slot) noexcept { return static_cast<std::size_t>(slot); }

  NvmSubsystem& subsystem_;
  std::array<std::uint32_t, kSlots> current_{};
  std::array<std::array<std::uint32_t, kNamespaceSlots>, kMaxNamespaces> perNamespace_{};
  std::array<bool, kInterruptVectors> coalescingDisabled_{};
  spec::HostBehavior behavior_;
  HostIdentity host_;
};

}  // namespace doorbell::emulator
