#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "emulator/block_format.h"
#include "emulator/zns/zone_settings.h"

namespace doorbell::emulator {

enum class Profile : std::uint8_t { Fast, Tlc };

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
  std::uint32_t namespaces = 0;        ///< it is made with; 0: what the media file has, or 1
  std::uint32_t zonedNsids = 0;        ///< one bit an NSID: those made with zones
  ZoneSettings zones;                  ///< of every zoned namespace
  std::uint32_t readOnlyZones = 0;     ///< zones of each that are worn out from the start
  std::uint32_t offlineZones = 0;      ///< the same, dead
  std::uint32_t doorbellStride = 0;    ///< CAP.DSTRD
  bool contiguousQueues = false;       ///< CAP.CQR
  std::uint32_t controllerMemory = 0;  ///< bytes of the Controller Memory Buffer, whole pages
  Profile profile = Profile::Fast;     ///< how long commands take
  bool discardsData = false;           ///< what is written is not kept, and reads transfer nothing
  unsigned threads = 1;                ///< device threads, 1 to kMaxShards
  std::uint64_t seed = 1;              ///< chooses what a power loss leaves of the write cache

  [[nodiscard]] bool zoned(std::uint32_t nsid) const noexcept {
    return ((zonedNsids >> (nsid - 1)) & 1U) != 0;
  }
  [[nodiscard]] BlockFormat formatOf(std::uint32_t index) const noexcept {
    if (formats.empty()) return {};
    return index < formats.size() ? formats[index] : formats.back();
  }
};

}  // namespace doorbell::emulator
