#pragma once

#include "platform/pci_function.h"
#include "spec/pci_config.h"

namespace doorbell::test {

/// Offset of a capability, 0 when the list does not have it.
inline std::uint32_t capability(platform::PciFunction& function, std::uint8_t id) {
  std::uint32_t at = function.configRead(spec::pci::kCapabilities, 1);
  for (unsigned hops = 0; at != 0 && hops < 16; ++hops) {
    if (function.configRead(at, 1) == id) return at;
    at = function.configRead(at + 1, 1);
  }
  return 0;
}

/// The same in the list of extended capabilities.
inline std::uint32_t extendedCapability(platform::PciFunction& function, std::uint16_t id) {
  std::uint32_t at = spec::pci::kExtendedCapabilities;
  for (unsigned hops = 0; at != 0 && hops < 16; ++hops) {
    const std::uint32_t header = function.configRead(at, 4);
    if ((header & 0xffffU) == id) return at;
    at = header >> 20U;
  }
  return 0;
}

}  // namespace doorbell::test
