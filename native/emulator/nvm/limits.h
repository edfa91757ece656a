#pragma once

#include <cstdint>

#include "emulator/block_format.h"
#include "emulator/nvm/block_range.h"
#include "spec/identify.h"

/// Limits of commands of the NVM Command Set, and what Identify says of them.
namespace doorbell::emulator::nvm_limits {

/// Verify, Write Zeroes and Write Uncorrectable: 4 KiB times two to the power of this (VSL, WZSL,
/// WUSL).
inline constexpr std::uint8_t kRangeSize = 13;
// Dataset Management: ranges, blocks of one, blocks of all (DMRL, DMRSL, DMSL).
inline constexpr std::uint8_t kDsmRanges = 255;
inline constexpr std::uint32_t kDsmRangeBlocks = 1U << 22U;
inline constexpr std::uint64_t kDsmBlocks = std::uint64_t{1} << 24U;
// Copy: source ranges, blocks of one, blocks of all (MSRC + 1, MSSRL, MCL).
inline constexpr std::uint32_t kCopyRanges = 32;
inline constexpr std::uint16_t kCopyRangeBlocks = 256;
inline constexpr std::uint32_t kCopyBlocks = 1024;

/// Is the range too large for a command with a size limit of its own?
[[nodiscard]] constexpr bool exceedsRangeSize(const BlockRange& range) {
  return range.bytes() > (std::uint64_t{4096} << kRangeSize);
}

/// Blocks that are written as one, from a multiple of as many: what a granule of the medium has.
[[nodiscard]] constexpr std::uint16_t atomicBlocks(const BlockFormat& format) {
  return static_cast<std::uint16_t>(Media::kGranule >> format.dataShift());
}

/// The fields of Identify Namespace that the NVM commands keep to.
void describe(const BlockFormat& format, spec::IdentifyNamespace& id) noexcept;

}  // namespace doorbell::emulator::nvm_limits
