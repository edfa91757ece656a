#pragma once

#include <cstdint>

/// Where the emulated SSD has its capabilities in configuration space.
namespace doorbell::emulator::layout {

inline constexpr std::uint32_t kPm = 0x40;
inline constexpr std::uint32_t kMsi = 0x50;
inline constexpr std::uint32_t kExpress = 0x70;
inline constexpr std::uint32_t kMsix = 0xb0;
inline constexpr std::uint32_t kErrors = 0x100;
inline constexpr std::uint32_t kLatency = 0x148;
inline constexpr std::uint32_t kSecondary = 0x150;

/// The link: what it can do, and what it trained to.
inline constexpr std::uint8_t kLanes = 4;
inline constexpr std::uint8_t kLinkSpeed = 3;      ///< 8 GT/s
inline constexpr std::uint8_t kLinkSpeeds = 0x07;  ///< bit 0: 2.5 GT/s
inline constexpr std::uint8_t kMaxPayload = 2;     ///< 512 bytes

inline constexpr std::uint16_t kVendor = 0xdb11;
inline constexpr std::uint16_t kDevice = 0x0001;

inline constexpr unsigned kMsiCapable = 5;  ///< log2 of the MSI messages there are

}  // namespace doorbell::emulator::layout
