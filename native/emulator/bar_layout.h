#pragma once

#include <bit>
#include <cstdint>

#include "emulator/limits.h"
#include "spec/registers.h"

namespace doorbell::emulator {

/// What lies where in BAR0: properties, doorbells at their stride, the MSI-X table and its Pending
/// Bit Array, each from a page of its own on.
struct BarLayout {
  static constexpr std::uint32_t kPage = 4096;
  static constexpr std::uint32_t kMaxStride = 8;  ///< CAP.DSTRD: 1 KiB from doorbell to doorbell

  std::uint32_t stride = 0;  ///< CAP.DSTRD

  [[nodiscard]] constexpr std::uint32_t doorbellBytes() const noexcept {
    const std::uint32_t bytes = 2U * kQueues * (4U << stride);
    return (bytes + kPage - 1) / kPage * kPage;
  }
  [[nodiscard]] constexpr std::uint32_t table() const noexcept {
    return spec::reg::kDoorbells + doorbellBytes();
  }
  [[nodiscard]] constexpr std::uint32_t pending() const noexcept { return table() + kPage; }
  [[nodiscard]] constexpr std::uint32_t bytes() const noexcept {
    return std::bit_ceil(pending() + kPage);
  }
};
static_assert(BarLayout{}.table() == 0x2000 && BarLayout{}.bytes() == 0x4000);

}  // namespace doorbell::emulator
