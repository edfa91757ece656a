#pragma once

#include <bit>
#include <cstdint>

#include "emulator/limits.h"
#include "spec/registers.h"

namespace doorbell::emulator {

/// What lies where in BAR0: properties, doorbells at their stride, the MSI-X table and its Pending
/// Bit Array, the Controller Memory Buffer, each from a page of its own on.
struct BarLayout {
  static constexpr std::uint32_t kPage = 4096;
  static constexpr std::uint32_t kMaxStride = 8;  ///< CAP.DSTRD: 1 KiB from doorbell to doorbell

  static constexpr std::uint32_t kMaxMemory = 16U << 20U;  ///< keeps BAR0 within 32 MiB

  std::uint32_t stride = 0;       ///< CAP.DSTRD
  std::uint32_t memoryBytes = 0;  ///< of the Controller Memory Buffer, whole pages; 0: none

  [[nodiscard]] constexpr std::uint32_t doorbellBytes() const noexcept {
    const std::uint32_t bytes = 2U * kQueues * (4U << stride);
    return (bytes + kPage - 1) / kPage * kPage;
  }
  [[nodiscard]] constexpr std::uint32_t table() const noexcept {
    return spec::reg::kDoorbells + doorbellBytes();
  }
  [[nodiscard]] constexpr std::uint32_t pending() const noexcept { return table() + kPage; }
  [[nodiscard]] constexpr std::uint32_t memory() const noexcept { return pending() + kPage; }
  [[nodiscard]] constexpr std::uint32_t bytes() const noexcept {
    return std::bit_ceil(memory() + memoryBytes);
  }
};
static_assert(BarLayout{}.table() == 0x2000 && BarLayout{}.bytes() == 0x4000);

}  // namespace doorbell::emulator
