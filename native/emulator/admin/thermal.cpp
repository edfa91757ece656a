#include "emulator/admin/thermal.h"

#include <algorithm>

namespace doorbell::emulator {

void Thermal::set(std::uint16_t kelvin, std::uint64_t now) noexcept {
  counted(now);
  sensors_[0] = kelvin;
  sensors_[1] = static_cast<std::uint16_t>(kelvin - std::min(kelvin, kBelow));
  settle();
}

void Thermal::setLimits(std::uint16_t light, std::uint16_t heavy, std::uint64_t now) noexcept {
  counted(now);
  limits_ = {light, heavy};
  settle();
}

bool Thermal::outside(const Thresholds& thresholds) const noexcept {
  const auto isOutside = [&](std::size_t which, std::uint16_t kelvin) {
    return kelvin >= thresholds.over[which] || kelvin <= thresholds.under[which];
  };
  if (isOutside(0, composite())) return true;
  for (std::uint32_t i = 0; i < kSensors; ++i) {
    if (isOutside(i + 1, sensors_[i])) return true;
  }
  return false;
}

/// The throttling that the temperature calls for; a transition is counted when it begins.
void Thermal::settle() noexcept {
  const std::uint16_t now = composite();
  unsigned wanted = 0;
  if (limits_[0] != 0 && now >= limits_[0]) wanted = 1;
  if (limits_[1] != 0 && now >= limits_[1]) wanted = 2;
  if (wanted != 0 && wanted != throttling_) ++record_.transitions[wanted - 1];
  throttling_ = wanted;
}

const ThermalRecord& Thermal::counted(std::uint64_t now) noexcept {
  const std::uint64_t passed = now > since_ && since_ != 0 ? now - since_ : 0;
  since_ = std::max(now, since_);
  if (composite() >= kCritical) {
    record_.criticalTime += passed;
  } else if (composite() >= kWarning) {
    record_.warningTime += passed;
  }
  if (throttling_ != 0) record_.throttledTime[throttling_ - 1] += passed;
  return record_;
}

}  // namespace doorbell::emulator
