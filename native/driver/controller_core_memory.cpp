// The Controller Memory Buffer of a controller (NVMe Base 2.0, "Controller Memory Buffer").
#include "driver/controller_core.h"
#include "platform/error.h"

namespace doorbell::driver {

namespace reg = spec::reg;

namespace {

constexpr std::uint64_t kOn = reg::kCmbRegistersEnabled | reg::kCmbSpaceEnabled;

[[noreturn]] void notSupported(const std::string& what) { throw Error("NOT_SUPPORTED", what); }

/// CMBLOC and CMBSZ say where it is; CMBMSC.CRE shows them.
std::shared_ptr<ControllerMemory> mapMemory(const std::string& address,
                                            platform::PciFunction& device,
                                            platform::DmaDomain& domain) {
  device.write64(reg::kCmbmsc, reg::kCmbRegistersEnabled);
  const reg::Cmbloc place{device.read32(reg::kCmbloc)};
  const reg::Cmbsz size{device.read32(reg::kCmbsz)};
  const std::size_t bytes = size.bytes();
  if (bytes == 0) notSupported(address + ": its Controller Memory Buffer has no size (CMBSZ)");
  auto memory = device.barMemory(place.bir(), place.offset() * size.unit(), bytes);
  if (memory == nullptr) {
    notSupported(address + ": its platform cannot map the Controller Memory Buffer, " +
                 std::to_string(bytes) + " bytes in BAR " + std::to_string(place.bir()));
  }
  return std::make_shared<ControllerMemory>(std::move(memory), domain.reserve(bytes), size);
}

}  // namespace

std::shared_ptr<ControllerMemory> ControllerCore::enableMemory() {
  throwUnlessReachable();
  if (!cap().cmbs()) notSupported(address_ + " has no Controller Memory Buffer (CAP.CMBS = 0)");
  if (auto enabled = memoryIfEnabled()) return enabled;
  const auto device = function();
  const std::scoped_lock lock(memoryMutex_);
  if (!memory_) memory_ = mapMemory(address_, *device, *dmaScope()->domain);
  // The address is written as a whole before it counts.
  device->write64(reg::kCmbmsc, memory_->bus() | reg::kCmbRegistersEnabled);
  device->write64(reg::kCmbmsc, memory_->bus() | kOn);
  if ((device->read32(reg::kCmbsts) & reg::kCmbAddressInvalid) == 0) return memory_;
  device->write64(reg::kCmbmsc, 0);
  throw Error("CONTROLLER_MEMORY_REFUSED",
              address_ +
                  " does not take the base address of its Controller Memory Buffer that the "
                  "platform gave (CMBSTS.CBAI)");
}

void ControllerCore::disableMemory() {
  throwUnlessReachable();
  if (!cap().cmbs()) notSupported(address_ + " has no Controller Memory Buffer (CAP.CMBS = 0)");
  function()->write64(reg::kCmbmsc, 0);
}

std::shared_ptr<ControllerMemory> ControllerCore::memoryIfEnabled() const {
  const std::scoped_lock lock(memoryMutex_);
  const auto device = functionIfOpen();
  if (!memory_ || !device) return nullptr;
  return device->read64(reg::kCmbmsc) == (memory_->bus() | kOn) ? memory_ : nullptr;
}

std::shared_ptr<ControllerMemory> ControllerCore::memory() const {
  throwUnlessReachable();
  if (!cap().cmbs()) notSupported(address_ + " has no Controller Memory Buffer (CAP.CMBS = 0)");
  if (auto enabled = memoryIfEnabled()) return enabled;
  throw Error("CONTROLLER_MEMORY_DISABLED",
              "the Controller Memory Buffer of " + address_ + " is not enabled: enable it first");
}

}  // namespace doorbell::driver
