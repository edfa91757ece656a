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

inline constexpr unsigned kMsiCapable = 5;  ///< log2 of the MSI messages there are

}  // namespace doorbell::emulator::layout
