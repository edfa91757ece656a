// The half of Controller for fused operations: Compare and Write (NVMe Base 2.0, "Fused
// Operation"). Both entries are next to each other in one submission queue and came with one
// doorbell; each has its completion.
#include <cstring>

#include "emulator/commands.h"
#include "emulator/controller.h"
#include "emulator/nvm/limits.h"
#include "spec/opcode.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

enum class Fuse : std::uint8_t { None = 0, First = 1, Second = 2 };

constexpr Fuse fuseOf(const spec::Sqe& sqe) { return static_cast<Fuse>(sqe.flags & 3U); }

constexpr bool isOpcode(const spec::Sqe& sqe, spec::NvmOpcode opcode) {
  return sqe.opcode == static_cast<std::uint8_t>(opcode);
}

constexpr bool sameBlocks(const spec::Sqe& a, const spec::Sqe& b) {
  return a.nsid == b.nsid && a.cdw10 == b.cdw10 && a.cdw11 == b.cdw11 &&
         (a.cdw12 & 0xffffU) == (b.cdw12 & 0xffffU);
}

/// Why the pair cannot run as one.
Outcome checkPair(const Command& first, const Command& second) noexcept {
  if (!isOpcode(first.sqe, spec::NvmOpcode::Compare) ||
      !isOpcode(second.sqe, spec::NvmOpcode::Write)) {
    return refused(status::kInvalidField, at::kFlags);
  }
  if (!sameBlocks(first.sqe, second.sqe)) return refused(status::kInvalidField, at::kCdw10);
  const Namespace* ns = first.state.active(first.sqe.nsid);
  if (ns != nullptr && (first.sqe.cdw12 & 0xffffU) >= nvm_limits::atomicBlocks(ns->format())) {
    return refused(status::kAtomicWriteUnitExceeded, at::kCdw12);
  }
  return done();
}

}  // namespace

void Controller::executeFused(Command& first, SubmissionQueue& sq) noexcept {
  if (sq.id == 0 || (first.sqe.flags & 3U) == 3U) {
    return finish(first, refused(status::kInvalidField, at::kFlags));
  }
  if (fuseOf(first.sqe) == Fuse::Second || !acceptTail(first.shard, sq)) {
    return finish(first, Outcome{.status = status::kMissingFused});
  }
  const std::byte* slot = state_.dma.at(sq.nextEntry());
  if (slot == nullptr) return fail();
  spec::Sqe sqe;
  std::memcpy(&sqe, slot, sizeof(sqe));
  // What follows is a command of its own, and has its turn.
  if (fuseOf(sqe) != Fuse::Second) return finish(first, Outcome{.status = status::kMissingFused});
  sq.head = sq.head + 1 == sq.size ? 0 : sq.head + 1;
  Command second{sqe, sq, state_, first.shard};
  executePair(first, second);
}

/// A Compare that fails keeps its Write from happening.
void Controller::executePair(Command& compare, Command& write) noexcept {
  const Outcome unfit = checkPair(compare, write);
  if (unfit.status == status::kAtomicWriteUnitExceeded.withDnr() || unfit.status.ok()) {
    Outcome compared = unfit.status.ok() ? execute(compare) : unfit;
    const bool equal = compared.status.ok();
    finish(compare, compared);
    if (state_.running.load(std::memory_order_relaxed)) {
      finishSecond(write, equal ? execute(write) : Outcome{.status = status::kFailedFused});
    }
    return;
  }
  finish(compare, unfit);
  finishSecond(write, unfit);
}

/// The completion queue had room for one; where it has none for the other, that one waits.
void Controller::finishSecond(Command& command, Outcome outcome) noexcept {
  if (!roomIn(command.shard, command.sq.cqid)) outcome.dueNs = nowNs();
  finish(command, outcome);
}

}  // namespace doorbell::emulator
