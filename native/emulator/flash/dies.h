#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "emulator/flash/geometry.h"

namespace doorbell::emulator::flash {

/// When every die and every channel is next free. An operation reserves what it needs from then on:
/// whoever comes later waits behind it.
class Dies {
 public:
  Dies(const Geometry& geometry, const Timing& timing)
      : timing_(timing),
        channels_(geometry.channels),
        dieFree_(geometry.dies()),
        channelFree_(geometry.channels) {}

  /// Times of every operation end: when its data is where it belongs.
  std::uint64_t read(std::uint32_t die, std::uint64_t at, std::uint64_t ns,
                     std::uint32_t slots) noexcept {
    dieFree_[die] = std::max(at, dieFree_[die]) + ns;
    return dieFree_[die] = transfer(die, dieFree_[die], slots);
  }
  std::uint64_t program(std::uint32_t die, std::uint64_t at, std::uint64_t ns,
                        std::uint32_t slots) noexcept {
    return dieFree_[die] = transfer(die, std::max(at, dieFree_[die]), slots) + ns;
  }
  std::uint64_t erase(std::uint32_t die, std::uint64_t at, std::uint64_t ns) noexcept {
    return dieFree_[die] = std::max(at, dieFree_[die]) + ns;
  }
  /// The supply was off: nothing is under way.
  void settle() noexcept {
    std::fill(dieFree_.begin(), dieFree_.end(), 0);
    std::fill(channelFree_.begin(), channelFree_.end(), 0);
  }

 private:
  std::uint64_t transfer(std::uint32_t die, std::uint64_t at, std::uint32_t slots) noexcept {
    std::uint64_t& free = channelFree_[die % channels_];
    return free = std::max(at, free) + slots * timing_.channelPerSlot;
  }

  const Timing timing_;
  const std::uint32_t channels_;
  std::vector<std::uint64_t> dieFree_;
  std::vector<std::uint64_t> channelFree_;
};

}  // namespace doorbell::emulator::flash
