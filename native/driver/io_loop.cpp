#include "driver/io_loop.h"

#include <algorithm>
#include <thread>

#include "spec/opcode.h"

namespace doorbell::driver {
namespace {

using evidence::Outcome;

constexpr std::uint64_t kNsPerMs = 1'000'000;
constexpr unsigned kRingEvery = 32;
constexpr unsigned kLooks = 64;                 // at the completion queue, between two turns
constexpr std::uint64_t kSpinNs = 100'000;      // idle: spin, ...
constexpr std::uint64_t kYieldNs = 1'000'000;   // ... then yield, ...
constexpr std::uint64_t kNapNs = 50'000;        // ... then nap
constexpr std::uint64_t kWakeEarlyNs = 80'000;  // a sleep may end late by about this
constexpr std::uint64_t kLongestSleepNs = 10 * kNsPerMs;
constexpr std::uint32_t kFua = 1U << 30U;
constexpr std::uint32_t kDeallocate = 1U << 2U;

spec::Sqe templateOf(const IoOp& op, std::uint32_t nsid) {
  spec::Sqe sqe;
  sqe.opcode = op.opcode;
  sqe.nsid = nsid;
  if (op.data == IoOp::Data::Range) sqe.cdw11 = kDeallocate;  // CDW10: one range
  return sqe;
}

}  // namespace

IoLoop::IoLoop(const IoWorkerSpec& spec, CommandSource& source, QueuePair& pair, IoBuffers& buffers,
               const Clock& clock, IoSignals& signals, IoTotals& totals,
               std::shared_ptr<Verifier> verifier)
    : spec_(spec),
      source_(source),
      pair_(pair),
      buffers_(buffers),
      clock_(clock),
      signals_(signals),
      totals_(totals),
      feed_(source),
      paced_(source.paced()),
      statistics_(spec, paced_),
      scale_(clock.scale()),
      ticksPerNs_(TickScale::ratio(clock.ticksPerSecond(), 1'000'000'000)),
      timeoutTicks_(clock.toTicks(spec.commandTimeoutMs * kNsPerMs)),
      ops_(spec.opTable()),
      issued_(spec.qdepth) {
  for (const IoOp& op : ops_) templates_.push_back(templateOf(op, spec.nsid));
  if (verifier) verification_.emplace(std::move(verifier), spec.qdepth, ops_);
  begin(clock.ticks());
}

void IoLoop::loop() noexcept {
  while (true) {
    if (signals_.halted.load(std::memory_order_relaxed) && !park()) break;
    if (signals_.ended.load(std::memory_order_relaxed) != 0) break;
    const std::uint64_t now = clock_.ticks();
    if (signals_.stop.load(std::memory_order_relaxed)) stopSubmitting("stopped", now);
    if (now >= endTicks_) stopSubmitting("completed", endTicks_);
    const unsigned submitted = submit(now);
    if (submitted == 0) pair_.ringHead();
    const unsigned reaped = reap(now);
    if (!submitting_ && finished(now)) break;
    if (submitted + reaped > 0) {
      idleSince_ = now;
    } else {
      idle(now);
    }
  }
  if (signals_.ended.load() == 0) pair_.ringHead();
}

/// The command to send next, with its due time known; null when there are no more.
const IoCommand* IoLoop::nextCommand() noexcept {
  const IoCommand* command = feed_.peek();
  if (paced_ && !hasNext_ && command != nullptr) dueTicks_ = startTicks_ + ticksOf(command->dueNs);
  hasNext_ = command != nullptr;
  return command;
}

unsigned IoLoop::submit(std::uint64_t now) noexcept {
  unsigned posted = 0;
  while (submitting_ && !pair_.full()) {
    const IoCommand* command = nextCommand();
    if (command == nullptr) {
      if (feed_.ended()) stopSubmitting("completed", now);
      break;
    }
    if (paced_) {
      if (posted > 0) now = clock_.ticks();  // a time stamp for each
      if (now < dueTicks_ || now >= endTicks_) break;
    }
    if (!issue(*command, now)) break;
    if (++posted % kRingEvery == 0 || paced_) pair_.ringDoorbell();
  }
  if (posted % kRingEvery != 0 && !paced_) pair_.ringDoorbell();
  return posted;
}

/// False when the next command has to wait for one that it overlaps.
bool IoLoop::issue(const IoCommand& command, std::uint64_t now) noexcept {
  const std::uint16_t cid = pair_.nextCid();
  const IoOp& op = ops_[command.op];
  const std::uint32_t bytes = command.blocks * spec_.lbaBytes;
  const bool moves = op.data == IoOp::Data::ToHost || op.data == IoOp::Data::FromHost;
  if (verification_) {
    const auto data = moves ? buffers_.data(cid, op.data, bytes) : std::span<std::byte>();
    if (!verification_->begin(cid, command, data)) return false;
  }
  issued_[cid] = {dueTicks_, moves ? bytes : 0, command.op};
  post(cid, command, now);
  if (paced_) {
    maxLagTicks_ = std::max(maxLagTicks_, now - dueTicks_);
    statistics_.sent(nsOf(now - dueTicks_));
  }
  feed_.take();
  hasNext_ = false;
  ++submitted_;
  return true;
}

void IoLoop::post(std::uint16_t cid, const IoCommand& command, std::uint64_t now) noexcept {
  const IoOp& op = ops_[command.op];
  const std::uint32_t bytes = issued_[cid].bytes;
  spec::Sqe sqe = templates_[command.op];
  if (op.addressed) [[likely]] {
    sqe.cdw10 = static_cast<std::uint32_t>(command.slba);
    sqe.cdw11 = static_cast<std::uint32_t>(command.slba >> 32U);
    sqe.cdw12 = (command.blocks - 1) | (command.fua ? kFua : 0);  // NLB is 0's based
  }
  if (bytes != 0) [[likely]] {
    const Prp prp = buffers_.prp(cid, op.data, bytes);
    sqe.prp1 = prp.prp1;
    sqe.prp2 = prp.prp2;
  } else if (op.data == IoOp::Data::Range) {
    sqe.prp1 = buffers_.range(cid, command).prp1;
  }
  pair_.post(sqe, bytes, now, timeoutTicks_ == 0 ? QueuePair::kNoDeadline : now + timeoutTicks_);
}

unsigned IoLoop::reap(std::uint64_t now) noexcept {
  const auto onCompletion = [this](const Completion& completion) noexcept {
    completed(completion);
  };
  const unsigned reaped = paced_ ? pair_.reap<Stamp::Each, Head::Later>(UINT32_MAX, onCompletion)
                                 : pair_.reap<Stamp::Batch, Head::Later>(UINT32_MAX, onCompletion);
  if (reaped > 0) publish();
  pair_.expire(now, onCompletion);
  return reaped;
}

void IoLoop::completed(const Completion& completion) noexcept {
  std::optional<DataMismatch> mismatch;
  if (verification_) mismatch = verification_->end(completion);
  if (completion.late) [[unlikely]]
    return;
  if (completion.outcome == Outcome::TimedOut) [[unlikely]]
    return failed(completion, "timed-out");
  if (completion.outcome != Outcome::Completed) [[unlikely]]
    return;
  lastTicks_ = completion.completeTicks;
  if (!spec::Status{completion.cqe.status()}.ok()) [[unlikely]]
    return failed(completion, "device-error");
  if (!mismatch) [[likely]]
    return succeeded(completion);
  if (!mismatch_) mismatch_ = mismatch;
  pair_.amend(completion.cid, Outcome::DataMismatch);
  failed(completion, "data-mismatch");
}

void IoLoop::succeeded(const Completion& completion) noexcept {
  const Issued& issued = issued_[completion.cid];
  statistics_.completed(issued.op, issued.bytes,
                        nsOf(completion.completeTicks - completion.submitTicks),
                        completion.completeTicks);
  if (paced_) statistics_.fromDue(issued.op, nsOf(completion.completeTicks - issued.dueTicks));
}

void IoLoop::idle(std::uint64_t now) noexcept {
  if (submitting_ && pair_.inFlight() == 0 && dueTicks_ > now) {
    const std::uint64_t until = std::min(dueTicks_, endTicks_);
    const std::uint64_t ns = until > now ? nsOf(until - now) : 0;
    if (ns > 2 * kWakeEarlyNs) return clock_.sleepFor(std::min(ns - kWakeEarlyNs, kLongestSleepNs));
  }
  const std::uint64_t idleNs = nsOf(now - std::min(now, std::max(idleSince_, startTicks_)));
  if (idleNs < kSpinNs) {
    // No pause: what takes the device less than a microsecond should not be noticed later.
    for (unsigned look = 0; look < kLooks && !pair_.pending(); ++look) {
    }
  } else if (idleNs < kYieldNs) {
    std::this_thread::yield();
  } else {
    clock_.sleepFor(kNapNs);
  }
}

void IoLoop::publish() noexcept {
  const std::uint64_t reads = statistics_.ios(OpClass::Read);
  const std::uint64_t writes = statistics_.ios(OpClass::Write);
  const auto set = [](std::atomic<std::uint64_t>& to, std::uint64_t value) {
    to.store(value, std::memory_order_relaxed);
  };
  set(totals_.reads, reads);
  set(totals_.writes, writes);
  set(totals_.ios, reads + writes + statistics_.ios(OpClass::Other));
  set(totals_.bytes, statistics_.bytes());
  set(totals_.errors, errors_);
}

}  // namespace doorbell::driver
