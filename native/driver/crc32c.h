#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace doorbell::driver {

/// CRC-32C (Castagnoli) of the bytes, as in iSCSI and NVMe. SSE 4.2 is in the baseline.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes) noexcept;

}  // namespace doorbell::driver
