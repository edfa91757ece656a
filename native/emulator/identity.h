#pragma once

#include "emulator/nvm_subsystem.h"
#include "spec/identify.h"
#include "spec/zone.h"

namespace doorbell::emulator {

/// Revision of the emulated SSD's firmware, as Identify and the Firmware Slot log report it.
inline constexpr char kFirmwareRevision[] = "0.1.0";

/// IEEE OUI Identifier: locally administered, little-endian.
inline constexpr std::array<std::uint8_t, 3> kOui{0x11, 0xdb, 0x02};

[[nodiscard]] spec::IdentifyController identifyController(const NvmSubsystem& subsystem) noexcept;
[[nodiscard]] spec::IdentifyNamespace identifyAnyNamespace() noexcept;
[[nodiscard]] spec::IdentifyNamespace identifyNamespace(const Namespace& ns) noexcept;
[[nodiscard]] spec::IdentifyZonedNamespace identifyZonedNamespace(const Namespace& ns) noexcept;
[[nodiscard]] spec::IdentifyZonedController identifyZonedController() noexcept;
/// The same as identifyNamespace() in the fields that both have.
[[nodiscard]] spec::IndependentIdentifyNamespace independentNamespace(const Namespace& ns) noexcept;
[[nodiscard]] spec::IdentifyControllerNvm identifyControllerNvm() noexcept;

}  // namespace doorbell::emulator
