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

void Qpair::notify(std::function<void()> callback) {
  Callback due;
  {
    const std::scoped_lock lock(mutex_);
    disarm();
    callback_ = std::move(callback);
    if (!callback_) return;
    armedTicks_ = core_->clock().ticks();
    if (!ready() && vector_) {
      core_->notifier().unmask(*vector_);
      unmasked_ = true;
    }
    // Looked at again: it may have completed before the vector was unmasked.
    if (ready()) {
      due = takeCallback();
    } else {
      core_->notifier().wakeBy(wakeAtLocked());
    }
  }
  if (due) due();
}

bool Qpair::ready() const noexcept {
  if (!finished_.empty() || ended_) return true;
  if (!queue_) return false;
  return queue_->pair().pending() || queue_->pair().nearestDeadline() <= core_->clock().ticks();
}

Qpair::Callback Qpair::takeCallback() noexcept {
  Callback taken = std::exchange(callback_, nullptr);
  disarm();
  return taken;
}

void Qpair::disarm() noexcept {
  callback_ = nullptr;
  if (std::exchange(unmasked_, false)) core_->notifier().mask(*vector_);
}

void Qpair::poke() noexcept {
  Callback due;
  {
    const std::scoped_lock lock(mutex_);
    if (callback_ && ready()) due = takeCallback();
  }
  if (due) due();
}

std::uint64_t Qpair::wakeAtTicks() const noexcept {
  const std::scoped_lock lock(mutex_);
  return wakeAtLocked();
}

std::uint64_t Qpair::wakeAtLocked() const noexcept {
  if (!callback_ || !queue_) return UINT64_MAX;
  const std::uint64_t deadline = queue_->pair().nearestDeadline();
  if (vector_ && !core_->notifier().isClaimed(*vector_)) return deadline;
  // Polled: soon at first, ever less often the longer it takes.
  const Clock& clock = core_->clock();
  const std::uint64_t now = clock.ticks();
  const std::uint64_t pause =
      std::clamp((now - armedTicks_) / 4, clock.toTicks(kMinPollNs), clock.toTicks(kMaxPollNs));
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
  Callback due;
  {
    const std::scoped_lock lock(mutex_);
    if (ended_) return;
    ended_ = outcome;
    last_ = last;
    queue_->pair().endAll(outcome, core_->clock().ticks(),
                          [this](const Completion& completion) { deliver(completion); });
    ending = std::move(queue_);
    due = takeCallback();
  }
  if (due) due();
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
  // Completions that the deletion itself caused are taken before the completion queue goes.
  const bool gone = core_->deleteQueue(qid_, generation_, [this] {
    const std::scoped_lock lock(mutex_);
    poll();
  });
  if (!gone)
    throw errorOf(evidence::Outcome::TimedOut,
                  core_->address() + " Q" + std::to_string(qid_) + ": deleting it");
  end(evidence::Outcome::QueueDeleted);
  core_->detach(*this);
}

}  // namespace doorbell::driver
