#include "emulator/features.h"

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
      return Thermal::kWarning;
    case Slot::TemperatureOver1:
    case Slot::TemperatureOver2:
      return 0xffff;
    case Slot::ReadRecoveryLevel:
      return kDefaultReadRecoveryLevel;
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

/// The default of every value of a namespace is 0, which is what nothing saved reads as.
std::uint32_t Features::saved(NamespaceSlot slot, std::uint32_t nsid) const noexcept {
  return record().namespaces[nsid - 1][static_cast<std::size_t>(slot)].value;
}

void Features::save(NamespaceSlot slot, std::uint32_t nsid, std::uint32_t value) noexcept {
  record().namespaces[nsid - 1][static_cast<std::size_t>(slot)] = {value, 1};
}

void Features::forgetNamespace(std::uint32_t nsid) noexcept {
  record().namespaces[nsid - 1] = {};
  perNamespace_[nsid - 1] = {};
}

void Features::reset() noexcept {
  for (std::size_t i = 0; i < kSlots; ++i) current_[i] = saved(static_cast<Slot>(i));
  for (std::uint32_t nsid = 1; nsid <= kMaxNamespaces; ++nsid) {
    for (std::size_t i = 0; i < kNamespaceSlots; ++i) {
      const auto slot = static_cast<NamespaceSlot>(i);
      set(slot, nsid, saved(slot, nsid));
    }
  }
  coalescingDisabled_ = {};
  behavior_ = {};
  host_ = {};
}

std::uint32_t Features::arbitrationBurst() const noexcept {
  const std::uint32_t exponent = current(Slot::Arbitration) & 7U;
  return exponent == 7 ? kBatch : 1U << exponent;
}

/// LPW, MPW and HPW are 0's based.
Arbiter::Weights Features::arbitrationWeights() const noexcept {
  const std::uint32_t value = current(Slot::Arbitration);
  return {.burst = arbitrationBurst(),
          .high = (value >> 24U) + 1,
          .medium = ((value >> 16U) & 0xffU) + 1,
          .low = ((value >> 8U) & 0xffU) + 1};
}

Thermal::Thresholds Features::thresholds() const noexcept {
  Thermal::Thresholds found;
  for (std::size_t i = 0; i < found.over.size(); ++i) {
    found.over[i] = static_cast<std::uint16_t>(current_[index(Slot::TemperatureOver) + i]);
    found.under[i] = static_cast<std::uint16_t>(current_[index(Slot::TemperatureUnder) + i]);
  }
  return found;
}

}  // namespace doorbell::emulator
