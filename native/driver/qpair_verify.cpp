// Data verification of the commands of a queue pair.
#include "driver/controller_core.h"
#include "driver/qpair.h"
#include "platform/error.h"
#include "spec/opcode.h"

namespace doorbell::driver {

/// Stamps change the data, and its guard with it: what the host computed would fit no more.
void Qpair::throwUnlessStampable(const spec::Sqe& sqe) const {
  constexpr std::uint32_t kPract = 1U << 29U;
  constexpr std::uint32_t kCheckGuard = 1U << 28U;
  const auto opcode = static_cast<spec::NvmOpcode>(sqe.opcode);
  const bool stamped = opcode == spec::NvmOpcode::Write || opcode == spec::NvmOpcode::Compare;
  if (qid_ == 0 || !stamped || (sqe.cdw12 & (kPract | kCheckGuard)) != kCheckGuard) return;
  Verifiers verifiers;
  core_->findVerifiers(sqe.nsid, verifiers);
  for (const auto& verifier : verifiers) {
    if (!verifier->options().guarded) continue;
    throw Error("NOT_SUPPORTED",
                "data verification stamps the blocks it writes, so that a guard of the host's own "
                "does not fit them: let the controller compute it (PRACT), do not have it checked, "
                "or switch verification off");
  }
}

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
