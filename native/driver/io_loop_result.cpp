#include "driver/io_loop.h"

namespace doorbell::driver {

/// Exactly the time asked for when that ended it.
std::uint64_t IoLoop::windowNs() const noexcept {
  if (stopTicks_ == endTicks_) return spec_.timeMs * 1'000'000;
  return nsOf(stopTicks_ - startTicks_);
}

IoWorkerResult IoLoop::result() const {
  IoWorkerResult result;
  result.qid = pair_.qid();
  result.end = reason_;
  result.errors = errors_;
  result.firstErrorStatus = firstErrorStatus_;
  result.firstErrorSequence = firstErrorSequence_;
  result.mismatch = mismatch_;
  result.startNs = clock_.toNs(beganTicks_ == 0 ? startTicks_ : beganTicks_);
  result.elapsedNs = nsOf(lastTicks_ - std::min(lastTicks_, startTicks_));
  result.cpuNs = cpuNs_;
  if (paced_) {
    result.maxLagNs = nsOf(maxLagTicks_);
    const std::uint64_t due = source_.dueBefore(windowNs());
    result.unsent = due > submitted_ ? due - submitted_ : 0;
  }
  result.windowNs = windowNs();
  statistics_.into(result);
  return result;
}

}  // namespace doorbell::driver
