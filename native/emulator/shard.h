#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "emulator/clock.h"
#include "emulator/completion_line.h"
#include "emulator/counters.h"
#include "emulator/held_commands.h"
#include "emulator/host_buffer.h"
#include "emulator/limits.h"
#include "emulator/mapped_region.h"

namespace doorbell::emulator {

/// What one device thread has for itself: nothing but `asleep` is written by another while commands
/// are processed.
struct alignas(64) Shard {
  /// Blocks with metadata on their way between host and medium: the data of the largest command,
  /// then its metadata.
  static constexpr std::size_t kScratchMetadata = 64U << 10U;

  /// Throws Error{"NO_MEMORY"}.
  Shard(unsigned number, const IovaTable& dma, IoCounters& counted)
      : index(number),
        counters(counted),
        buffer(dma),
        metadata(dma),
        scratch_(MappedRegion::anonymous(HostBuffer::kMaxBytes + kScratchMetadata)) {}

  const unsigned index;
  IoCounters& counters;
  HostBuffer buffer;    ///< what the data pointer describes
  HostBuffer metadata;  ///< what the metadata pointer describes
  HeldCommands held;
  CompletionLine completions;           ///< empty but while a queue is served
  std::uint64_t announceAtNs = kNever;  ///< the earliest of its completion queues'

  [[nodiscard]] std::byte* scratchData() const noexcept { return scratch_.data(); }
  [[nodiscard]] std::byte* scratchMetadata() const noexcept {
    return scratch_.data() + HostBuffer::kMaxBytes;
  }

  /// Not 0 while the thread sleeps: what the one who rings must look at.
  alignas(64) std::atomic<std::uint32_t> asleep{0};
  /// Any thread.
  void wake() noexcept;

 private:
  MappedRegion scratch_;  ///< takes memory once it is used
};

}  // namespace doorbell::emulator
