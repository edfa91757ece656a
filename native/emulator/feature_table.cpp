#include "emulator/feature_table.h"

#include <algorithm>
#include <array>

namespace doorbell::emulator {

using Id = spec::FeatureId;
using Slot = Features::Slot;

namespace {

constexpr std::uint32_t kChangeable = spec::FeatureCapability::kChangeable;
constexpr std::uint32_t kSaveable = spec::FeatureCapability::kSaveable | kChangeable;
constexpr std::uint32_t kPerNamespace = spec::FeatureCapability::kNamespaceSpecific;

constexpr std::array<FeatureRule, 9> kRules{{
    {Id::Arbitration, Slot::Arbitration, 0xffffff07, kSaveable},
    {Id::PowerManagement, Slot::PowerManagement, 0x000000ff, kSaveable},
    {Id::TemperatureThreshold, Slot::TemperatureOver, 0x0000ffff, kSaveable},
    {Id::ErrorRecovery, Slot::ErrorRecovery, 0x0000ffff, kSaveable | kPerNamespace},
    {Id::VolatileWriteCache, Slot::VolatileWriteCache, 0x00000001, kSaveable},
    {Id::NumberOfQueues, Slot::NumberOfQueues, 0xffffffff, kChangeable},
    {Id::InterruptCoalescing, Slot::InterruptCoalescing, 0x0000ffff, kSaveable},
    {Id::WriteAtomicityNormal, Slot::WriteAtomicity, 0x00000001, kSaveable},
    {Id::AsynchronousEventConfiguration, Slot::AsyncEvents, 0x000000ff, kSaveable},
}};

constexpr Outcome invalid() { return refused(spec::status::kInvalidField, at::kCdw11); }

Outcome checkQueues(std::uint32_t value, bool ioQueuesExist) {
  if (ioQueuesExist) return refused(spec::status::kCommandSequenceError);
  const bool tooMany = (value & 0xffffU) == 0xffffU || (value >> 16U) == 0xffffU;
  return tooMany ? invalid() : done();
}

/// THSEL 0 and 1; TMPSEL 0 (composite) and Fh (all).
Outcome checkTemperature(std::uint32_t value) {
  const std::uint32_t sensor = (value >> 16U) & 0xfU;
  const std::uint32_t kind = (value >> 20U) & 0x3U;
  return (sensor == 0 || sensor == 0xf) && kind < 2 ? done() : invalid();
}

}  // namespace

const FeatureRule* ruleOf(Id id) noexcept {
  const auto* found = std::find_if(kRules.begin(), kRules.end(),
                                   [id](const FeatureRule& rule) { return rule.id == id; });
  return found == kRules.end() ? nullptr : found;
}

Outcome checkFeature(Id id, std::uint32_t value, bool ioQueuesExist) noexcept {
  switch (id) {
    case Id::PowerManagement:
      return (value & 0x1fU) < kPowerStates ? done() : invalid();
    case Id::TemperatureThreshold:
      return checkTemperature(value);
    case Id::ErrorRecovery:
      // Deallocated blocks never cause an error (NSFEAT.DAE), so DULBE cannot be set.
      return (value & (1U << 16U)) == 0 ? done() : invalid();
    case Id::NumberOfQueues:
      return checkQueues(value, ioQueuesExist);
    default:
      return done();
  }
}

bool featureSupported(std::uint8_t id) noexcept {
  const auto feature = static_cast<Id>(id);
  return ruleOf(feature) != nullptr || feature == Id::InterruptVectorConfiguration ||
         feature == Id::Timestamp;
}

}  // namespace doorbell::emulator
