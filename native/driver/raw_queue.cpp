#include "driver/raw_queue.h"

#include <algorithm>

#include "driver/controller_core.h"
#include "spec/status.h"

namespace doorbell::driver {

RawQueue::RawQueue(std::shared_ptr<ControllerCore> core, std::uint16_t qid, std::uint32_t depth)
    : core_(std::move(core)),
      segment_(core_->addRawEvidence(qid, depth)),
      log_(segment_.queue(), segment_.records()),
      most_(depth) {}

RawQueue::~RawQueue() {
  for (const Open& open : open_) close(open, {}, evidence::Outcome::QueueDeleted);
  shared::store(segment_.queue().state, static_cast<std::uint32_t>(evidence::QueueState::Deleted));
  core_->retireEvidence(segment_.id());
}

std::uint64_t RawQueue::submitted(const spec::Sqe& sqe, std::uint32_t bytes) {
  const std::scoped_lock lock(mutex_);
  // More than a queue holds cannot be outstanding: the log must not run out of free records.
  if (open_.size() == most_) {
    close(open_.front(), {}, evidence::Outcome::TimedOut);
    open_.pop_front();
  }
  open_.emplace_back(sqe.cid, log_.begin(sqe, core_->clock().ticks(), bytes));
  return log_.sequence();
}

bool RawQueue::completed(const spec::Cqe& cqe) {
  const std::scoped_lock lock(mutex_);
  const auto found = std::find_if(open_.begin(), open_.end(),
                                  [&](const Open& open) { return open.first == cqe.cid; });
  if (found == open_.end()) return false;
  close(*found, cqe, evidence::Outcome::Completed);
  open_.erase(found);
  return true;
}

void RawQueue::close(const Open& open, const spec::Cqe& cqe, evidence::Outcome outcome) noexcept {
  CommandLog::finish(*open.second, cqe, core_->clock().ticks(), outcome);
  if (outcome != evidence::Outcome::Completed) return;
  shared::add(segment_.queue().completed, 1);
  if (!spec::Status{cqe.status()}.ok()) shared::add(segment_.queue().errors, 1);
}

}  // namespace doorbell::driver
