#pragma once

#include <cstdint>
#include <span>

#include "emulator/command.h"
#include "emulator/features.h"
#include "spec/feature.h"

namespace doorbell::emulator {

/// What Get Features and Set Features need to know of one feature. To add one: a row in the table.
struct FeatureRule {
  using Get = Outcome (*)(Command& command, const FeatureRule& rule,
                          spec::FeatureSelect select) noexcept;
  using Set = Outcome (*)(Command& command, const FeatureRule& rule, bool save) noexcept;
  using Check = Outcome (*)(const Command& command) noexcept;

  spec::FeatureId id;
  std::uint32_t capabilities;
  Get get;
  Set set;
  Features::Slot slot = Features::Slot::Count;  ///< of the value in cdw11 and dw0
  std::uint32_t mask = 0;                       ///< bits of the value that exist
  Check check = nullptr;                        ///< is the value in cdw11 allowed?
  Features::NamespaceSlot namespaceSlot = Features::NamespaceSlot::Count;

  /// Of reservations; they say in their own way that a value cannot be read of all namespaces.
  [[nodiscard]] bool reservations() const noexcept {
    return id == spec::FeatureId::ReservationNotificationMask ||
           id == spec::FeatureId::ReservationPersistence;
  }
  [[nodiscard]] bool saveable() const noexcept {
    return (capabilities & spec::FeatureCapability::kSaveable) != 0;
  }
  [[nodiscard]] bool perNamespace() const noexcept {
    return (capabilities & spec::FeatureCapability::kNamespaceSpecific) != 0;
  }
};

/// Null for a feature that is not supported.
[[nodiscard]] const FeatureRule* ruleOf(spec::FeatureId id) noexcept;
/// Every feature there is, by identifier.
[[nodiscard]] std::span<const FeatureRule> featureRules() noexcept;

/// What a feature's new value sets in motion.
void applyFeature(Command& command, spec::FeatureId id) noexcept;

namespace feature {
// Features that are one value of the controller, or of a namespace.
Outcome getValue(Command&, const FeatureRule&, spec::FeatureSelect) noexcept;
Outcome setValue(Command&, const FeatureRule&, bool save) noexcept;
Outcome getNamespaceValue(Command&, const FeatureRule&, spec::FeatureSelect) noexcept;
Outcome setNamespaceValue(Command&, const FeatureRule&, bool save) noexcept;

Outcome getThreshold(Command&, const FeatureRule&, spec::FeatureSelect) noexcept;
Outcome setThreshold(Command&, const FeatureRule&, bool save) noexcept;
Outcome getPowerState(Command&, const FeatureRule&, spec::FeatureSelect) noexcept;
Outcome getTransitions(Command&, const FeatureRule&, spec::FeatureSelect) noexcept;
Outcome setTransitions(Command&, const FeatureRule&, bool save) noexcept;
Outcome getVector(Command&, const FeatureRule&, spec::FeatureSelect) noexcept;
Outcome setVector(Command&, const FeatureRule&, bool save) noexcept;
Outcome setQueues(Command&, const FeatureRule&, bool save) noexcept;
Outcome getTimestamp(Command&, const FeatureRule&, spec::FeatureSelect) noexcept;
Outcome setTimestamp(Command&, const FeatureRule&, bool save) noexcept;
Outcome getBehavior(Command&, const FeatureRule&, spec::FeatureSelect) noexcept;
Outcome setBehavior(Command&, const FeatureRule&, bool save) noexcept;
Outcome getHost(Command&, const FeatureRule&, spec::FeatureSelect) noexcept;
Outcome setHost(Command&, const FeatureRule&, bool save) noexcept;
Outcome getHostMemory(Command&, const FeatureRule&, spec::FeatureSelect) noexcept;
Outcome setHostMemory(Command&, const FeatureRule&, bool save) noexcept;
Outcome setReadRecovery(Command&, const FeatureRule&, bool save) noexcept;
Outcome getPersistence(Command&, const FeatureRule&, spec::FeatureSelect) noexcept;
Outcome setPersistence(Command&, const FeatureRule&, bool save) noexcept;
Outcome getWriteProtection(Command&, const FeatureRule&, spec::FeatureSelect) noexcept;
Outcome setWriteProtection(Command&, const FeatureRule&, bool save) noexcept;

Outcome checkErrorRecovery(const Command&) noexcept;
Outcome checkPowerState(const Command&) noexcept;
Outcome checkProfile(const Command&) noexcept;
Outcome checkThermalLimits(const Command&) noexcept;
}  // namespace feature

}  // namespace doorbell::emulator
