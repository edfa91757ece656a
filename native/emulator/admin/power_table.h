#pragma once

#include <array>
#include <cstdint>

#include "emulator/limits.h"

namespace doorbell::emulator {

/// What a power state is, for Identify Controller and for the model.
struct PowerState {
  std::uint16_t maximumCentiwatts = 0;
  bool operational = true;
  std::uint32_t entryMicroseconds = 0;  ///< ENLAT
  std::uint32_t exitMicroseconds = 0;   ///< EXLAT
};

inline constexpr std::array<PowerState, kPowerStates> kPowerTable{{
    {800, true, 0, 0},
    {500, true, 0, 0},
    {300, true, 0, 0},
    {50, false, 500, 1000},
    {5, false, 2000, 5000},
}};

}  // namespace doorbell::emulator
