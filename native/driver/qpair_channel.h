#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "driver/completion.h"
#include "driver/dma_buffer.h"
#include "driver/ring_buffer.h"

namespace doorbell::driver {

/// One of several users of a queue pair (JavaScript environments share the admin queue): it gets
/// back what it sent, and is told when there is something. Guarded by the queue pair's mutex.
struct QpairChannel {
  struct Finished {
    Completion completion;
    Pin pin;
    std::unique_ptr<std::vector<Pin>> more;  ///< of a transfer with several buffers
  };
  using Callback = std::function<void()>;

  explicit QpairChannel(std::size_t depth) : finished(depth) {}

  RingBuffer<Finished> finished;
  std::uint32_t inFlight = 0;
  Callback callback;
  std::uint64_t armedTicks = 0;
  bool unmasked = false;  ///< it holds the interrupt vector unmasked
};

}  // namespace doorbell::driver
