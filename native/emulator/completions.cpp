// The half of Controller that posts completion queue entries.
#include <array>
#include <atomic>
#include <bit>

#include "emulator/controller.h"

namespace doorbell::emulator {

namespace {

constexpr std::uint32_t distance(std::uint32_t from, std::uint32_t to, std::uint32_t size) {
  return to >= from ? to - from : to + size - from;
}

/// The second half carries the phase tag: the host may look only once it sees it.
void publish(std::byte* slot, const spec::Cqe& cqe) noexcept {
  const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(cqe);
  auto* target = reinterpret_cast<std::uint64_t*>(slot);
  std::atomic_ref(target[0]).store(halves[0], std::memory_order_relaxed);
  std::atomic_ref(target[1]).store(halves[1], std::memory_order_release);
}

}  // namespace

/// Takes over the CQ head doorbell. It may only move over entries that were posted.
void Controller::acceptHead(std::uint16_t cqid) noexcept {
  CompletionQueue& cq = state_.queues.cq(cqid);
  const std::uint32_t rung = state_.doorbells.cqHead(cqid);
  if (rung == cq.head) return;
  if (rung < cq.size && distance(cq.head, rung, cq.size) <= cq.used()) {
    cq.head = rung;
    return;
  }
  state_.doorbells.rejectCqHead(cqid, rung, cq.head);
  invalidDoorbell(spec::ErrorEvent::InvalidDoorbellValue);
}

bool Controller::roomIn(std::uint16_t cqid) noexcept {
  const CompletionQueue& cq = state_.queues.cq(cqid);
  if (!cq.full()) return true;
  acceptHead(cqid);
  return !cq.full();
}

void Controller::complete(const SubmissionQueue& sq, std::uint16_t cid,
                          const Outcome& outcome) noexcept {
  spec::Cqe cqe;
  cqe.dw0 = outcome.dw0;
  cqe.sqHead = static_cast<std::uint16_t>(sq.head);
  cqe.sqId = sq.id;
  cqe.cid = cid;
  cqe.statusPhase = static_cast<std::uint16_t>(outcome.status.raw << 1U);
  post(state_.queues.cq(sq.cqid), cqe, false);
}

/// The phase tag is set here. A stale one makes the entry look like one of the round before.
void Controller::post(CompletionQueue& cq, spec::Cqe cqe, bool stalePhase) noexcept {
  std::byte* slot = state_.dma.at(cq.base + std::uint64_t{cq.tail} * sizeof(spec::Cqe));
  if (slot == nullptr) {
    fail();
    return;
  }
  if (cq.phase != stalePhase) cqe.statusPhase |= 1U;
  publish(slot, cqe);
  cq.advanceTail();
}

}  // namespace doorbell::emulator
