#pragma once

#include "driver/evidence_layout.h"

namespace doorbell::driver {

/// A queue pair as its controller sees it. All three are safe on any thread, in any order, any
/// number of times.
class ManagedQueue {
 public:
  virtual ~ManagedQueue() = default;
  /// Once it returned, no doorbell of this queue pair is rung until resume().
  virtual void halt() noexcept = 0;
  virtual void resume() noexcept = 0;
  /// The device no longer touches this queue pair: outstanding commands end with `outcome`, and so
  /// does the queue pair. Only the first end counts.
  virtual void end(evidence::Outcome outcome) noexcept = 0;
};

}  // namespace doorbell::driver
