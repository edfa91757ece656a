#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace doorbell::spec {

/// CRC-32C (Castagnoli). `before` is the CRC of what precedes `bytes`: 0 at the start. Carry-less
/// multiplication and the CRC instruction are used where the processor has them.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes,
                                   std::uint32_t before = 0) noexcept;

/// The same by tables: on every processor, and for tests to compare with.
[[nodiscard]] std::uint32_t crc32cByTable(std::span<const std::byte> bytes,
                                          std::uint32_t before = 0) noexcept;

}  // namespace doorbell::spec
