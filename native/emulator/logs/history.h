#pragma once

#include <array>
#include <cstdint>

#include "emulator/controller_state.h"
#include "spec/namespace_management.h"
#include "spec/persistent_event.h"

namespace doorbell::emulator {

// What was done to the SSD, for the Persistent Event Log (NVMe Base 2.0, "Persistent Event Log
// Events"): one function a kind of event that a command leaves, or that went wrong by itself.

void recordFormatStart(ControllerState& state, std::uint32_t nsid, std::uint32_t cdw10) noexcept;
/// The content of namespaces was changed.
void recordFormatCompletion(ControllerState& state, std::uint32_t nsid) noexcept;

void recordSanitizeStart(ControllerState& state, std::uint32_t cdw10, std::uint32_t cdw11) noexcept;
/// SPROG and SSTAT as the Sanitize Status log page has them.
void recordSanitizeCompletion(ControllerState& state, std::uint16_t progress,
                              std::uint16_t status) noexcept;

/// A Firmware Commit completes: what ran before, and what was asked to run (zeros: nothing).
void recordFirmwareCommit(ControllerState& state, std::uint32_t cdw10,
                          const std::array<char, 8>& before, const std::array<char, 8>& requested,
                          spec::Status status) noexcept;

void recordNamespaceCreation(ControllerState& state, std::uint32_t cdw10, std::uint32_t nsid,
                             const spec::NamespaceRequest& request) noexcept;
/// While the namespace is still there; FFFFFFFFh: all of them.
void recordNamespaceDeletion(ControllerState& state, std::uint32_t cdw10,
                             std::uint32_t nsid) noexcept;

/// The controller was enabled, for the first time since power came or since a reset; and the loss
/// of power before that, when nobody had shut the controller down.
void recordPowerOnOrReset(ControllerState& state) noexcept;
/// Bits of Critical Warning were set; `warning` is all of it.
void recordCriticalWarning(ControllerState& state, std::uint8_t warning) noexcept;
void recordControllerFatal(ControllerState& state) noexcept;

}  // namespace doorbell::emulator
