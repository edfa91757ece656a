#include "emulator/config_space.h"

#include "emulator/config_layout.h"
#include "spec/pci_config.h"

namespace doorbell::emulator {

namespace pci = spec::pci;

void ConfigSpace::mark(Bytes& bits, std::uint32_t offset, unsigned width,
                       std::uint32_t mask) noexcept {
  for (unsigned i = 0; i < width; ++i) {
    bits[offset + i] = static_cast<std::uint8_t>(bits[offset + i] | (mask >> (8 * i)));
  }
}

void ConfigSpace::put(std::uint32_t offset, unsigned width, std::uint32_t value,
                      std::uint32_t writable) noexcept {
  for (unsigned i = 0; i < width; ++i) {
    bytes_[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  mark(writable_, offset, width, writable);
}

void ConfigSpace::set(std::uint32_t offset, unsigned width, std::uint32_t bits) noexcept {
  mark(bytes_, offset, width, bits);
}

void ConfigSpace::reset(Reset kind) noexcept {
  const Bytes before = bytes_;
  bytes_.fill(0);
  putHeader();
  putCapabilities();
  putExpress();
  putExtended();
  if (kind == Reset::Power) return;
  for (std::uint32_t i = 0; i < kBytes; ++i) {
    const unsigned keep = sticky_[i] | (kind == Reset::FunctionLevel ? kept_[i] : 0U);
    bytes_[i] = static_cast<std::uint8_t>((bytes_[i] & ~keep) | (before[i] & keep));
  }
}

std::uint32_t ConfigSpace::read(std::uint32_t offset, unsigned width) const noexcept {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < width; ++i) value |= std::uint32_t{bytes_[offset + i]} << (8 * i);
  return value;
}

void ConfigSpace::write(std::uint32_t offset, unsigned width, std::uint32_t value) noexcept {
  const std::uint32_t state = read(layout::kPm + pci::kPmControl, 2) & pci::kPmStateMask;
  for (unsigned i = 0; i < width; ++i) {
    const unsigned mask = writable_[offset + i];
    const unsigned byte = (value >> (8 * i)) & 0xffU;
    const unsigned cleared = byte & clearable_[offset + i];
    bytes_[offset + i] =
        static_cast<std::uint8_t>(((bytes_[offset + i] & ~mask) | (byte & mask)) & ~cleared);
  }
  // D1 and D2 do not exist: writing them is ignored.
  const std::uint32_t asked = read(layout::kPm + pci::kPmControl, 2) & pci::kPmStateMask;
  if (asked == 1 || asked == 2) {
    bytes_[layout::kPm + pci::kPmControl] = static_cast<std::uint8_t>(
        (bytes_[layout::kPm + pci::kPmControl] & ~pci::kPmStateMask) | state);
  }
}

bool ConfigSpace::inD0() const noexcept {
  return (read(layout::kPm + pci::kPmControl, 2) & pci::kPmStateMask) == 0;
}

bool ConfigSpace::memoryDecoded() const noexcept {
  return (read(pci::kCommand, 2) & pci::kCommandMemorySpace) != 0 && inD0();
}

bool ConfigSpace::busMaster() const noexcept {
  return (read(pci::kCommand, 2) & pci::kCommandBusMaster) != 0 && inD0();
}

bool ConfigSpace::takeFunctionLevelReset() noexcept {
  const std::uint32_t at = layout::kExpress + pci::kExpressDeviceControl;
  const std::uint32_t control = read(at, 2);
  write(at, 2, control & ~std::uint32_t{pci::kInitiateFlr});
  return (control & pci::kInitiateFlr) != 0;
}

bool ConfigSpace::messagesEnabled() const noexcept {
  return (read(layout::kMsix + pci::kMsixControl, 2) & pci::kMsixEnable) != 0 ||
         (read(layout::kMsi + pci::kMsiControl, 2) & pci::kMsiEnable) != 0;
}

Interrupts::Mode ConfigSpace::interruptMode() const noexcept {
  if ((read(layout::kMsix + pci::kMsixControl, 2) & pci::kMsixEnable) != 0) {
    return busMaster() ? Interrupts::Mode::Msix : Interrupts::Mode::None;
  }
  if ((read(layout::kMsi + pci::kMsiControl, 2) & pci::kMsiEnable) != 0) {
    return busMaster() ? Interrupts::Mode::Msi : Interrupts::Mode::None;
  }
  const bool disabled = (read(pci::kCommand, 2) & pci::kCommandInterruptDisable) != 0;
  return disabled || !inD0() ? Interrupts::Mode::None : Interrupts::Mode::Intx;
}

unsigned ConfigSpace::msiMessages() const noexcept {
  const unsigned enabled = (read(layout::kMsi + pci::kMsiControl, 2) >> pci::kMsiEnabledShift) & 7U;
  return 1U << (enabled > layout::kMsiCapable ? layout::kMsiCapable : enabled);
}

bool ConfigSpace::msixFunctionMask() const noexcept {
  return (read(layout::kMsix + pci::kMsixControl, 2) & pci::kMsixFunctionMask) != 0;
}

void ConfigSpace::enableMsix(bool enabled) noexcept {
  write(layout::kMsix + pci::kMsixControl, 2, enabled ? pci::kMsixEnable : 0U);
}

void ConfigSpace::setInterruptStatus(bool asserted) noexcept {
  bytes_[pci::kStatus] = static_cast<std::uint8_t>((bytes_[pci::kStatus] & ~pci::kStatusInterrupt) |
                                                   (asserted ? pci::kStatusInterrupt : 0U));
}

}  // namespace doorbell::emulator
