#include "driver/platforms.h"

#include <cctype>
#include <regex>

#include "platform/emulated/open.h"
#include "platform/error.h"
#include "platform/vfio/function.h"
#include "platform/vfio_user/function.h"

namespace doorbell::driver {
namespace {

bool startsWith(const std::string& text, const std::string& prefix) {
  return text.rfind(prefix, 0) == 0;
}

/// The address with its domain, of a PCI function; empty when it is none.
std::string pciAddress(const std::string& address) {
  static const std::regex pci("([0-9a-fA-F]{4}:)?[0-9a-fA-F]{2}:[01][0-9a-fA-F]\\.[0-7]");
  if (!std::regex_match(address, pci)) return {};
  std::string whole = address.find(':') == 4 ? address : "0000:" + address;
  for (char& letter : whole) letter = static_cast<char>(std::tolower(letter));
  return whole;
}

/// A form of address that exists, but not in this build; null when it is none.
const char* plannedPlatform(const std::string& address) {
  if (startsWith(address, "spdk:")) return "a PCIe address for SPDK";
  if (startsWith(address, "tcp://")) return "NVMe over TCP";
  return nullptr;
}

}  // namespace

std::vector<std::string> platformNames() { return {"emulated", "vfio", "vfio-user"}; }

std::shared_ptr<platform::PciFunction> openFunction(const std::string& address) {
  if (address == "emulated" || startsWith(address, "emulated:") || startsWith(address, "emulated?"))
    return platform::openEmulated(address);
  if (startsWith(address, "vfio-user:")) return platform::vfio_user::openVfioUser(address);
  if (const std::string pci = pciAddress(address); !pci.empty())
    return platform::vfio::openVfio(pci);
  if (const char* planned = plannedPlatform(address)) {
    throw Error("NOT_SUPPORTED",
                "'" + address + "' is " + planned +
                    ", which needs SPDK, and this build has none: `doorbell doctor` says more");
  }
  throw Error(
      "BAD_ADDRESS",
      "'" + address +
          "' is no controller address. Known forms: 'emulated', 'emulated:<media file>?size=1G', "
          "'0000:3d:00.0', 'vfio-user:<socket>', 'tcp://<host>:<port>/<subnqn>'");
}

}  // namespace doorbell::driver
