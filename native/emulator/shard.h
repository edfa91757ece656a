#pragma once

#include <array>
#include <cstdint>

#include "emulator/counters.h"
#include "emulator/held_commands.h"
#include "emulator/host_buffer.h"
#include "emulator/limits.h"

namespace doorbell::emulator {

/// What one device thread has for itself: nothing here is written by another while commands are
/// processed.
struct alignas(64) Shard {
  Shard(unsigned number, const IovaTable& dma, IoCounters& counted) noexcept
      : index(number), counters(counted), buffer(dma) {}

  const unsigned index;
  IoCounters& counters;
  HostBuffer buffer;
  HeldCommands held;
};

}  // namespace doorbell::emulator
