#pragma once

#include <cstdint>

#include "emulator/controller_state.h"
#include "spec/feature.h"

namespace doorbell::emulator {

/// Critical Warning of the SMART / Health Information log.
[[nodiscard]] std::uint8_t criticalWarning(const ControllerState& state) noexcept;

/// Takes over what the Health of the SSD says: temperature, thermal management, thermal excursions,
/// and SMART / Health events for critical warnings that are new and that the host wants.
void observeHealth(ControllerState& state) noexcept;

/// The host has read that page and clears its events: their types can be reported again, and
/// critical warnings that persist are.
void acknowledgeLog(ControllerState& state, spec::LogPageId page) noexcept;

/// A Notice, if Asynchronous Event Configuration has it enabled; `parameter` is dw1 of the answer.
void reportNotice(ControllerState& state, spec::NoticeEvent event, spec::LogPageId page,
                  std::uint32_t parameter = 0) noexcept;

/// Zone Descriptor Changed notices for zones that the controller changed on its own.
void observeZones(ControllerState& state) noexcept;
/// What Identify says of an attached namespace has changed.
void reportNamespaceChange(ControllerState& state, std::uint32_t nsid) noexcept;
/// An I/O Command Set specific event: a reservation or sanitize operation.
void reportCommandSetEvent(ControllerState& state, spec::CommandSetEvent event,
                           spec::LogPageId page) noexcept;
/// An event of type Error, whose entry is in the Error Information log.
void raiseError(ControllerState& state, spec::ErrorEvent event) noexcept;

}  // namespace doorbell::emulator
