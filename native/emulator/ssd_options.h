#pragma once

#include <cstdint>
#include <string>

namespace doorbell::emulator {

/// How an SSD is made.
struct SsdOptions {
  static constexpr std::uint64_t kDefaultBytes = std::uint64_t{1} << 30U;
  static constexpr std::uint32_t kDefaultLbaBytes = 512;

  std::string name;  ///< what makes it this SSD and no other; its serial number derives from it
  std::string mediaFile;  ///< empty: in memory
  std::uint64_t bytes =
      0;  ///< capacity, a multiple of 4096; 0: what the media file has, or the default
  std::uint32_t lbaBytes = 0;  ///< 512 or 4096; 0: what the media file has, or the default
  std::uint64_t seed = 1;      ///< chooses what a power loss leaves of the write cache
};

}  // namespace doorbell::emulator
