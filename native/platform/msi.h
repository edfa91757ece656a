#pragma once

#include <cstdint>

#include "platform/pci_function.h"

namespace doorbell::platform {

/// Offset of a capability in configuration space, 0 when the function has none.
[[nodiscard]] std::uint32_t findCapability(PciFunction& function, std::uint8_t id);

/// Takes a function whose interrupts are enabled from MSI-X to MSI; returns how many messages it
/// has: a power of two, at most `wanted`. Throws Error{"NOT_SUPPORTED"} without the capability.
unsigned switchToMsi(PciFunction& function, unsigned wanted);

}  // namespace doorbell::platform
