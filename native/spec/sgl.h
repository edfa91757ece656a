#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "spec/queue_entry.h"

/// Scatter Gather Lists (NVMe Base 2.0, "Scatter Gather List (SGL)").
namespace doorbell::spec {

/// PRP or SGL for Data Transfer: bits 7:6 of the flags of an SQE.
enum class Psdt : std::uint8_t {
  Prp = 0,
  SglContiguousMetadata = 1,  ///< MPTR is the address of a contiguous buffer, byte aligned
  SglMetadata = 2,            ///< MPTR is the address of one SGL descriptor, qword aligned
};

enum class SglType : std::uint8_t {
  DataBlock = 0,
  BitBucket = 1,
  Segment = 2,
  LastSegment = 3,
  KeyedDataBlock = 4,
  TransportDataBlock = 5,
};

struct SglDescriptor {
  std::uint64_t address = 0;
  std::uint32_t length = 0;  ///< bytes
  std::array<std::uint8_t, 3> reserved12{};
  std::uint8_t identifier = 0;  ///< type (7:4), sub type (3:0)

  [[nodiscard]] static constexpr SglDescriptor of(SglType type, std::uint64_t address,
                                                  std::uint32_t length) {
    return {address, length, {}, static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4U)};
  }
  [[nodiscard]] constexpr SglType type() const { return static_cast<SglType>(identifier >> 4U); }
  [[nodiscard]] constexpr std::uint8_t subType() const { return identifier & 0x0fU; }
  /// Does it describe a further segment?
  [[nodiscard]] constexpr bool pointsOn() const {
    return type() == SglType::Segment || type() == SglType::LastSegment;
  }
};
static_assert(sizeof(SglDescriptor) == 16 && std::is_trivially_copyable_v<SglDescriptor>);
static_assert(offsetof(SglDescriptor, length) == 8 && offsetof(SglDescriptor, identifier) == 15);

/// Identify Controller, SGLS.
struct SglSupport {
  static constexpr std::uint32_t kAnyAlignment = 1U << 0U;  ///< SGLs; data of any alignment
  static constexpr std::uint32_t kBitBucket = 1U << 16U;
  static constexpr std::uint32_t kContiguousMetadata = 1U << 17U;  ///< MPTR byte aligned (PSDT 01b)
  static constexpr std::uint32_t kLongerThanData = 1U << 18U;
  static constexpr std::uint32_t kSglMetadata = 1U << 19U;  ///< MPTR to an SGL (PSDT 10b)
};

[[nodiscard]] constexpr Psdt psdtOf(const Sqe& sqe) { return static_cast<Psdt>(sqe.flags >> 6U); }

/// SGL1: the descriptor in the data pointer.
[[nodiscard]] constexpr SglDescriptor sglOf(const Sqe& sqe) {
  return {sqe.prp1,
          static_cast<std::uint32_t>(sqe.prp2),
          {},
          static_cast<std::uint8_t>(sqe.prp2 >> 56U)};
}
constexpr void putSgl(Sqe& sqe, const SglDescriptor& descriptor) {
  sqe.prp1 = descriptor.address;
  sqe.prp2 = descriptor.length | (std::uint64_t{descriptor.identifier} << 56U);
}

}  // namespace doorbell::spec
