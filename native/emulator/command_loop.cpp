// The half of Controller that runs for every command: no allocation, lock, system call or virtual
// call.
#include <atomic>
#include <bit>
#include <cstring>

#include "emulator/commands.h"
#include "emulator/controller.h"

namespace doorbell::emulator {

namespace {

constexpr std::uint8_t kFuse = 0x03;

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

bool Controller::poll() noexcept {
  if (!running_ || !dmaAllowed_) return false;
  bool worked = false;
  for (std::uint32_t i = 0; i < state_.queues.served(); ++i) {
    worked |= serve(state_.queues.servedAt(i));
  }
  if (state_.events.ready()) worked |= answerEvents();
  return worked;
}

bool Controller::serve(SubmissionQueue& sq) noexcept {
  if (!acceptTail(sq) || !roomIn(sq.cqid)) return false;
  const std::uint16_t cqid = sq.cqid;
  const std::uint32_t burst = state_.features.arbitrationBurst();
  CompletionQueue& cq = state_.queues.cq(cqid);
  const std::uint64_t posted = cq.posted;
  const IovaTable::Pass pass(state_.dma);
  for (std::uint32_t taken = 0; taken < burst && sq.head != sq.tail; ++taken) {
    if (!roomIn(cqid)) break;
    const std::byte* slot = state_.dma.at(sq.base + std::uint64_t{sq.head} * sizeof(spec::Sqe));
    if (slot == nullptr) {
      fail();
      return true;
    }
    spec::Sqe sqe;
    std::memcpy(&sqe, slot, sizeof(sqe));
    sq.head = sq.head + 1 == sq.size ? 0 : sq.head + 1;
    Outcome outcome = execute(sq, sqe);
    if (!outcome.status.ok()) recordError(sq, sqe, outcome);
    if (!outcome.held) complete(sq, sqe.cid, outcome);
    if (!running_) return true;
  }
  if (cq.interrupts && cq.posted != posted) state_.interrupts.signal(cq.vector);
  return true;
}

/// Takes over the SQ tail doorbell; true when there are entries to fetch.
bool Controller::acceptTail(SubmissionQueue& sq) noexcept {
  const std::uint32_t rung = state_.doorbells.sqTail(sq.id);
  if (rung != sq.tail) {
    if (rung < sq.size) {
      sq.tail = rung;
    } else {
      state_.doorbells.rejectSqTail(sq.id, rung, sq.tail);
      invalidDoorbell(spec::ErrorEvent::InvalidDoorbellValue);
    }
  }
  return sq.head != sq.tail;
}

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

Outcome Controller::execute(const SubmissionQueue& sq, const spec::Sqe& sqe) noexcept {
  if (sqe.flags != 0) [[unlikely]] {
    if ((sqe.flags & kFuse) != 0) return refused(spec::status::kInvalidField, at::kFlags, 0);
    // PRPs shall be used for all admin commands of memory-based controllers; PSDT 11b is reserved.
    const auto psdt = spec::psdtOf(sqe);
    if (psdt > (sq.id == 0 ? spec::Psdt::Prp : spec::Psdt::SglMetadata)) {
      return refused(spec::status::kInvalidField, at::kFlags, 6);
    }
  }
  Command command{sqe, sq, state_, shard_};
  return sq.id == 0 ? executeAdmin(command) : executeNvm(command);
}

void Controller::complete(const SubmissionQueue& sq, std::uint16_t cid,
                          const Outcome& outcome) noexcept {
  CompletionQueue& cq = state_.queues.cq(sq.cqid);
  std::byte* slot = state_.dma.at(cq.base + std::uint64_t{cq.tail} * sizeof(spec::Cqe));
  if (slot == nullptr) {
    fail();
    return;
  }
  spec::Cqe cqe;
  cqe.dw0 = outcome.dw0;
  cqe.sqHead = static_cast<std::uint16_t>(sq.head);
  cqe.sqId = sq.id;
  cqe.cid = cid;
  cqe.statusPhase = static_cast<std::uint16_t>((outcome.status.raw << 1U) | (cq.phase ? 1U : 0U));
  publish(slot, cqe);
  cq.advanceTail();
}

}  // namespace doorbell::emulator
