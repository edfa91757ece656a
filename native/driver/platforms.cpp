#include "driver/platforms.h"

#include <regex>

#include "platform/emulated/open.h"
#include "platform/error.h"
#include "platform/vfio_user/function.h"

namespace doorbell::driver {
namespace {

bool startsWith(const std::string& text, const std::string& prefix) {
  return text.rfind(prefix, 0) == 0;
}

/// A form of address that exists, but not in this build; null when it is none.
const char* plannedPlatform(const std::string& address) {
  static const std::regex pci("(spdk:)?([0-9a-fA-F]{4}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7]");
  if (std::regex_match(address, pci)) return "a PCIe address";
  if (startsWith(address, "tcp://")) return "NVMe over TCP";
  return nullptr;
}

}  // namespace

std::vector<std::string> platformNames() { return {"emulated", "vfio-user"}; }

std::shared_ptr<platform::PciFunction> openFunction(const std::string& address) {
  if (address == "emulated" || startsWith(address, "emulated:") || startsWith(address, "emulated?"))
    return platform::openEmulated(address);
  if (startsWith(address, "vfio-user:")) return platform::vfio_user::openVfioUser(address);
  if (const char* planned = plannedPlatform(address)) {
    throw Error("NOT_SUPPORTED",
                "'" + address + "' is " + planned +
                    ", which this build cannot open; it opens the emulated SSD: 'emulated'");
  }
  throw Error(
      "BAD_ADDRESS",
      "'" + address +
          "' is no controller address. Known forms: 'emulated', 'emulated:<media file>?size=1G', "
          "'0000:3d:00.0', 'vfio-user:<socket>', 'tcp://<host>:<port>/<subnqn>'");
}

}  // namespace doorbell::driver
