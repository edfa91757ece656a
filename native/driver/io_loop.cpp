#include "driver/io_loop.h"

#include <algorithm>
#include <ctime>
#include <thread>

#include "spec/opcode.h"

namespace doorbell::driver {
namespace {

using evidence::Outcome;

constexpr std::uint64_t kNsPerMs = 1'000'000;
constexpr std::uint64_t kMaxTimeMs = 1'000'000'000'000;  // 31 years: no sum of ns overflows
constexpr unsigned kRingEvery = 32;
constexpr std::uint64_t kSpinNs = 100'000;      // idle: spin, ...
constexpr std::uint64_t kYieldNs = 1'000'000;   // ... then yield, ...
constexpr std::uint64_t kNapNs = 50'000;        // ... then nap
constexpr std::uint64_t kWakeEarlyNs = 80'000;  // a sleep may end late by about this
constexpr std::uint64_t kLongestSleepNs = 10 * kNsPerMs;
constexpr std::uint64_t kDrainNs = 10'000 * kNsPerMs;

std::uint64_t threadCpuNs() noexcept {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

spec::Sqe commandFor(const IoWorkerSpec& spec, spec::NvmOpcode opcode, const Prp& prp) {
  spec::Sqe sqe;
  sqe.opcode = static_cast<std::uint8_t>(opcode);
  sqe.nsid = spec.nsid;
  sqe.prp1 = prp.prp1;
  sqe.prp2 = prp.prp2;
  sqe.cdw12 = spec.blocks - 1;  // NLB is 0's based
  return sqe;
}

}  // namespace

IoLoop::IoLoop(const IoWorkerSpec& spec, QueuePair& pair, IoBuffers& buffers, const Clock& clock,
               IoSignals& signals, IoTotals& totals, std::shared_ptr<Verifier> verifier)
    : spec_(spec),
      pair_(pair),
      buffers_(buffers),
      clock_(clock),
      signals_(signals),
      totals_(totals),
      pattern_(spec),
      startTicks_(clock.ticks()),
      pacer_(spec.iops, clock.ticksPerSecond(), startTicks_),
      scale_(clock.scale()),
      endTicks_(spec.timeMs == 0
                    ? UINT64_MAX
                    : startTicks_ + clock.toTicks(std::min(spec.timeMs, kMaxTimeMs) * kNsPerMs)),
      left_(spec.ioCount == 0 ? UINT64_MAX : spec.ioCount),
      timeoutTicks_(clock.toTicks(spec.commandTimeoutMs * kNsPerMs)),
      isRead_(spec.qdepth) {
  if (verifier) verification_.emplace(std::move(verifier), spec.qdepth);
  for (std::uint32_t cid = 0; cid < spec.qdepth; ++cid) {
    const auto name = static_cast<std::uint16_t>(cid);
    if (spec.readPercent > 0) {
      reads_.push_back(
          commandFor(spec, spec::NvmOpcode::Read, buffers.prp(name, true, spec.ioBytes())));
    }
    if (spec.readPercent < 100) {
      writes_.push_back(
          commandFor(spec, spec::NvmOpcode::Write, buffers.prp(name, false, spec.ioBytes())));
    }
  }
}

void IoLoop::run() noexcept {
  const std::uint64_t cpuBefore = threadCpuNs();
  signals_.parked.store(false);
  while (true) {
    if (signals_.halted.load(std::memory_order_relaxed) && !park()) break;
    if (signals_.ended.load(std::memory_order_relaxed) != 0) break;
    const std::uint64_t now = clock_.ticks();
    if (signals_.stop.load(std::memory_order_relaxed)) stopSubmitting("stopped");
    if (now >= endTicks_) stopSubmitting("completed");
    const unsigned submitted = submit(now);
    const unsigned reaped = reap(now);
    if (!submitting_ && finished(now)) break;
    if (submitted + reaped > 0) {
      idleSince_ = now;
    } else {
      idle(now);
    }
  }
  if (const auto outcome = static_cast<Outcome>(signals_.ended.load());
      outcome != Outcome::InFlight)
    ended(outcome);
  signals_.parked.store(true);
  cpuNs_ = threadCpuNs() - cpuBefore;
}

unsigned IoLoop::submit(std::uint64_t now) noexcept {
  unsigned posted = 0;
  while (submitting_ && !pair_.full() && pacer_.isDue(now)) {
    if (left_ == 0 || (!held_ && pattern_.done())) {
      stopSubmitting("completed");
      break;
    }
    if (!issue(now)) break;
    if (++posted % kRingEvery == 0) pair_.ringDoorbell();
  }
  if (posted % kRingEvery != 0) pair_.ringDoorbell();
  return posted;
}

/// False when the next command has to wait for one that it overlaps.
bool IoLoop::issue(std::uint64_t now) noexcept {
  const IoPattern::Next next = held_ ? *held_ : pattern_.next();
  const std::uint16_t cid = pair_.nextCid();
  const std::uint64_t bytes = std::uint64_t{next.blocks} * spec_.lbaBytes;
  if (verification_ && !verification_->begin(cid, next, buffers_.data(cid, next.read, bytes))) {
    held_ = next;
    return false;
  }
  held_.reset();
  spec::Sqe sqe = next.read ? reads_[cid] : writes_[cid];
  if (next.blocks != spec_.blocks) [[unlikely]] {
    const Prp prp = buffers_.prp(cid, next.read, bytes);
    sqe.prp1 = prp.prp1;
    sqe.prp2 = prp.prp2;
    sqe.cdw12 = next.blocks - 1;
  }
  sqe.cdw10 = static_cast<std::uint32_t>(next.slba);
  sqe.cdw11 = static_cast<std::uint32_t>(next.slba >> 32U);
  isRead_[cid] = next.read ? 1 : 0;
  if (pacer_.paced()) maxLagTicks_ = std::max(maxLagTicks_, now - pacer_.due());
  pair_.post(sqe, next.blocks * spec_.lbaBytes, now,
             timeoutTicks_ == 0 ? QueuePair::kNoDeadline : now + timeoutTicks_);
  pacer_.submitted();
  --left_;
  return true;
}

unsigned IoLoop::reap(std::uint64_t now) noexcept {
  const auto onCompletion = [this](const Completion& completion) noexcept {
    completed(completion);
  };
  const unsigned reaped = pair_.reap(UINT32_MAX, onCompletion);
  if (reaped > 0) publish();
  pair_.expire(now, onCompletion);
  return reaped;
}

void IoLoop::completed(const Completion& completion) noexcept {
  std::optional<DataMismatch> mismatch;
  if (verification_) mismatch = verification_->end(completion);
  if (completion.late) [[unlikely]]
    return;
  const bool ok =
      completion.outcome == Outcome::Completed && spec::Status{completion.cqe.status()}.ok();
  if (ok && !mismatch) [[likely]] {
    const std::uint64_t ticks = completion.completeTicks - completion.submitTicks;
    const auto ns = static_cast<std::uint64_t>(
        (static_cast<Int128>(ticks) * static_cast<Int128>(scale_.mult)) >> 32U);
    (isRead_[completion.cid] != 0 ? *readLatency_ : *writeLatency_).record(ns);
    lastTicks_ = completion.completeTicks;
    return;
  }
  if (mismatch) {
    if (!mismatch_) mismatch_ = mismatch;
    pair_.amend(completion.cid, Outcome::DataMismatch);
    return failed(completion, "data-mismatch");
  }
  if (completion.outcome == Outcome::Completed) return failed(completion, "device-error");
  if (completion.outcome == Outcome::TimedOut) failed(completion, "timed-out");
}

void IoLoop::failed(const Completion& completion, const char* reason) noexcept {
  if (!failed_) {
    firstErrorStatus_ = completion.cqe.status();
    firstErrorSequence_ = completion.sequence;
    submitting_ = true;  // the failure is the reason, whatever stopped submission before
    stopSubmitting(reason);
  }
  failed_ = true;
}

void IoLoop::stopSubmitting(const char* reason) noexcept {
  if (!submitting_) return;
  submitting_ = false;
  reason_ = reason;
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
  pair_.endAll(outcome, clock_.ticks(),
               [this](const Completion& completion) { completed(completion); });
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

void IoLoop::idle(std::uint64_t now) noexcept {
  if (submitting_ && pair_.inFlight() == 0 && pacer_.due() > now) {
    const std::uint64_t until = std::min(pacer_.due(), endTicks_);
    const std::uint64_t ns = until > now ? scale_.toNs(until) - scale_.toNs(now) : 0;
    if (ns > 2 * kWakeEarlyNs) return clock_.sleepFor(std::min(ns - kWakeEarlyNs, kLongestSleepNs));
  }
  const std::uint64_t idleNs = scale_.toNs(now) - scale_.toNs(std::max(idleSince_, startTicks_));
  if (idleNs < kSpinNs) {
    _mm_pause();
  } else if (idleNs < kYieldNs) {
    std::this_thread::yield();
  } else {
    clock_.sleepFor(kNapNs);
  }
}

void IoLoop::publish() noexcept {
  const evidence::QueueSegment& counters = pair_.counters();
  totals_.ios.store(counters.readCommands + counters.writeCommands, std::memory_order_relaxed);
  totals_.bytes.store(counters.bytesRead + counters.bytesWritten, std::memory_order_relaxed);
}

}  // namespace doorbell::driver
