#pragma once

#include <cstdint>

#include "emulator/features.h"
#include "emulator/outcome.h"
#include "spec/feature.h"
#include "spec/queue_entry.h"

namespace doorbell::emulator {

/// What Get Features and Set Features need to know of one feature.
struct FeatureRule {
  spec::FeatureId id;
  Features::Slot slot;  ///< of the value in cdw11 and dw0
  std::uint32_t mask;   ///< bits of the value that exist
  std::uint32_t capabilities;
};

/// The rule of a feature whose value is one dword; null for an unknown one and for those that need
/// more.
[[nodiscard]] const FeatureRule* ruleOf(spec::FeatureId id) noexcept;

/// Is `value` allowed?
[[nodiscard]] Outcome checkFeature(spec::FeatureId id, std::uint32_t value,
                                   bool ioQueuesExist) noexcept;

/// Every feature there is, for the Feature Identifiers Supported log.
[[nodiscard]] bool featureSupported(std::uint8_t id) noexcept;

}  // namespace doorbell::emulator
