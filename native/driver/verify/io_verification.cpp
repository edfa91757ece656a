#include "driver/verify/io_verification.h"

#include "spec/status.h"

namespace doorbell::driver {

bool IoVerification::begin(std::uint16_t cid, const IoPattern::Next& next,
                           std::span<std::byte> data) noexcept {
  if (!locks_.take(cid, next.slba, next.blocks, !next.read)) return false;
  issued_[cid] = {next, data, 0};
  if (next.read) {
    issued_[cid].began = verifier_->beginRead();
  } else {
    (void)verifier_->beginWrite(next.slba, data);
  }
  return true;
}

std::optional<DataMismatch> IoVerification::end(const Completion& completion) noexcept {
  // The device may still do it: the blocks stay locked.
  if (completion.outcome == evidence::Outcome::TimedOut) return std::nullopt;
  const Issued& issued = issued_[completion.cid];
  const bool done = completion.outcome == evidence::Outcome::Completed &&
                    spec::Status{completion.cqe.status()}.ok();
  locks_.release(completion.cid);
  if (!issued.next.read) {
    verifier_->endWrite(issued.next.slba, issued.next.blocks, done, false);
    return std::nullopt;
  }
  if (!done) return std::nullopt;
  return verifier_->endRead(issued.next.slba, issued.data, issued.began);
}

}  // namespace doorbell::driver
