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
inline constexpr std::uint32_t kCacheLineSize = 0x0c;
inline constexpr std::uint32_t kBar0 = 0x10;
inline constexpr std::uint32_t kSubsystemVendorId = 0x2c;
inline constexpr std::uint32_t kSubsystemId = 0x2e;
inline constexpr std::uint32_t kCapabilities = 0x34;
inline constexpr std::uint32_t kInterruptLine = 0x3c;
inline constexpr std::uint32_t kInterruptPin = 0x3d;

inline constexpr std::uint16_t kCommandMemorySpace = 1U << 1U;
inline constexpr std::uint16_t kCommandBusMaster = 1U << 2U;
inline constexpr std::uint16_t kCommandParityErrorResponse = 1U << 6U;
inline constexpr std::uint16_t kCommandSystemError = 1U << 8U;
inline constexpr std::uint16_t kCommandInterruptDisable = 1U << 10U;
inline constexpr std::uint16_t kStatusInterrupt = 1U << 3U;
inline constexpr std::uint16_t kStatusCapabilityList = 1U << 4U;
inline constexpr std::uint16_t kStatusSignaledSystemError = 1U << 14U;
inline constexpr std::uint16_t kStatusErrors = 0xf900;  ///< write 1 to clear

/// Capability IDs.
inline constexpr std::uint8_t kCapPowerManagement = 0x01;
inline constexpr std::uint8_t kCapMsi = 0x05;
inline constexpr std::uint8_t kCapExpress = 0x10;
inline constexpr std::uint8_t kCapMsix = 0x11;

/// Offsets within the Power Management capability.
inline constexpr std::uint32_t kPmControl = 0x04;
inline constexpr std::uint16_t kPmStateMask = 0x3;  ///< D0 = 0, D3hot = 3
inline constexpr std::uint16_t kPmStateD3Hot = 0x3;
inline constexpr std::uint16_t kPmNoSoftReset = 1U << 3U;

/// Offsets and bits within the MSI capability (64-bit addresses).
inline constexpr std::uint32_t kMsiControl = 0x02;
inline constexpr std::uint32_t kMsiAddress = 0x04;
inline constexpr std::uint32_t kMsiData = 0x0c;
inline constexpr std::uint16_t kMsiEnable = 1U << 0U;
inline constexpr unsigned kMsiCapableShift = 1;  ///< Multiple Message Capable
inline constexpr unsigned kMsiEnabledShift = 4;  ///< Multiple Message Enable
inline constexpr std::uint16_t kMsi64Bit = 1U << 7U;

/// Offsets and bits within the PCI Express capability.
inline constexpr std::uint32_t kExpressDeviceCapabilities = 0x04;
inline constexpr std::uint32_t kExpressDeviceControl = 0x08;
inline constexpr std::uint32_t kExpressDeviceStatus = 0x0a;
inline constexpr std::uint32_t kExpressLinkCapabilities = 0x0c;
inline constexpr std::uint32_t kExpressLinkControl = 0x10;
inline constexpr std::uint32_t kExpressLinkStatus = 0x12;
inline constexpr std::uint32_t kExpressDeviceCapabilities2 = 0x24;
inline constexpr std::uint32_t kExpressDeviceControl2 = 0x28;
inline constexpr std::uint32_t kExpressLinkCapabilities2 = 0x2c;
inline constexpr std::uint32_t kExpressLinkControl2 = 0x30;
inline constexpr std::uint32_t kExpressLinkStatus2 = 0x32;
inline constexpr std::uint32_t kFlrCapable = 1U << 28U;
inline constexpr std::uint16_t kInitiateFlr = 1U << 15U;
inline constexpr std::uint16_t kMaxPayloadMask = 0x00e0;  ///< Device Control, Max_Payload_Size
inline constexpr std::uint16_t kAspmMask = 0x0003;        ///< Link Control, ASPM Control
/// Device Status: write 1 to clear.
inline constexpr std::uint16_t kCorrectableDetected = 1U << 0U;
inline constexpr std::uint16_t kNonFatalDetected = 1U << 1U;
inline constexpr std::uint16_t kFatalDetected = 1U << 2U;
inline constexpr std::uint16_t kUnsupportedRequestDetected = 1U << 3U;

/// Extended Capability IDs; the list begins at kExtendedCapabilities.
inline constexpr std::uint32_t kExtendedCapabilities = 0x100;
inline constexpr std::uint16_t kExtCapErrorReporting = 0x0001;
inline constexpr std::uint16_t kExtCapLatencyTolerance = 0x0018;
inline constexpr std::uint16_t kExtCapSecondaryExpress = 0x0019;

/// Offsets and bits within the Advanced Error Reporting extended capability.
inline constexpr std::uint32_t kAerUncorrectableStatus = 0x04;
inline constexpr std::uint32_t kAerUncorrectableMask = 0x08;
inline constexpr std::uint32_t kAerUncorrectableSeverity = 0x0c;
inline constexpr std::uint32_t kAerCorrectableStatus = 0x10;
inline constexpr std::uint32_t kAerCorrectableMask = 0x14;
inline constexpr std::uint32_t kAerControl = 0x18;
inline constexpr std::uint32_t kAerHeaderLog = 0x1c;
inline constexpr unsigned kAerUnsupportedRequestBit = 20;
inline constexpr std::uint32_t kAerAdvisoryNonFatal = 1U << 13U;

/// Offsets and bits within the MSI-X capability.
inline constexpr std::uint32_t kMsixControl = 0x02;
inline constexpr std::uint32_t kMsixTable = 0x04;
inline constexpr std::uint32_t kMsixPba = 0x08;
inline constexpr std::uint16_t kMsixFunctionMask = 1U << 14U;
inline constexpr std::uint16_t kMsixEnable = 1U << 15U;

}  // namespace doorbell::spec::pci
