#pragma once

#include <cstdint>

/// PCI configuration space of a type 0 function: offsets and the bits a driver touches.
namespace doorbell::spec::pci {

inline constexpr std::uint32_t kVendorId = 0x00;
inline constexpr std::uint32_t kDeviceId = 0x02;
inline constexpr std::uint32_t kCommand = 0x04;
inline constexpr std::uint32_t kStatus = 0x06;
inline constexpr std::uint32_t kRevisionId = 0x08;
inline constexpr std::uint32_t kClassCode = 0x09;
inline constexpr std::uint32_t kBar0 = 0x10;
inline constexpr std::uint32_t kSubsystemVendorId = 0x2c;
inline constexpr std::uint32_t kSubsystemId = 0x2e;
inline constexpr std::uint32_t kCapabilities = 0x34;
inline constexpr std::uint32_t kInterruptLine = 0x3c;
inline constexpr std::uint32_t kInterruptPin = 0x3d;

inline constexpr std::uint16_t kCommandMemorySpace = 1U << 1U;
inline constexpr std::uint16_t kCommandBusMaster = 1U << 2U;
inline constexpr std::uint16_t kCommandInterruptDisable = 1U << 10U;
inline constexpr std::uint16_t kStatusCapabilityList = 1U << 4U;

/// Capability IDs.
inline constexpr std::uint8_t kCapPowerManagement = 0x01;
inline constexpr std::uint8_t kCapMsi = 0x05;
inline constexpr std::uint8_t kCapExpress = 0x10;
inline constexpr std::uint8_t kCapMsix = 0x11;

/// Offsets within the Power Management capability.
inline constexpr std::uint32_t kPmControl = 0x04;
inline constexpr std::uint16_t kPmStateMask = 0x3;  ///< D0 = 0, D3hot = 3

/// Offsets and bits within the PCI Express capability.
inline constexpr std::uint32_t kExpressDeviceCapabilities = 0x04;
inline constexpr std::uint32_t kExpressDeviceControl = 0x08;
inline constexpr std::uint32_t kFlrCapable = 1U << 28U;
inline constexpr std::uint16_t kInitiateFlr = 1U << 15U;

/// Offsets and bits within the MSI-X capability.
inline constexpr std::uint32_t kMsixControl = 0x02;
inline constexpr std::uint32_t kMsixTable = 0x04;
inline constexpr std::uint32_t kMsixPba = 0x08;
inline constexpr std::uint16_t kMsixFunctionMask = 1U << 14U;
inline constexpr std::uint16_t kMsixEnable = 1U << 15U;

}  // namespace doorbell::spec::pci
