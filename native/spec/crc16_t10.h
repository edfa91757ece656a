#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace doorbell::spec {

/// The CRC of the Guard field: CRC-16 T10-DIF, polynomial 8BB7h, not reflected (NVM Command
/// Set 1.0, "End-to-end Data Protection"). `before` is the CRC of what precedes `bytes`: 0 at the
/// start. Carry-less multiplication is used where the processor has it.
[[nodiscard]] std::uint16_t crc16T10(std::span<const std::byte> bytes,
                                     std::uint16_t before = 0) noexcept;

/// The same by tables: on every processor, and for tests to compare with.
[[nodiscard]] std::uint16_t crc16T10ByTable(std::span<const std::byte> bytes,
                                            std::uint16_t before = 0) noexcept;

}  // namespace doorbell::spec
