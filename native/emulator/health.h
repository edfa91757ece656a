#pragma once

#include <atomic>
#include <cstdint>

#include "emulator/limits.h"

namespace doorbell::emulator {

/// What the sensors of the SSD say and how much of its spare is left: the SMART / Health log, its
/// critical warnings and thermal management look here. Set by fault injection, from any thread;
/// after a change the device thread looks for events to raise.
class Health {
 public:
  static constexpr std::uint8_t kSpareThreshold = 10;  ///< per cent

  std::atomic<std::uint16_t> temperatureKelvin{kTemperatureKelvin};
  std::atomic<std::uint8_t> availableSpare{100};  ///< per cent
  std::atomic<std::uint8_t> percentageUsed{0};
  std::atomic<bool> reliabilityDegraded{false};
  std::atomic<bool> readOnly{false};      ///< the medium takes no more writes
  std::atomic<bool> backupFailed{false};  ///< of the volatile memory

  [[nodiscard]] bool spareLow() const noexcept { return availableSpare < kSpareThreshold; }
  void clear() noexcept {
    temperatureKelvin = kTemperatureKelvin;
    availableSpare = 100;
    percentageUsed = 0;
    reliabilityDegraded = readOnly = backupFailed = false;
  }
};

}  // namespace doorbell::emulator
