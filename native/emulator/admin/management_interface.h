#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "emulator/admin/vital_product_data.h"
#include "emulator/limits.h"
#include "spec/management_interface.h"

namespace doorbell::emulator {

/// What the NVM subsystem remembers for NVMe-MI: which health states changed since somebody asked,
/// until power goes, and the Vital Product Data.
class ManagementInterface {
 public:
  /// SMART values whose changes count.
  struct Health {
    std::uint16_t temperature = kTemperatureKelvin;
    std::uint8_t used = 0;
    std::uint8_t spare = 100;
    std::uint8_t warning = 0;
  };

  explicit ManagementInterface(VpdRecord& vpd) noexcept : vpd_(vpd) {}

  /// Something of the controller's status changed: HealthFlags. From any thread.
  void note(std::uint16_t flags) noexcept;
  /// The health is this now. From the thread that has the controller to itself.
  void observe(const Health& now) noexcept;
  /// Power is back: nothing has changed since.
  void powerOn() noexcept { composite_ = controller_ = 0; }

  /// Composite Controller Status Flags; `clear`: those are no longer set afterwards.
  std::uint16_t composite(std::uint16_t clear) noexcept {
    return composite_.fetch_and(static_cast<std::uint16_t>(~unsigned{clear}));
  }
  /// Controller Health Status Changed Flags.
  [[nodiscard]] std::uint16_t controller() const noexcept { return controller_; }
  void clearController() noexcept { controller_ = 0; }

  [[nodiscard]] VpdRecord& vpd() noexcept { return vpd_; }

 private:
  VpdRecord& vpd_;
  std::atomic<std::uint16_t> composite_{0};
  std::atomic<std::uint16_t> controller_{0};
  Health health_;
};

}  // namespace doorbell::emulator
