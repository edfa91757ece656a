// The half of Controller that runs for every command: no allocation, lock, system call or virtual
// call.
#include <cstring>
#include <span>

#include "emulator/commands.h"
#include "emulator/controller.h"
#include "emulator/logs/events.h"

namespace doorbell::emulator {

namespace {

constexpr std::uint8_t kFuse = 0x03;

}  // namespace

bool Controller::poll(Shard& shard) noexcept {
  if (!active()) return false;
  bool worked = !shard.held.empty() && completeDue(shard);
  if (shard.announceAtNs != kNever) worked |= announceDue(shard);
  if (state_.weighted) [[unlikely]] {
    worked |= serveByPriority(shard);
  } else {
    const std::uint32_t burst = state_.features.arbitrationBurst();
    for (std::uint32_t i = 0; i < state_.queues.served(shard.index); ++i) {
      worked |= serve(shard, state_.queues.servedAt(shard.index, i), burst) != 0;
    }
  }
  if (shard.index != 0) return worked;
  if (state_.mail.any()) {
    const IovaTable::Pass pass(state_.dma, 0);
    readMail();
  }
  if (state_.events.ready()) worked |= answerEvents();
  return worked;
}

inline void Controller::perform(Command& command, SubmissionQueue& sq) noexcept {
  if ((command.sqe.flags & kFuse) == 0 && plain()) [[likely]] {
    finish(command, execute(command));
    return;
  }
  // What came before is complete whatever becomes of this one.
  command.shard.completions.flush();
  if ((command.sqe.flags & kFuse) != 0) {
    executeFused(command, sq);
  } else {
    executeLate(command, nullptr);
  }
}

/// Weighted Round Robin with Urgent Priority Class, among the queues of the shard.
bool Controller::serveByPriority(Shard& shard) noexcept {
  const Features& features = state_.features;
  return state_.queues.arbiter(shard.index)
      .round(features.arbitrationWeights(), [this, &shard](std::uint16_t qid, std::uint32_t most) {
        // The admin queue is the first shard's. A round goes on when its controller stopped.
        const bool mine = qid != 0 || shard.index == 0;
        if (!mine || !state_.running.load(std::memory_order_relaxed)) return 0U;
        return serve(shard, state_.queues.sq(qid), most);
      });
}

/// Fetches and executes up to `most` commands; says how many it did.
std::uint32_t Controller::serve(Shard& shard, SubmissionQueue& sq, std::uint32_t most) noexcept {
  if (!acceptTail(shard, sq) || !roomIn(shard, sq.cqid)) return 0;
  CompletionQueue& cq = state_.queues.cq(sq.cqid);
  const std::uint64_t posted = cq.posted;
  const IovaTable::Pass pass(state_.dma, shard.index);
  const std::uint32_t taken = take(shard, sq, most);
  shard.completions.flush();
  const bool running = state_.running.load(std::memory_order_relaxed);
  if (running && cq.posted != posted) announce(shard, cq);
  return taken;
}

std::uint32_t Controller::take(Shard& shard, SubmissionQueue& sq, std::uint32_t most) noexcept {
  const std::uint16_t cqid = sq.cqid;
  const std::uint32_t generation = state_.generation;
  std::uint32_t taken = 0;
  while (taken < most && sq.head != sq.tail) {
    if (!roomIn(shard, cqid) || shard.held.full(sq.id) || state_.gate.closed()) break;
    const std::byte* slot = state_.dma.at(sq.nextEntry());
    if (slot == nullptr) {
      fail();
      break;
    }
    ++taken;
    spec::Sqe sqe;
    std::memcpy(&sqe, slot, sizeof(sqe));
    sq.head = sq.head + 1 == sq.size ? 0 : sq.head + 1;
    if (sq.head != sq.tail) foresee(shard, sq);
    Command command{sqe, sq, state_, shard};
    if (state_.shardCount > 1 && runsAlone(command)) [[unlikely]] {
      executeAlone(command, sq);
    } else {
      perform(command, sq);
    }
    if (!state_.running.load(std::memory_order_relaxed)) break;
    // At the gate others had their turn: the queue may be gone, or another of the same identifier.
    if (generation != state_.generation) [[unlikely]]
      break;
  }
  return taken;
}

/// Brings the blocks of the next command nearer, while the one before it is executed.
inline void Controller::foresee(const Shard& shard, const SubmissionQueue& sq) noexcept {
  const std::byte* slot = state_.dma.at(sq.nextEntry());
  if (slot == nullptr || sq.id == 0) return;
  spec::Sqe sqe;
  std::memcpy(&sqe, slot, sizeof(sqe));
  const Namespace* ns = state_.active(sqe.nsid);
  if (ns == nullptr) return;
  const std::uint64_t slba = (std::uint64_t{sqe.cdw11} << 32U) | sqe.cdw10;
  if (slba < ns->blocks()) ns->foresee(sqe.opcode, slba, shard.index);
}

/// Takes over the SQ tail doorbell; true when there are entries to fetch.
bool Controller::acceptTail(Shard& shard, SubmissionQueue& sq) noexcept {
  const std::uint32_t rung = state_.doorbells.sqTail(sq.id);
  if (rung != sq.tail) {
    if (rung < sq.size) {
      sq.tail = rung;
    } else {
      state_.doorbells.rejectSqTail(sq.id, rung, sq.tail);
      uncausedError(shard, spec::ErrorEvent::InvalidDoorbellValue);
    }
  }
  return sq.head != sq.tail;
}

/// While the other shards wait. What was reset or deleted before they did never happens.
void Controller::executeAlone(Command& command, SubmissionQueue& sq) noexcept {
  const std::uint32_t generation = state_.generation;
  const unsigned shard = command.shard.index;
  command.shard.completions.flush();
  state_.gate.close(shard);
  if (generation == state_.generation && active()) {
    perform(command, sq);
    for (Shard* other : std::span(state_.shards.data(), state_.shardCount)) other->wake();
  }
  state_.gate.open(shard);
}

Outcome Controller::execute(Command& command) noexcept {
  const spec::Sqe& sqe = command.sqe;
  const bool admin = command.sq.id == 0;
  if (admin && state_.mail.any()) readMail();
  if (sqe.flags != 0) [[unlikely]] {
    // PRPs shall be used for all admin commands of memory-based controllers; PSDT 11b is reserved.
    const auto psdt = spec::psdtOf(sqe);
    if (psdt > (admin ? spec::Psdt::Prp : spec::Psdt::SglMetadata)) {
      return refused(spec::status::kInvalidField, at::kFlags, 6);
    }
  }
  return admin ? executeAdmin(command) : executeNvm(command);
}

void Controller::finish(Command& command, Outcome outcome) noexcept {
  if (!outcome.status.ok()) recordError(command, outcome);
  if (outcome.held) return;
  if (outcome.dueNs != 0) [[unlikely]] {
    command.shard.held.hold({.dueNs = outcome.dueNs,
                             .sqid = command.sq.id,
                             .cid = command.sqe.cid,
                             .outcome = outcome,
                             .isAbort = isAbort(command)});
    return;
  }
  complete(command.shard, command.sq, command.sqe.cid, outcome);
}

}  // namespace doorbell::emulator
