#pragma once

#include <cstddef>
#include <cstdint>

namespace doorbell::driver {

/// The data pointer of one command (NVMe Base 2.0, "Physical Region Page Entry and List").
struct Prp {
  std::uint64_t prp1 = 0;
  std::uint64_t prp2 = 0;
};

/// Pages of PRP list that a transfer of `length` bytes from page offset `offset` needs: 0 when PRP1
/// and PRP2 do. Each page but the last ends with a pointer to the next.
[[nodiscard]] std::size_t prpListPages(std::size_t offset, std::size_t length,
                                       std::size_t pageBytes) noexcept;

/// Describes `length` > 0 contiguous bytes at bus address `bus`. `list` (page aligned, at bus
/// address `listBus`) has room for prpListPages() pages; it is written only when they are needed,
/// and ends with a zero where its last page has room for one.
[[nodiscard]] Prp buildPrp(std::uint64_t bus, std::size_t length, std::size_t pageBytes,
                           std::uint64_t* list, std::uint64_t listBus) noexcept;

}  // namespace doorbell::driver
