#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace doorbell::emulator {

class NvmSubsystem;

inline constexpr std::size_t kVpdBytes = 256;

/// Vital Product Data, once a VPD Write changed it.
struct VpdRecord {
  std::uint32_t written = 0;
  std::array<std::uint8_t, kVpdBytes> bytes{};
};

/// What the SSD left the factory with: an IPMI FRU common header, the Product Info Area, the NVMe
/// and the NVMe PCIe Port MultiRecord Areas (NVMe-MI 1.2, "Vital Product Data").
[[nodiscard]] std::array<std::uint8_t, kVpdBytes> factoryVpd(
    const NvmSubsystem& subsystem) noexcept;

}  // namespace doorbell::emulator
