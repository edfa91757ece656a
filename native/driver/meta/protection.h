#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "driver/dma_buffer.h"
#include "spec/protection_information.h"

namespace doorbell::driver {

/// Blocks in memory with their metadata: separate, or (extended) behind each block's data.
struct ProtectedBlocks {
  std::shared_ptr<DmaBuffer> data;
  std::size_t offset = 0;
  std::uint32_t lbaBytes = 512;
  std::uint32_t blocks = 1;
  std::shared_ptr<DmaBuffer> metadata{};  ///< null = extended
  std::size_t metadataOffset = 0;
  spec::ProtectionLayout layout{};
};

/// The first block whose protection information is wrong.
struct ProtectionMismatch {
  std::uint32_t block = 0;  ///< from 0
  spec::ProtectionFault fault = spec::ProtectionFault::None;
  spec::ProtectionTuple found{};
  spec::ProtectionTuple expected{};
};

/// Puts guard, Application Tag and reference tag into the metadata of every block. Throws
/// OUT_OF_RANGE (a buffer too small, metadata of less than 8 bytes, no type), CLOSED.
void fillProtection(const ProtectedBlocks& blocks, std::uint16_t appTag, std::uint32_t refTag);
/// Checks them, as a controller would: `expected.refTag` is the first block's. Throws as above.
[[nodiscard]] std::optional<ProtectionMismatch> checkProtection(
    const ProtectedBlocks& blocks, const spec::ProtectionExpectation& expected);

}  // namespace doorbell::driver
