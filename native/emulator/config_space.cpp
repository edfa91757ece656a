#include "emulator/config_space.h"

#include "spec/pci_config.h"

namespace doorbell::emulator {

namespace pci = spec::pci;

namespace {

constexpr std::uint32_t kPm = 0x40;
constexpr std::uint32_t kMsi = 0x50;
constexpr std::uint32_t kExpress = 0x70;
constexpr std::uint32_t kMsix = 0xb0;
constexpr std::uint32_t kMsiControl = kMsi + 2;
constexpr std::uint32_t kBarAddress = 0xfe000000;

}  // namespace

void ConfigSpace::put(std::uint32_t offset, unsigned width, std::uint32_t value,
                      std::uint32_t writable) noexcept {
  for (unsigned i = 0; i < width; ++i) {
    bytes_[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
    writable_[offset + i] = static_cast<std::uint8_t>(writable >> (8 * i));
  }
}

void ConfigSpace::reset() noexcept {
  bytes_.fill(0);
  writable_.fill(0);
  putHeader();
  putCapabilities();
}

void ConfigSpace::putHeader() noexcept {
  put(pci::kVendorId, 2, 0xdb11, 0);
  put(pci::kDeviceId, 2, 0x0001, 0);
  put(pci::kCommand, 2, pci::kCommandMemorySpace,
      pci::kCommandMemorySpace | pci::kCommandBusMaster | pci::kCommandInterruptDisable);
  put(pci::kStatus, 2, pci::kStatusCapabilityList, 0);
  put(pci::kRevisionId, 1, 0x01, 0);
  put(pci::kClassCode, 3, 0x010802, 0);  // mass storage, non-volatile memory, NVM Express
  put(pci::kBar0, 4, kBarAddress | 0x4, ~(kBarBytes - 1));  // 64 bit, not prefetchable
  put(pci::kBar0 + 4, 4, 0, 0xffffffff);
  put(pci::kSubsystemVendorId, 2, 0xdb11, 0);
  put(pci::kSubsystemId, 2, 0x0001, 0);
  put(pci::kCapabilities, 1, kPm, 0);
  put(pci::kInterruptLine, 1, 0, 0xff);
  put(pci::kInterruptPin, 1, 1, 0);
}

void ConfigSpace::putCapabilities() noexcept {
  put(kPm, 2, pci::kCapPowerManagement | (kMsi << 8U), 0);
  put(kPm + 2, 2, 0x0003, 0);                                // version 3
  put(kPm + pci::kPmControl, 2, 0x0008, pci::kPmStateMask);  // No_Soft_Reset

  put(kMsi, 2, pci::kCapMsi | (kExpress << 8U), 0);
  put(kMsiControl, 2, 0x008a, 0x0071);  // 64 bit, 32 messages
  put(kMsi + 4, 4, 0, 0xfffffffc);
  put(kMsi + 8, 4, 0, 0xffffffff);
  put(kMsi + 12, 2, 0, 0xffff);

  put(kExpress, 2, pci::kCapExpress | (kMsix << 8U), 0);
  put(kExpress + 2, 2, 0x0002, 0);  // endpoint, version 2
  put(kExpress + pci::kExpressDeviceCapabilities, 4, pci::kFlrCapable | 0x8002,
      0);  // 512-byte payload
  put(kExpress + pci::kExpressDeviceControl, 2, 0x2810, 0x7fff | pci::kInitiateFlr);
  put(kExpress + 0x0c, 4, 0x00000c44, 0);  // Link Capabilities: 16 GT/s, x4, ASPM L0s and L1
  put(kExpress + 0x10, 2, 0, 0x0fc3);      // Link Control
  put(kExpress + 0x12, 2, 0x0044, 0);      // Link Status: 16 GT/s, x4
  put(kExpress + 0x2c, 4, 0x0000001e, 0);  // Link Capabilities 2: 2.5 to 16 GT/s
  put(kExpress + 0x30, 2, 0x0004, 0x000f);

  put(kMsix, 2, pci::kCapMsix, 0);
  put(kMsix + pci::kMsixControl, 2, kInterruptVectors - 1,
      pci::kMsixEnable | pci::kMsixFunctionMask);
  put(kMsix + pci::kMsixTable, 4, kTableOffset, 0);  // in BAR0
  put(kMsix + pci::kMsixPba, 4, kPendingOffset, 0);
}

std::uint32_t ConfigSpace::read(std::uint32_t offset, unsigned width) const noexcept {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < width; ++i) value |= std::uint32_t{bytes_[offset + i]} << (8 * i);
  return value;
}

void ConfigSpace::write(std::uint32_t offset, unsigned width, std::uint32_t value) noexcept {
  for (unsigned i = 0; i < width; ++i) {
    const std::uint8_t mask = writable_[offset + i];
    const auto byte = static_cast<std::uint8_t>(value >> (8 * i));
    bytes_[offset + i] = static_cast<std::uint8_t>((bytes_[offset + i] & ~mask) | (byte & mask));
  }
}

bool ConfigSpace::inD0() const noexcept {
  return (read(kPm + pci::kPmControl, 2) & pci::kPmStateMask) == 0;
}

bool ConfigSpace::memoryDecoded() const noexcept {
  return (read(pci::kCommand, 2) & pci::kCommandMemorySpace) != 0 && inD0();
}

bool ConfigSpace::busMaster() const noexcept {
  return (read(pci::kCommand, 2) & pci::kCommandBusMaster) != 0 && inD0();
}

bool ConfigSpace::takeFunctionLevelReset() noexcept {
  const std::uint32_t control = read(kExpress + pci::kExpressDeviceControl, 2);
  write(kExpress + pci::kExpressDeviceControl, 2, control & ~std::uint32_t{pci::kInitiateFlr});
  return (control & pci::kInitiateFlr) != 0;
}

Interrupts::Mode ConfigSpace::interruptMode() const noexcept {
  if ((read(kMsix + pci::kMsixControl, 2) & pci::kMsixEnable) != 0) return Interrupts::Mode::Msix;
  return (read(kMsiControl, 2) & 1U) != 0 ? Interrupts::Mode::Msi : Interrupts::Mode::None;
}

unsigned ConfigSpace::msiMessages() const noexcept {
  const unsigned enabled = (read(kMsiControl, 2) >> 4U) & 7U;
  return 1U << (enabled > 5 ? 5U : enabled);
}

bool ConfigSpace::msixFunctionMask() const noexcept {
  return (read(kMsix + pci::kMsixControl, 2) & pci::kMsixFunctionMask) != 0;
}

void ConfigSpace::enableMsix(bool enabled) noexcept {
  write(kMsix + pci::kMsixControl, 2, enabled ? pci::kMsixEnable : 0U);
}

}  // namespace doorbell::emulator
