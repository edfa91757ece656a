#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "emulator/block_format.h"

namespace doorbell::emulator {

/// How an SSD is made.
struct SsdOptions {
  static constexpr std::uint64_t kDefaultBytes = std::uint64_t{1} << 30U;

  std::string name;  ///< what makes it this SSD and no other; its serial number derives from it
  std::string mediaFile;  ///< empty: in memory
  std::uint64_t bytes =
      0;  ///< capacity, a multiple of 4096; 0: what the media file has, or the default
  /// Of the namespaces it is made with, the last for the rest; empty: what the media file has, or
  /// format 0.
  std::vector<BlockFormat> formats;
  std::uint32_t namespaces = 0;  ///< it is made with; 0: what the media file has, or 1
  unsigned threads = 1;          ///< device threads, 1 to kMaxShards
  std::uint64_t seed = 1;        ///< chooses what a power loss leaves of the write cache

  [[nodiscard]] BlockFormat formatOf(std::uint32_t index) const noexcept {
    if (formats.empty()) return {};
    return index < formats.size() ? formats[index] : formats.back();
  }
};

}  // namespace doorbell::emulator
