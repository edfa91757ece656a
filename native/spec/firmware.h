#pragma once

#include <cstdint>

namespace doorbell::spec {

/// Firmware Commit command, CA field of cdw10 (NVMe Base 2.0, "Firmware Commit command").
enum class CommitAction : std::uint8_t {
  Replace = 0,
  ReplaceAndActivateAtReset = 1,
  ActivateAtReset = 2,
  ActivateNow = 3,
  ReplaceBootPartition = 6,
  ActivateBootPartition = 7,
};

/// Identify Controller, FRMW field.
struct FirmwareUpdates {
  static constexpr std::uint8_t kFirstSlotReadOnly = 1U << 0U;
  static constexpr std::uint8_t kActivationWithoutReset = 1U << 4U;
  static constexpr std::uint8_t slots(unsigned count) noexcept {
    return static_cast<std::uint8_t>(count << 1U);
  }
};

}  // namespace doorbell::spec
