// The half of Controller for commands that complete later, or not as they should: injected faults,
// modelled time, work that goes on after the command was taken.
#include <algorithm>
#include <array>

#include "emulator/admin/work_commands.h"
#include "emulator/commands.h"
#include "emulator/controller.h"
#include "emulator/faults/mishandle.h"
#include "emulator/logs/events.h"
#include "emulator/nvm/change_blocks.h"

namespace doorbell::emulator {

using platform::CutMoment;

namespace {

/// What an I/O command takes longer: not throttled, lightly, heavily (NVMe Base 2.0, "Host
/// Controlled Thermal Management").
constexpr std::array<std::uint64_t, 3> kThrottledNs{0, 50'000, 500'000};

}  // namespace

/// Faults because of which the command is not executed, nor any after it.
bool Controller::endsBefore(const FaultEffects& effects) noexcept {
  if (effects.fatal) {
    fail();
    return true;
  }
  const bool cut = effects.cut && effects.cut->moment == CutMoment::Before;
  if (effects.removal || cut) {
    state_.vanish(effects.removal ? SelfLoss::Removed : SelfLoss::PowerLost);
  }
  return effects.removal || cut;
}

Controller::Ending Controller::executeLate(Command& command, const Outcome* decided,
                                           std::uint64_t notBefore) noexcept {
  FaultEffects effects;
  if (state_.faults.armed()) effects = state_.faults.take(command.sq.id, command.sqe);
  if (endsBefore(effects)) return {};
  const bool cut = effects.cut.has_value();
  if (cut && effects.cut->moment == CutMoment::BetweenBlocks) {
    command.blocksBeforeCut = effects.cut->blocks;
  }
  const bool midProgram = cut && effects.cut->moment == CutMoment::MidProgram;
  command.late = state_.timing != nullptr || effects.delayNs != 0 || midProgram;
  // I/O wakes the controller; it begins when the power state's exit latency is over.
  const std::uint64_t arrived = nowNs();
  const bool asleep = command.sq.id != 0 && state_.power.rests();
  const std::uint64_t now = asleep ? state_.power.serve(arrived) : arrived;
  const std::uint64_t throttledNs =
      command.sq.id == 0 ? 0 : kThrottledNs[state_.thermal.throttling()];
  command.late = command.late || now > arrived || notBefore != 0 || throttledNs != 0;
  Outcome outcome = effects.status       ? Outcome{.status = *effects.status}
                    : decided != nullptr ? *decided
                                         : execute(command);
  if (effects.any) mishandle(command, effects, outcome);
  const bool works = outcome.dueNs == kWhenWorkIsOver;
  if (cut && (!works || midProgram)) {
    state_.vanish(SelfLoss::PowerLost);
    return {};
  }
  // An injected status without More leaves no entry in the Error Information log.
  const bool logged = !effects.status || effects.status->more();
  if (!outcome.status.ok() && logged) recordError(command, outcome);
  if (outcome.held) return {};
  std::uint64_t due = outcome.dueNs;
  if (state_.timing != nullptr) due = std::max(due, state_.timing->endOf(command, outcome, now));
  if (now > arrived) due = std::max(due, now);
  due = std::max(due, notBefore);
  const std::uint64_t longer = throttledNs + (works ? 0 : effects.delayNs);
  if (longer != 0) due = std::max(due, now) + longer;
  const HeldCommand held{.dueNs = due,
                         .sqid = command.sq.id,
                         .cid = command.sqe.cid,
                         .outcome = outcome,
                         .faults = effects.completion,
                         .isAbort = isAbort(command),
                         .durable = command.durable,
                         .delayNs = effects.delayNs,
                         .cut = cut};
  if (due != 0) {
    command.shard.held.hold(held);
  } else {
    completeHeld(command.shard, held);
  }
  return {.good = outcome.status.ok(), .ns = std::max(due, now)};
}

/// Completes what is due. Of a full completion queue it tries again a little later.
bool Controller::completeDue(Shard& shard) noexcept {
  constexpr std::uint64_t kRetryNs = 5000;
  const std::uint64_t now = nowNs();
  if (shard.held.dueNs() > now) return false;
  const IovaTable::Pass pass(state_.dma, shard.index);
  while (shard.held.dueNs() <= now && state_.running.load(std::memory_order_relaxed)) {
    HeldCommand held = shard.held.takeNext();
    const SubmissionQueue& sq = state_.queues.sq(held.sqid);
    if (!sq.exists()) continue;
    if (roomIn(shard, sq.cqid)) {
      completeHeld(shard, held);
    } else {
      held.dueNs = now + kRetryNs;
      shard.held.hold(held);
    }
  }
  return true;
}

void Controller::completeHeld(Shard& shard, const HeldCommand& held) noexcept {
  makeDurable(state_.subsystem, held.durable);
  if (held.faults.drop) return;
  const std::uint16_t cqid = held.faults.cqid.value_or(state_.queues.sq(held.sqid).cqid);
  const bool foreign = cqid < kQueues && state_.queues.shardOf(cqid) != shard.index;
  if (!foreign || state_.gate.closedBy(shard.index)) return postHeld(held);
  const std::uint32_t generation = state_.generation;
  state_.gate.close(shard.index);  // only the shard of a CQ may post there while others run
  if (generation == state_.generation && active()) postHeld(held);
  state_.gate.open(shard.index);
}

void Controller::postHeld(const HeldCommand& held) noexcept {
  const SubmissionQueue& sq = state_.queues.sq(held.sqid);
  const CompletionFaults& faults = held.faults;
  std::uint16_t cqid = faults.cqid.value_or(sq.cqid);
  if (cqid >= kQueues || !state_.queues.cq(cqid).exists()) cqid = sq.cqid;
  CompletionQueue& cq = state_.queues.cq(cqid);
  spec::Cqe cqe;
  cqe.dw0 = held.outcome.dw0;
  cqe.dw1 = held.outcome.dw1;
  cqe.sqHead = static_cast<std::uint16_t>(faults.headOutOfRange ? sq.size : sq.head);
  cqe.sqId = faults.sqId.value_or(sq.id);
  cqe.cid = faults.cid.value_or(held.cid);
  cqe.statusPhase = static_cast<std::uint16_t>(held.outcome.status.raw << 1U);
  const unsigned copies = faults.duplicate ? 2 : 1;
  // Its own shard may not have looked at the head for long.
  Shard& shard = *shards_[state_.queues.shardOf(cqid)];
  for (unsigned i = 0; i < copies && roomIn(shard, cqid); ++i) post(cq, cqe, faults.stalePhase);
  announce(shard, cq);
}

void Controller::endHeldOf(std::uint16_t sqid) noexcept {
  for (const auto& shard : shards_) {
    while (const auto held = shard->held.takeOf(sqid)) {
      if (!roomIn(*shard, state_.queues.sq(sqid).cqid)) continue;
      postHeld({.sqid = sqid,
                .cid = held->cid,
                .outcome = {.status = spec::status::kAbortedSqDeletion}});
    }
  }
}

void Controller::tick(const Shard& shard, std::uint64_t now) noexcept {
  Background& background = state_.subsystem.background();
  if (shard.index != 0 || background.nextDue() > now) return;
  if (state_.shardCount > 1) state_.gate.close(shard.index);
  background.tick(now);
  observeZones(state_);
  if (state_.shardCount > 1) state_.gate.open(shard.index);
}

bool Controller::useIdleTime(const Shard& shard) noexcept {
  bool merged = false;
  if (shard.index != 0) return false;
  state_.subsystem.namespaces().forEach(
      [&merged](Namespace& one) { merged = merged || one.media().mergePages(); });
  return merged;
}

std::uint64_t Controller::nextDue(const Shard& shard) const noexcept {
  std::uint64_t due = std::min(shard.held.dueNs(), shard.announceAtNs);
  if (shard.index == 0) due = std::min(due, state_.subsystem.background().nextDue());
  return due;
}

}  // namespace doorbell::emulator
