// The half of Controller that posts completion queue entries.
#include <algorithm>

#include "emulator/controller.h"
#include "emulator/logs/events.h"

namespace doorbell::emulator {

namespace {

constexpr std::uint32_t distance(std::uint32_t from, std::uint32_t to, std::uint32_t size) {
  return to >= from ? to - from : to + size - from;
}

}  // namespace

/// Takes over the CQ head doorbell. It may only move over entries that were posted.
void Controller::acceptHead(Shard& shard, std::uint16_t cqid) noexcept {
  CompletionQueue& cq = state_.queues.cq(cqid);
  const std::uint32_t rung = state_.doorbells.cqHead(cqid);
  if (rung == cq.head) return;
  if (rung < cq.size && distance(cq.head, rung, cq.size) <= cq.used()) {
    cq.head = rung;
    return;
  }
  state_.doorbells.rejectCqHead(cqid, rung, cq.head);
  uncausedError(shard, spec::ErrorEvent::InvalidDoorbellValue);
}

bool Controller::roomIn(Shard& shard, std::uint16_t cqid) noexcept {
  const CompletionQueue& cq = state_.queues.cq(cqid);
  if (!cq.full()) return true;
  acceptHead(shard, cqid);
  return !cq.full();
}

/// The entry is in the host's memory once the shard's completions are flushed.
void Controller::complete(Shard& shard, const SubmissionQueue& sq, std::uint16_t cid,
                          const Outcome& outcome) noexcept {
  spec::Cqe cqe;
  cqe.dw0 = outcome.dw0;
  cqe.dw1 = outcome.dw1;
  cqe.sqHead = static_cast<std::uint16_t>(sq.head);
  cqe.sqId = sq.id;
  cqe.cid = cid;
  cqe.statusPhase = static_cast<std::uint16_t>(outcome.status.raw << 1U);
  CompletionQueue& cq = state_.queues.cq(sq.cqid);
  if (std::byte* slot = nextSlot(cq, cqe, cq.phase)) shard.completions.add(slot, cqe);
}

/// A stale phase tag makes the entry look like one of the round before.
void Controller::post(CompletionQueue& cq, spec::Cqe cqe, bool stalePhase) noexcept {
  std::byte* slot = nextSlot(cq, cqe, cq.phase != stalePhase);
  if (slot != nullptr) CompletionLine::publish(slot, cqe);
}

/// Where the next entry goes, which gets its phase tag; null when it has no place in memory.
std::byte* Controller::nextSlot(CompletionQueue& cq, spec::Cqe& cqe, bool phase) noexcept {
  std::byte* slot = state_.dma.at(cq.memory.at(std::uint64_t{cq.tail} * sizeof(spec::Cqe)));
  if (slot == nullptr) {
    fail();
    return nullptr;
  }
  if (phase) cqe.statusPhase |= 1U;
  cq.advanceTail();
  return slot;
}

/// The host acknowledges entries by its head doorbell, which is only looked at when room is needed.
bool Controller::completionsWait() const noexcept {
  if (!state_.running.load()) return false;
  for (std::uint32_t qid = 0; qid < kQueues; ++qid) {
    const CompletionQueue& cq = state_.queues.cq(qid);
    if (cq.exists() && cq.interrupts && state_.doorbells.cqHead(qid) != cq.tail) return true;
  }
  return false;
}

/// Whichever comes first: entries enough, or the time since the first of them (NVMe Base 2.0,
/// "Interrupt Coalescing"). The admin queue does not take part.
void Controller::announceLater(Shard& shard, CompletionQueue& cq) noexcept {
  const Features& features = state_.features;
  const bool admin = &cq == &state_.queues.cq(0);
  if (admin || features.coalescingDisabled(cq.vector) ||
      cq.posted - cq.announced >= features.coalescingEntries()) {
    cq.announced = cq.posted;
    cq.announceAtNs = kNever;
    state_.interrupts.signal(cq.vector);
    return;
  }
  if (cq.announceAtNs != kNever) return;
  cq.announceAtNs = nowNs() + features.coalescingNs();
  shard.announceAtNs = std::min(shard.announceAtNs, cq.announceAtNs);
}

bool Controller::announceDue(Shard& shard) noexcept {
  const std::uint64_t now = nowNs();
  if (now < shard.announceAtNs) return false;
  shard.announceAtNs = kNever;
  for (std::uint32_t qid = 1; qid < kQueues; ++qid) {
    CompletionQueue& cq = state_.queues.cq(qid);
    if (state_.queues.shardOf(qid) != shard.index) continue;
    if (!cq.exists() || cq.announceAtNs == kNever) continue;
    if (now < cq.announceAtNs) {
      shard.announceAtNs = std::min(shard.announceAtNs, cq.announceAtNs);
      continue;
    }
    cq.announced = cq.posted;
    cq.announceAtNs = kNever;
    state_.interrupts.signal(cq.vector);
  }
  return true;
}

}  // namespace doorbell::emulator
