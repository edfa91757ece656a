#pragma once

#include <memory>
#include <string>

#include "platform/pci_function.h"

namespace doorbell::platform {

class EmulatedFunction;

/// Opens `emulated` or `emulated:<media file>`, with options:
/// `?size=1G&lbaSize=512&seed=1&profile=fast&name=b&fresh=1`. The in-memory SSD of an address lives
/// as long as the process: opening it again, after closing, finds the same media and counters.
/// While it is open, opening it again gives the same function. Throws Error{"BAD_ADDRESS"} naming
/// the part it could not understand, Error{"BUSY"} when another process holds the media file
/// (naming it), or `fresh=1` is asked for while the SSD is open.
std::shared_ptr<PciFunction> openEmulated(const std::string& address);

/// The same for one that shares it with nobody: Error{"BUSY"} while it is open in this process.
std::shared_ptr<EmulatedFunction> openEmulatedAlone(const std::string& address);

/// Drops the in-memory SSD of an address: the next open makes a fresh one. A media file is left
/// alone. Throws Error{"BUSY"} while it is open.
void forgetEmulated(const std::string& address);

}  // namespace doorbell::platform
