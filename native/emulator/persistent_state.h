#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

namespace doorbell::emulator {

/// Life-time counters behind the SMART / Health log.
struct Counters {
  std::uint64_t powerCycles = 0;
  std::uint64_t unsafeShutdowns = 0;
  std::uint64_t unitsRead = 0;     ///< of 512 bytes
  std::uint64_t unitsWritten = 0;  ///< of 512 bytes
  std::uint64_t hostReads = 0;
  std::uint64_t hostWrites = 0;
  std::uint64_t mediaErrors = 0;
  std::uint64_t errorCount = 0;  ///< of the newest error log entry
  std::uint64_t poweredSeconds = 0;
  std::uint64_t busyMicroseconds = 0;
};

/// Saved values of a feature (Set Features with SV).
struct SavedFeature {
  std::uint32_t value = 0;
  std::uint32_t valid = 0;
};

/// What the SSD keeps without power, besides the medium. Mapped from a file next to the media file,
/// or memory of this process. Device thread only while the SSD is in use.
struct PersistentState {
  static constexpr std::uint64_t kMagic = 0x31305453534d4544ULL;  // "DEMSST01"
  static constexpr std::uint32_t kVersion = 1;
  static constexpr std::uint64_t kFileBytes = 4096;  ///< the marks of uncorrectable blocks follow

  std::uint64_t magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t lbaBytes = 0;
  std::uint64_t bytes = 0;
  std::int32_t holder = 0;    ///< pid of the process that holds the lock
  std::uint32_t powered = 0;  ///< still 1 after the holder was killed: an unsafe shutdown
  Counters counters;
  std::array<SavedFeature, 32> features;
};
static_assert(sizeof(PersistentState) <= PersistentState::kFileBytes);
static_assert(std::is_trivially_copyable_v<PersistentState>);

}  // namespace doorbell::emulator
