// Notification, dossier and the end of a queue pair.
#include <algorithm>

#include "driver/controller_core.h"
#include "driver/outcome.h"
#include "driver/qpair.h"
#include "platform/error.h"

namespace doorbell::driver {
namespace {

constexpr std::uint64_t kMinPollNs = 20'000;
constexpr std::uint64_t kMaxPollNs = 5'000'000;

}  // namespace

std::shared_ptr<QpairChannel> Qpair::openChannel() {
  const std::scoped_lock lock(mutex_);
  channels_.push_back(std::make_shared<QpairChannel>(depth_));
  return channels_.back();
}

void Qpair::closeChannel(const std::shared_ptr<QpairChannel>& channel) noexcept {
  const std::scoped_lock lock(mutex_);
  disarm(*channel);
  for (Attachment& attachment : attachments_) {
    if (attachment.channel == channel.get()) attachment.channel = nullptr;
  }
  std::erase(channels_, channel);
}

void Qpair::notify(std::function<void()> callback, QpairChannel* channel) {
  Callback due;
  {
    const std::scoped_lock lock(mutex_);
    QpairChannel& mine = orOwn(channel);
    disarm(mine);
    mine.callback = std::move(callback);
    if (!mine.callback) return;
    mine.armedTicks = core_->clock().ticks();
    if (!ready(mine) && vector_) {
      core_->notifier().unmask(*vector_);
      mine.unmasked = true;
    }
    // Looked at again: it may have completed before the vector was unmasked.
    if (ready(mine)) {
      due = takeCallback(mine);
    } else {
      core_->notifier().wakeBy(wakeAtLocked());
    }
  }
  if (due) due();
}

bool Qpair::ready(const QpairChannel& channel) const noexcept {
  if (!channel.finished.empty() || ended_) return true;
  if (!queue_) return false;
  return queue_->pair().pending() || queue_->pair().nearestDeadline() <= core_->clock().ticks();
}

Qpair::Callback Qpair::takeCallback(QpairChannel& channel) noexcept {
  Callback taken = std::exchange(channel.callback, nullptr);
  disarm(channel);
  return taken;
}

std::vector<Qpair::Callback> Qpair::takeDue() noexcept {
  std::vector<Callback> due;
  for (const auto& channel : channels_) {
    if (channel->callback && ready(*channel)) due.push_back(takeCallback(*channel));
  }
  return due;
}

void Qpair::disarm(QpairChannel& channel) noexcept {
  channel.callback = nullptr;
  if (std::exchange(channel.unmasked, false)) core_->notifier().mask(*vector_);
}

void Qpair::poke() noexcept {
  std::vector<Callback> due;
  {
    const std::scoped_lock lock(mutex_);
    // With several users, whose completion it is shows only when it was taken.
    if (channels_.size() > 1) poll();
    due = takeDue();
  }
  for (const Callback& callback : due) callback();
}

std::uint64_t Qpair::wakeAtTicks() const noexcept {
  const std::scoped_lock lock(mutex_);
  return wakeAtLocked();
}

std::uint64_t Qpair::wakeAtLocked() const noexcept {
  if (!queue_) return UINT64_MAX;
  std::uint64_t armed = 0;
  bool waiting = false;
  for (const auto& channel : channels_) {
    if (!channel->callback) continue;
    waiting = true;
    armed = std::max(armed, channel->armedTicks);
  }
  if (!waiting) return UINT64_MAX;
  const std::uint64_t deadline = queue_->pair().nearestDeadline();
  if (vector_ && !core_->notifier().isClaimed(*vector_)) return deadline;
  // Polled: soon at first, ever less often the longer it takes.
  const Clock& clock = core_->clock();
  const std::uint64_t now = clock.ticks();
  const std::uint64_t pause =
      std::clamp((now - armed) / 4, clock.toTicks(kMinPollNs), clock.toTicks(kMaxPollNs));
  return std::min(deadline, now + pause);
}

Dossier Qpair::dossier() const {
  const std::scoped_lock lock(mutex_);
  if (!queue_) return last_;
  const auto& pair = queue_->pair();
  Dossier dossier{.sqTail = pair.sqTail(),
                  .sqHead = pair.sqHead(),
                  .cqHead = pair.cqHead(),
                  .cqPhase = pair.cqPhase(),
                  .outstandingCids = pair.outstandingCids(),
                  .changedSlots = pair.changedSlots()};
  if (const auto function = core_->functionIfOpen()) {
    dossier.csts = function->read32(spec::reg::kCsts);
    dossier.cc = function->read32(spec::reg::kCc);
  }
  return dossier;
}

void Qpair::halt() noexcept {
  const std::scoped_lock lock(mutex_);
  halted_ = true;
}

void Qpair::resume() noexcept {
  const std::scoped_lock lock(mutex_);
  halted_ = false;
}

void Qpair::end(evidence::Outcome outcome) noexcept {
  const Dossier last = dossier();
  std::unique_ptr<QueueResources> ending;
  std::vector<Callback> due;
  {
    const std::scoped_lock lock(mutex_);
    if (ended_) return;
    ended_ = outcome;
    last_ = last;
    queue_->pair().endAll(outcome, core_->clock().ticks(),
                          [this](const Completion& completion) { deliver(completion); });
    ending = std::move(queue_);
    due = takeDue();
  }
  for (const Callback& callback : due) callback();
}

void Qpair::remove() {
  if (qid_ == 0)
    throw Error("NOT_SUPPORTED",
                "the admin queue pair ends with its controller's enabling, not by deletion");
  const std::scoped_lock operation(core_->operation());
  {
    const std::scoped_lock lock(mutex_);
    if (ended_) return;
    halted_ = true;
    queue_->pair().deleting();
  }
  bool sqIsGone = false;
  // Completions that the deletion itself caused are taken before the completion queue goes.
  const auto afterSq = [&] {
    const std::scoped_lock lock(mutex_);
    sqIsGone = true;
    poll();
  };
  bool gone = false;
  try {
    gone = core_->deleteQueue(qid_, generation_, afterSq);
  } catch (const Error&) {
    // Nothing was sent: without a deletion that began the queue pair goes on.
    const std::scoped_lock lock(mutex_);
    if (!sqIsGone && queue_) {
      halted_ = false;
      queue_->pair().deleting(false);
    }
    throw;
  }
  if (!gone)
    throw errorOf(evidence::Outcome::TimedOut,
                  core_->address() + " Q" + std::to_string(qid_) + ": deleting it");
  end(evidence::Outcome::QueueDeleted);
  core_->detach(*this);
}

}  // namespace doorbell::driver
