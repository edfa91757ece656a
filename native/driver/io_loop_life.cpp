// How an ioworker begins and ends.
#include <algorithm>
#include <ctime>

#include "driver/io_loop.h"

namespace doorbell::driver {
namespace {

using evidence::Outcome;

constexpr std::uint64_t kNsPerMs = 1'000'000;
constexpr std::uint64_t kNapNs = 50'000;
constexpr std::uint64_t kDrainNs = 10'000 * kNsPerMs;
constexpr std::uint64_t kMaxTimeMs = 1'000'000'000'000;  // 31 years: no sum of ns overflows

std::uint64_t threadCpuNs() noexcept {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace

void IoLoop::begin(std::uint64_t startTicks) noexcept {
  startTicks_ = startTicks;
  stopTicks_ = startTicks;
  lastTicks_ = startTicks;
  statistics_.start(clock_, startTicks);
  if (spec_.timeMs != 0)
    endTicks_ = startTicks + clock_.toTicks(std::min(spec_.timeMs, kMaxTimeMs) * kNsPerMs);
}

/// Until begin() was called and its time came; false when it ended before.
bool IoLoop::awaitBegin() noexcept {
  const auto isOver = [this] { return signals_.stop.load() || signals_.ended.load() != 0; };
  while (signals_.begin.load() == 0) {
    if (isOver()) return false;
    clock_.sleepFor(2 * kNapNs);
  }
  begin(signals_.begin.load());
  while (clock_.ticks() < startTicks_) {
    if (isOver()) return false;
    _mm_pause();
  }
  return true;
}

void IoLoop::run() noexcept {
  const std::uint64_t cpuBefore = threadCpuNs();
  if (spec_.gated && !awaitBegin()) {
    stopSubmitting("stopped", startTicks_);
  } else {
    beganTicks_ = clock_.ticks();
    totals_.startNs.store(clock_.toNs(beganTicks_));
    signals_.parked.store(false);
    loop();
  }
  if (const auto outcome = static_cast<Outcome>(signals_.ended.load());
      outcome != Outcome::InFlight)
    ended(outcome);
  signals_.parked.store(true);
  cpuNs_ = threadCpuNs() - cpuBefore;
}

/// Counts it, and ends the ioworker unless it is to go on. What timed out keeps its CID: going on
/// would run out of them.
void IoLoop::failed(const Completion& completion, const char* reason) noexcept {
  if (completion.outcome == Outcome::Completed) ++errors_;
  const bool goesOn = spec_.continueOnError && completion.outcome == Outcome::Completed;
  if (!failed_ && firstErrorSequence_ == 0) {
    firstErrorStatus_ = completion.cqe.status();
    firstErrorSequence_ = completion.sequence;
  }
  if (goesOn || failed_) return;
  failed_ = true;
  submitting_ = true;  // the failure is the reason, whatever stopped submission before
  stopSubmitting(reason, clock_.ticks());
}

void IoLoop::stopSubmitting(const char* reason, std::uint64_t ticks) noexcept {
  if (!submitting_) return;
  submitting_ = false;
  reason_ = reason;
  stopTicks_ = ticks;
  // Commands without a deadline of their own are awaited this long.
  if (timeoutTicks_ == 0) drainUntil_ = clock_.ticks() + clock_.toTicks(kDrainNs);
}

bool IoLoop::finished(std::uint64_t now) noexcept {
  if (pair_.inFlight() == 0) return true;
  if (now < drainUntil_) return false;
  if (!failed_) reason_ = "timed-out";
  return true;
}

/// Waits until resumed; false when the queue pair ended instead.
bool IoLoop::park() noexcept {
  do {
    signals_.parked.store(true);
    while (signals_.halted.load()) {
      if (signals_.ended.load() != 0) return false;
      clock_.sleepFor(kNapNs);
    }
    signals_.parked.store(false);
    // Halted again between the two? Who did may have seen it parked still.
  } while (signals_.halted.load());
  return true;
}

void IoLoop::ended(Outcome outcome) noexcept {
  const std::uint64_t now = clock_.ticks();
  pair_.endAll(outcome, now, [this](const Completion& completion) { completed(completion); });
  if (submitting_) stopTicks_ = now;
  submitting_ = false;
  if (failed_) return;
  switch (outcome) {
    case Outcome::PowerLost:
      reason_ = "power-lost";
      break;
    case Outcome::Removed:
      reason_ = "removed";
      break;
    case Outcome::Reset:
      reason_ = "reset";
      break;
    default:
      reason_ = "stopped";
  }
}

}  // namespace doorbell::driver
