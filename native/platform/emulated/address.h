#pragma once

#include <string>

#include "emulator/ssd_options.h"

namespace doorbell::platform {

/// An address of the emulated platform, understood.
struct EmulatedAddress {
  std::string key;  ///< the address without `fresh`: the same key is the same SSD
  emulator::SsdOptions options;
  bool fresh = false;

  /// Throws Error{"BAD_ADDRESS"} naming the part it could not understand.
  static EmulatedAddress parse(const std::string& address);
};

}  // namespace doorbell::platform
