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

/// How the Write ends when its Compare did not succeed.
Outcome notAfter(const Outcome& unfit) noexcept {
  const bool pair = unfit.status.ok() || unfit.status == status::kAtomicWriteUnitExceeded.withDnr();
  return pair ? Outcome{.status = status::kFailedFused} : unfit;
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
    return refuse(first, refused(status::kInvalidField, at::kFlags));
  }
  if (fuseOf(first.sqe) == Fuse::Second || !acceptTail(first.shard, sq)) {
    return refuse(first, Outcome{.status = status::kMissingFused});
  }
  const std::byte* slot = state_.dma.at(sq.nextEntry());
  if (slot == nullptr) return fail();
  spec::Sqe sqe;
  std::memcpy(&sqe, slot, sizeof(sqe));
  // What follows is a command of its own, and has its turn.
  if (fuseOf(sqe) != Fuse::Second) return refuse(first, Outcome{.status = status::kMissingFused});
  sq.head = sq.head + 1 == sq.size ? 0 : sq.head + 1;
  Command second{sqe, sq, state_, first.shard};
  executePair(first, second);
}

/// Half a pair, or none: it is not executed.
void Controller::refuse(Command& command, const Outcome& outcome) noexcept {
  plain() ? finish(command, outcome) : static_cast<void>(executeLate(command, &outcome));
}

/// A Compare that fails keeps its Write from happening.
void Controller::executePair(Command& compare, Command& write) noexcept {
  const Outcome unfit = checkPair(compare, write);
  if (!plain()) return executePairLate(compare, write, unfit.status.ok() ? nullptr : &unfit);
  const Outcome compared = unfit.status.ok() ? execute(compare) : unfit;
  finish(compare, compared);
  if (!state_.running.load(std::memory_order_relaxed)) return;
  finishSecond(write, compared.status.ok() ? execute(write) : notAfter(unfit));
}

/// The same where faults act on each of the two, or they take time: the Write does not complete
/// before its Compare.
void Controller::executePairLate(Command& compare, Command& write, const Outcome* unfit) noexcept {
  const std::uint32_t generation = state_.generation;
  const Ending compared = executeLate(compare, unfit);
  if (generation != state_.generation || !state_.running.load(std::memory_order_relaxed)) return;
  const bool now = compared.ns <= nowNs() && roomIn(write.shard, write.sq.cqid);
  const Outcome failed = notAfter(unfit == nullptr ? done() : *unfit);
  executeLate(write, compared.good ? nullptr : &failed, now ? 0 : compared.ns);
}

/// The completion queue had room for one; where it has none for the other, that one waits.
void Controller::finishSecond(Command& command, Outcome outcome) noexcept {
  if (!roomIn(command.shard, command.sq.cqid)) outcome.dueNs = nowNs();
  finish(command, outcome);
}

}  // namespace doorbell::emulator
