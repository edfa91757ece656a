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
  const bool hot = kTemperatureKelvin >= current(Slot::TemperatureOver);
  const bool cold = kTemperatureKelvin <= current(Slot::TemperatureUnder);
  return hot || cold ? spec::CriticalWarning::kTemperature : std::uint8_t{0};
}

}  // namespace doorbell::emulator
