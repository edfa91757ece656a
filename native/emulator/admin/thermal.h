#pragma once

#include <array>
#include <cstdint>

#include "emulator/limits.h"

namespace doorbell::emulator {

/// What the SSD keeps of its temperature without power. Times are nanoseconds.
struct ThermalRecord {
  std::uint64_t warningTime = 0;               ///< at or above WCTEMP, below CCTEMP
  std::uint64_t criticalTime = 0;              ///< at or above CCTEMP
  std::array<std::uint32_t, 2> transitions{};  ///< to light and to heavy throttling
  std::array<std::uint64_t, 2> throttledTime{};
};

/// Temperatures, and how long and how often they were too high (NVMe Base 2.0, "SMART / Health
/// Information", "Host Controlled Thermal Management"). A temperature stays until
/// another is set: the model has no heat of its own.
class Thermal {
 public:
  static constexpr std::uint32_t kSensors = 2;
  static constexpr std::uint16_t kNormal = kTemperatureKelvin;
  static constexpr std::uint16_t kWarning = kWarningTemperatureKelvin;
  static constexpr std::uint16_t kCritical = kCriticalTemperatureKelvin;
  static constexpr std::uint16_t kBelow = 5;           ///< what the second sensor measures less
  static constexpr std::uint16_t kLowestLimit = 303;   ///< MNTMT
  static constexpr std::uint16_t kHighestLimit = 348;  ///< MXTMT

  /// Over and under thresholds: of the Composite Temperature, then of each sensor.
  struct Thresholds {
    std::array<std::uint16_t, kSensors + 1> over{};
    std::array<std::uint16_t, kSensors + 1> under{};
  };

  explicit Thermal(ThermalRecord& record) noexcept : record_(record) {}

  /// The SSD is that hot from now on: its first sensor, and the second a little less.
  void set(std::uint16_t kelvin, std::uint64_t now) noexcept;
  /// Host Controlled Thermal Management: 0 disables that limit.
  void setLimits(std::uint16_t light, std::uint16_t heavy, std::uint64_t now) noexcept;

  [[nodiscard]] std::uint16_t composite() const noexcept { return sensors_[0]; }
  [[nodiscard]] std::uint16_t sensor(std::uint32_t index) const noexcept { return sensors_[index]; }
  [[nodiscard]] bool outside(const Thresholds& thresholds) const noexcept;
  /// 0: not throttled by the host's limits; 1: lightly; 2: heavily.
  [[nodiscard]] unsigned throttling() const noexcept { return throttling_; }
  /// Counted up to that time.
  const ThermalRecord& counted(std::uint64_t now) noexcept;

 private:
  void settle() noexcept;

  ThermalRecord& record_;
  std::array<std::uint16_t, kSensors> sensors_{kNormal, kNormal - kBelow};
  std::array<std::uint16_t, 2> limits_{};
  unsigned throttling_ = 0;
  std::uint64_t since_ = 0;
};

}  // namespace doorbell::emulator
