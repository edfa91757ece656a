#include "emulator/admin/feature_table.h"

#include <algorithm>
#include <array>

namespace doorbell::emulator {

using Id = spec::FeatureId;
using Slot = Features::Slot;
using NamespaceSlot = Features::NamespaceSlot;

namespace {

using namespace feature;

constexpr std::uint32_t kChangeable = spec::FeatureCapability::kChangeable;
constexpr std::uint32_t kSaveable = spec::FeatureCapability::kSaveable | kChangeable;
constexpr std::uint32_t kPerNamespace = spec::FeatureCapability::kNamespaceSpecific;
constexpr std::uint32_t kEvents =
    spec::EventConfiguration::kCriticalWarnings | spec::EventConfiguration::kNamespaceAttribute |
    spec::EventConfiguration::kFirmwareActivation | spec::EventConfiguration::kTelemetryLog |
    spec::EventConfiguration::kZoneDescriptorChanged;

constexpr FeatureRule value(Id id, Slot slot, std::uint32_t mask, std::uint32_t capabilities,
                            FeatureRule::Check check = nullptr) {
  return {id, capabilities, getValue, setValue, slot, mask, check};
}

constexpr FeatureRule namespaceValue(Id id, NamespaceSlot slot, std::uint32_t mask,
                                     FeatureRule::Check check) {
  return {id,
          kSaveable | kPerNamespace,
          getNamespaceValue,
          setNamespaceValue,
          Slot::Count,
          mask,
          check,
          slot};
}

constexpr std::array kRules{
    value(Id::Arbitration, Slot::Arbitration, 0xffffff07, kSaveable),
    FeatureRule{Id::PowerManagement, kSaveable, getPowerState, setValue, Slot::PowerManagement,
                0xff, checkPowerState},
    FeatureRule{Id::TemperatureThreshold, kSaveable, getThreshold, setThreshold},
    namespaceValue(Id::ErrorRecovery, NamespaceSlot::ErrorRecovery, 0x0001ffff, checkErrorRecovery),
    value(Id::VolatileWriteCache, Slot::VolatileWriteCache, 1, kSaveable),
    FeatureRule{Id::NumberOfQueues, kChangeable, getValue, setQueues, Slot::NumberOfQueues},
    value(Id::InterruptCoalescing, Slot::InterruptCoalescing, 0xffff, kSaveable),
    FeatureRule{Id::InterruptVectorConfiguration, kChangeable, getVector, setVector},
    value(Id::WriteAtomicityNormal, Slot::WriteAtomicity, 1, kSaveable),
    value(Id::AsynchronousEventConfiguration, Slot::AsyncEvents, kEvents, kSaveable),
    FeatureRule{Id::AutonomousPowerStateTransition, kSaveable, getTransitions, setTransitions,
                Slot::AutonomousTransitions},
    FeatureRule{Id::HostMemoryBuffer, kChangeable, getHostMemory, setHostMemory},
    FeatureRule{Id::Timestamp, kChangeable, getTimestamp, setTimestamp},
    value(Id::HostControlledThermalManagement, Slot::ThermalManagement, 0xffffffff, kSaveable,
          checkThermalLimits),
    value(Id::NonOperationalPowerStateConfig, Slot::NonOperationalConfig, 1, kSaveable),
    FeatureRule{Id::ReadRecoveryLevel, kSaveable, getValue, setReadRecovery,
                Slot::ReadRecoveryLevel},
    FeatureRule{Id::HostBehaviorSupport, kChangeable, getBehavior, setBehavior},
    value(Id::SanitizeConfig, Slot::SanitizeConfig, 1, kSaveable),
    value(Id::IoCommandSetProfile, Slot::CommandSetProfile, 0x1ff, kSaveable, checkProfile),
    value(Id::SoftwareProgressMarker, Slot::SoftwareProgress, 0xff, kSaveable),
    FeatureRule{Id::HostIdentifier, kChangeable, getHost, setHost},
    FeatureRule{Id::ReservationNotificationMask, kChangeable | kPerNamespace, getNamespaceValue,
                setNamespaceValue, Slot::Count, 0x0e, nullptr, NamespaceSlot::ReservationMask},
    FeatureRule{Id::ReservationPersistence, kChangeable | kPerNamespace, getPersistence,
                setPersistence},
    FeatureRule{Id::NamespaceWriteProtectionConfig, kChangeable | kPerNamespace, getWriteProtection,
                setWriteProtection},
};

}  // namespace

const FeatureRule* ruleOf(Id id) noexcept {
  const auto* found = std::find_if(kRules.begin(), kRules.end(),
                                   [id](const FeatureRule& rule) { return rule.id == id; });
  return found == kRules.end() ? nullptr : found;
}

std::span<const FeatureRule> featureRules() noexcept { return kRules; }

}  // namespace doorbell::emulator
