#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace doorbell::spec {

static_assert(std::endian::native == std::endian::little, "NVMe structures are little-endian");

/// Submission Queue Entry (NVMe Base 2.0, 3.3.3.1 "Submission Queue Entry", Common Command Format).
struct Sqe {
  std::uint8_t opcode = 0;
  std::uint8_t flags = 0;  ///< FUSE (1:0), PSDT (7:6)
  std::uint16_t cid = 0;
  std::uint32_t nsid = 0;
  std::uint32_t cdw2 = 0;
  std::uint32_t cdw3 = 0;
  std::uint64_t mptr = 0;
  std::uint64_t prp1 = 0;  ///< also the first half of SGL1
  std::uint64_t prp2 = 0;
  std::uint32_t cdw10 = 0;
  std::uint32_t cdw11 = 0;
  std::uint32_t cdw12 = 0;
  std::uint32_t cdw13 = 0;
  std::uint32_t cdw14 = 0;
  std::uint32_t cdw15 = 0;
};
static_assert(sizeof(Sqe) == 64 && std::is_trivially_copyable_v<Sqe>);
static_assert(offsetof(Sqe, cid) == 2 && offsetof(Sqe, nsid) == 4 && offsetof(Sqe, mptr) == 16);
static_assert(offsetof(Sqe, prp1) == 24 && offsetof(Sqe, prp2) == 32 && offsetof(Sqe, cdw10) == 40);

/// Completion Queue Entry (NVMe Base 2.0, 3.3.3.2 "Common Completion Queue Entry").
struct Cqe {
  std::uint32_t dw0 = 0;
  std::uint32_t dw1 = 0;
  std::uint16_t sqHead = 0;
  std::uint16_t sqId = 0;
  std::uint16_t cid = 0;
  std::uint16_t statusPhase = 0;  ///< bit 0: phase tag; bits 15:1: status field

  [[nodiscard]] constexpr bool phase() const noexcept { return (statusPhase & 1U) != 0; }
  /// The 15-bit status field: SC (7:0), SCT (10:8), CRD (12:11), More (13), DNR (14).
  [[nodiscard]] constexpr std::uint16_t status() const noexcept {
    return static_cast<std::uint16_t>(statusPhase >> 1U);
  }
};
static_assert(sizeof(Cqe) == 16 && std::is_trivially_copyable_v<Cqe>);
static_assert(offsetof(Cqe, sqHead) == 8 && offsetof(Cqe, cid) == 12 &&
              offsetof(Cqe, statusPhase) == 14);

}  // namespace doorbell::spec
