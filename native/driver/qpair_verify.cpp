// Data verification of the commands of a queue pair.
#include "driver/controller_core.h"
#include "driver/qpair.h"

namespace doorbell::driver {

/// What the command about to be posted transfers: the caller's data, or a stamped copy.
MemoryPiece Qpair::verified(const spec::Sqe& sqe, const MemoryPiece& data, bool whole) {
  if (!verification_) {
    verification_ = std::make_unique<QpairVerification>(
        qid_ == 0, depth_ - 1, queue_->recipe().pageBytes,
        [core = core_.get()](std::uint32_t nsid, Verifiers& into) {
          core->findVerifiers(nsid, into);
        });
  }
  return verification_->prepare(queue_->pair().nextCid(), sqe, data, whole);
}

bool Qpair::holdsMismatch(const Completion& completion) noexcept {
  const auto mismatch = verification_->end(completion);
  if (!mismatch) return false;
  verification_->keep(completion.sequence, *mismatch);
  queue_->pair().amend(completion.cid, evidence::Outcome::DataMismatch);
  return true;
}

std::optional<DataMismatch> Qpair::mismatch(std::uint64_t sequence) const {
  const std::scoped_lock lock(mutex_);
  return verification_ ? verification_->mismatchOf(sequence) : std::nullopt;
}

}  // namespace doorbell::driver
