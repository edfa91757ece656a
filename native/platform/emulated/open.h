#pragma once

#include <memory>
#include <string>

#include "platform/pci_function.h"

namespace doorbell::platform {

/// Opens `emulated` or `emulated:<media file>?size=1G&profile=fast&lbaSize=512&seed=1`. The in-memory SSD of an
/// address lives as long as the process: opening it again, after closing, finds the same media and
/// counters. Throws Error{"BAD_ADDRESS"} naming the part it could not understand.
std::shared_ptr<PciFunction> openEmulated(const std::string& address);

}  // namespace doorbell::platform
