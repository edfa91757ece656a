#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platform/pci_function.h"

namespace doorbell::driver {

/// Platforms compiled in, e.g. {"emulated"}.
[[nodiscard]] std::vector<std::string> platformNames();

/// Opens the PCI function an address names. Throws Error{"BAD_ADDRESS"} naming the known forms,
/// Error{"NOT_SUPPORTED"} for a form this build knows and cannot open, and what the platform
/// throws.
[[nodiscard]] std::shared_ptr<platform::PciFunction> openFunction(const std::string& address);

}  // namespace doorbell::driver
