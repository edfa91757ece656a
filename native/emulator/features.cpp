#include "emulator/features.h"

#include "spec/log_page.h"

namespace doorbell::emulator {

namespace {

constexpr std::uint32_t kGrantedQueues = (kIoQueues - 1U) | ((kIoQueues - 1U) << 16U);
constexpr std::uint32_t kBatch = 32;  ///< "no limit", which still gives the other queues a turn

}  // namespace

std::uint32_t Features::defaultValue(Slot slot) noexcept {
  switch (slot) {
    case Slot::Arbitration:
      return 7;  // no limit
    case Slot::TemperatureOver:
      return kWarningTemperatureKelvin;
    case Slot::VolatileWriteCache:
      return 1;
    case Slot::NumberOfQueues:
      return kGrantedQueues;
    default:
      return 0;
  }
}

std::uint32_t Features::saved(Slot slot) const noexcept {
  const SavedFeature& saved = subsystem_.savedFeature(static_cast<std::uint8_t>(slot));
  return saved.valid != 0 ? saved.value : defaultValue(slot);
}

void Features::save(Slot slot, std::uint32_t value) noexcept {
  subsystem_.savedFeature(static_cast<std::uint8_t>(slot)) = {value, 1};
}

void Features::reset() noexcept {
  for (std::size_t i = 0; i < kSlots; ++i) current_[i] = saved(static_cast<Slot>(i));
  coalescingDisabled_ = {};
}

std::uint32_t Features::arbitrationBurst() const noexcept {
  const std::uint32_t exponent = current(Slot::Arbitration) & 7U;
  return exponent == 7 ? kBatch : 1U << exponent;
}

std::uint8_t Features::criticalWarning() const noexcept {
  using Warning = spec::CriticalWarning;
  const Health& health = subsystem_.health();
  const std::uint16_t kelvin = health.temperatureKelvin;
  const bool hot = kelvin >= current(Slot::TemperatureOver);
  const bool cold = kelvin <= current(Slot::TemperatureUnder);
  unsigned warning = hot || cold ? Warning::kTemperature : 0;
  if (health.spareLow()) warning |= Warning::kSpare;
  if (health.reliabilityDegraded) warning |= Warning::kReliability;
  if (health.readOnly) warning |= Warning::kReadOnly;
  if (health.backupFailed) warning |= Warning::kBackupFailed;
  return static_cast<std::uint8_t>(warning);
}

}  // namespace doorbell::emulator
