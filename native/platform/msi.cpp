#include "platform/msi.h"

#include <algorithm>
#include <bit>

#include "platform/error.h"
#include "spec/pci_config.h"

namespace doorbell::platform {
namespace {

namespace pci = spec::pci;

constexpr std::uint32_t kControl = 2;  // offset in both capabilities
constexpr std::uint16_t kMsiEnable = 1;
constexpr unsigned kCapabilities = 48;  // as many as fit 256 bytes

}  // namespace

std::uint32_t findCapability(PciFunction& function, std::uint8_t id) {
  if ((function.configRead(pci::kStatus, 2) & pci::kStatusCapabilityList) == 0) return 0;
  std::uint32_t at = function.configRead(pci::kCapabilities, 1) & 0xfcU;
  for (unsigned i = 0; i < kCapabilities && at != 0; ++i) {
    if (function.configRead(at, 1) == id) return at;
    at = function.configRead(at + 1, 1) & 0xfcU;
  }
  return 0;
}

unsigned switchToMsi(PciFunction& function, unsigned wanted) {
  const std::uint32_t msi = findCapability(function, pci::kCapMsi);
  const std::uint32_t msix = findCapability(function, pci::kCapMsix);
  if (msi == 0) throw Error("NOT_SUPPORTED", function.address() + " has no MSI capability");
  if (msix != 0) {
    const std::uint32_t control = function.configRead(msix + kControl, 2);
    function.configWrite(msix + kControl, 2, control & ~std::uint32_t{pci::kMsixEnable});
  }
  // Multiple Message Capable and Multiple Message Enable are powers of two.
  const std::uint32_t control = function.configRead(msi + kControl, 2);
  const unsigned capable = (control >> 1U) & 7U;
  const auto asked = static_cast<unsigned>(std::bit_width(std::max(wanted, 1U)) - 1);
  const unsigned enabled = std::min({capable, asked, 5U});
  function.configWrite(msi + kControl, 2, (control & ~0x70U) | (enabled << 4U) | kMsiEnable);
  return 1U << enabled;
}

}  // namespace doorbell::platform
