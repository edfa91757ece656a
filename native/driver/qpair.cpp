#include "driver/qpair.h"

#include <algorithm>
#include <thread>

#include "driver/controller_core.h"
#include "driver/outcome.h"
#include "platform/error.h"

namespace doorbell::driver {
namespace {

constexpr std::uint64_t kNsPerMs = 1'000'000;
constexpr auto kMaxSpin = std::chrono::microseconds(1000);

}  // namespace

Qpair::Qpair(std::shared_ptr<ControllerCore> core, std::unique_ptr<QueueResources> queue)
    : core_(std::move(core)),
      qid_(queue->recipe().qid),
      segment_(queue->segment()),
      depth_(queue->recipe().depth),
      generation_(queue->recipe().generation),
      vector_(queue->recipe().vector),
      queue_(std::move(queue)),
      attachments_(depth_ - 1),
      own_(std::make_shared<QpairChannel>(depth_)),
      channels_{own_} {}

std::uint32_t Qpair::outstanding(QpairChannel* channel) const {
  const std::scoped_lock lock(mutex_);
  const QpairChannel& asked = channel == nullptr ? *own_ : *channel;
  return asked.inFlight + static_cast<std::uint32_t>(asked.finished.size());
}

void Qpair::throwUnlessOpen() const {
  const std::string what = core_->address() + " Q" + std::to_string(qid_);
  if (ended_) throw errorOf(*ended_, what);
  if (halted_)
    throw Error("CONTROLLER_NOT_READY", what + ": it is being deleted, reset or disabled");
}

void Qpair::throwUnlessRoom(std::uint32_t commands) {
  auto& pair = queue_->pair();
  if (pair.room() >= commands) [[likely]]
    return;
  poll();
  if (pair.room() >= commands) return;
  throw Error("QUEUE_FULL", core_->address() + " Q" + std::to_string(qid_) + " holds " +
                                std::to_string(depth_ - 1) + " commands, as many as its depth of " +
                                std::to_string(depth_) + " allows: await some first");
}

std::uint16_t Qpair::submit(const spec::Sqe& sqe, const std::shared_ptr<DmaBuffer>& buffer,
                            std::size_t offset, std::size_t length, std::uint32_t timeoutMs,
                            spec::Sqe* posted, QpairChannel* channel) {
  const std::scoped_lock lock(mutex_);
  spec::Sqe entry = sqe;
  const std::uint16_t cid =
      place(entry, buffer, offset, length, timeoutMs, nullptr, &orOwn(channel));
  if (posted != nullptr) *posted = entry;
  return cid;
}

std::uint16_t Qpair::place(spec::Sqe& sqe, const std::shared_ptr<DmaBuffer>& buffer,
                           std::size_t offset, std::size_t length, std::uint32_t timeoutMs,
                           Waiter* waiter, QpairChannel* channel) {
  throwUnlessOpen();
  throwUnlessRoom(1);
  auto& pair = queue_->pair();
  Pin pin(buffer);  // before its address is taken: another thread may be about to close it
  MemoryPiece data{buffer, offset, length};
  const bool verifies = core_->verifies() && waiter == nullptr;
  if (verifies) [[unlikely]] {
    throwUnlessStampable(sqe);
    data = verified(sqe, data, true);
  }
  if (length > 0) pointPrp(sqe, data);
  const Clock& clock = core_->clock();
  const std::uint64_t now = clock.ticks();
  const std::uint64_t deadline =
      timeoutMs == 0 ? QueuePair::kNoDeadline : now + clock.toTicks(timeoutMs * kNsPerMs);
  Attachment& attachment = attachments_[pair.nextCid()];
  attachment.pin = std::move(pin);
  attachment.waiter = waiter;
  attachment.channel = channel;
  if (channel != nullptr) ++channel->inFlight;
  if (verifies) [[unlikely]]
    verification_->commit(pair.nextCid());
  const std::uint16_t cid = pair.post(sqe, static_cast<std::uint32_t>(length), now, deadline);
  pair.ringDoorbellAt(now);
  return cid;
}

unsigned Qpair::reap(std::span<ReapedCompletion> into, std::chrono::microseconds spin,
                     QpairChannel* channel) {
  unsigned count = 0;
  std::vector<Callback> due;
  {
    const std::scoped_lock lock(mutex_);
    QpairChannel& mine = orOwn(channel);
    poll();
    if (mine.finished.empty() && !ended_ && spin.count() > 0) spinFor(spin, mine);
    const TickScale scale = core_->clock().scale();
    while (count < into.size() && !mine.finished.empty()) {
      const Completion done = mine.finished.pop().completion;
      into[count++] = {.cqe = done.cqe,
                       .submitNs = scale.toNs(done.submitTicks),
                       .completeNs = scale.toNs(done.completeTicks),
                       .sequence = done.sequence,
                       .cid = done.cid,
                       .outcome = static_cast<std::uint16_t>(done.outcome)};
    }
    // What was found here may be another's.
    if (channels_.size() > 1) due = takeDue();
  }
  for (const Callback& callback : due) callback();
  return count;
}

void Qpair::spinFor(std::chrono::microseconds spin, const QpairChannel& channel) noexcept {
  const Clock& clock = core_->clock();
  const auto ns = static_cast<std::uint64_t>(std::min(spin, kMaxSpin).count()) * 1000;
  const std::uint64_t until = clock.ticks() + clock.toTicks(ns);
  while (channel.finished.empty() && clock.ticks() < until) {
    _mm_pause();
    poll();
  }
}

void Qpair::poll() noexcept {
  if (!queue_) return;
  const auto onCompletion = [this](const Completion& completion) { deliver(completion); };
  queue_->pair().reap<Stamp::Each>(UINT32_MAX, onCompletion);
  queue_->pair().expire(core_->clock().ticks(), onCompletion);
}

void Qpair::deliver(const Completion& given) noexcept {
  Completion completion = given;
  if (verification_ && holdsMismatch(given)) [[unlikely]]
    completion.outcome = evidence::Outcome::DataMismatch;
  Attachment& attachment = attachments_[completion.cid];
  const bool quarantined = completion.outcome == evidence::Outcome::TimedOut;
  if (Waiter* waiter = std::exchange(attachment.waiter, nullptr)) waiter->completion = completion;
  QpairChannel* channel = std::exchange(attachment.channel, nullptr);
  // A timed-out command's buffer stays pinned: the device may still write to it.
  Pin pin = quarantined ? Pin() : std::move(attachment.pin);
  auto more = quarantined ? nullptr : std::move(attachment.more);
  if (channel == nullptr) return;
  --channel->inFlight;
  channel->finished.push({completion, std::move(pin), std::move(more)});
}

Completion Qpair::execute(const spec::Sqe& sqe, const std::shared_ptr<DmaBuffer>& buffer,
                          std::size_t length, std::uint32_t timeoutMs) {
  Waiter waiter;
  postAwaited(sqe, buffer, length, timeoutMs, waiter);
  const Clock& clock = core_->clock();
  const std::uint64_t spinUntil = clock.ticks() + clock.toTicks(50'000);
  auto nap = std::chrono::microseconds(20);
  while (true) {
    std::vector<Callback> due;
    {
      const std::scoped_lock lock(mutex_);
      poll();
      due = takeDue();
      // Only poll() and end(), under the mutex, write it; neither knows it any more.
      if (waiter.completion && due.empty()) return *waiter.completion;
    }
    for (const Callback& callback : due) callback();
    if (clock.ticks() < spinUntil) {
      _mm_pause();
      continue;
    }
    std::this_thread::sleep_for(nap);
    nap = std::min(nap * 2, std::chrono::microseconds(1000));
  }
}

/// A queue full of a script's commands gets a moment to drain.
void Qpair::postAwaited(const spec::Sqe& sqe, const std::shared_ptr<DmaBuffer>& buffer,
                        std::size_t length, std::uint32_t timeoutMs, Waiter& waiter) {
  const auto giveUp = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeoutMs);
  while (true) {
    try {
      const std::scoped_lock lock(mutex_);
      spec::Sqe entry = sqe;
      place(entry, buffer, 0, length, timeoutMs, &waiter, nullptr);
      return;
    } catch (const Error& error) {
      if (error.code() != "QUEUE_FULL" || std::chrono::steady_clock::now() > giveUp) throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::int64_t Qpair::nextDeadlineMs() const {
  const std::scoped_lock lock(mutex_);
  const std::uint64_t deadline = queue_ ? queue_->pair().nearestDeadline() : QueuePair::kNoDeadline;
  if (deadline == QueuePair::kNoDeadline) return -1;
  const Clock& clock = core_->clock();
  const std::uint64_t now = clock.nowNs();
  const std::uint64_t at = clock.toNs(deadline);
  return at <= now ? 0 : static_cast<std::int64_t>((at - now + kNsPerMs - 1) / kNsPerMs);
}

}  // namespace doorbell::driver
