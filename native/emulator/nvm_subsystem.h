#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include "emulator/health.h"
#include "emulator/media.h"
#include "emulator/media_file.h"
#include "emulator/persistent_state.h"
#include "emulator/ssd_options.h"
#include "emulator/write_cache.h"

namespace doorbell::emulator {

/// What outlives resets and power: media, write cache, counters, identity, one namespace.
/// Device thread only, once in use.
class NvmSubsystem {
 public:
  /// Powered on. Throws Error{"NO_MEMORY"} and what MediaFile::open throws.
  explicit NvmSubsystem(const SsdOptions& options);
  ~NvmSubsystem();  ///< an orderly power off
  NvmSubsystem(const NvmSubsystem&) = delete;
  NvmSubsystem& operator=(const NvmSubsystem&) = delete;

  [[nodiscard]] Media& media() noexcept { return media_; }
  [[nodiscard]] WriteCache& cache() noexcept { return cache_; }
  [[nodiscard]] Counters& counters() noexcept { return state_->counters; }
  [[nodiscard]] Health& health() noexcept { return health_; }
  [[nodiscard]] SavedFeature& savedFeature(std::uint8_t slot) noexcept {
    return state_->features[slot];
  }

  [[nodiscard]] std::uint32_t lbaShift() const noexcept { return lbaShift_; }
  [[nodiscard]] std::uint64_t blocks() const noexcept { return media_.bytes() >> lbaShift_; }
  [[nodiscard]] const std::string& serial() const noexcept { return serial_; }
  [[nodiscard]] const std::array<std::uint8_t, 16>& uuid() const noexcept { return uuid_; }
  [[nodiscard]] std::uint64_t poweredSeconds() const noexcept;

  [[nodiscard]] bool powered() const noexcept { return state_->powered != 0; }
  void powerOn() noexcept;
  /// Counted as unsafe, and the write cache lost, unless a shutdown was completed before.
  void powerOff(bool shutDown) noexcept;

 private:
  using Clock = std::chrono::steady_clock;

  MediaFile file_;  ///< before what is mapped from it
  PersistentState memoryState_;
  PersistentState* state_;
  Media media_;
  WriteCache cache_;
  Health health_;
  std::uint32_t lbaShift_;
  std::uint64_t seed_;
  std::string serial_;
  std::array<std::uint8_t, 16> uuid_{};
  Clock::time_point poweredSince_;
};

}  // namespace doorbell::emulator
