// The half of Controller that runs when something went wrong, and Asynchronous Event Requests.
#include "emulator/controller.h"
#include "emulator/logs/events.h"

namespace doorbell::emulator {

void Controller::recordError(const Command& command, Outcome& outcome) noexcept {
  outcome.status = outcome.status.withMore();
  spec::ErrorLogEntry entry;
  entry.errorCount = ++state_.subsystem.counters().errorCount;
  entry.sqId = command.sq.id;
  entry.cid = command.sqe.cid;
  entry.statusPhase = static_cast<std::uint16_t>(outcome.status.raw << 1U);
  entry.parameterErrorLocation = outcome.location;
  entry.lba = outcome.lba;
  entry.nsid = command.sqe.nsid;
  entry.opcode = command.sqe.opcode;
  entry.logPageVersion = 1;
  state_.errors.add(entry);
  state_.hostMemory.add(entry);
}

bool Controller::answerEvents() noexcept {
  SubmissionQueue& admin = state_.queues.sq(0);
  bool answered = false;
  const IovaTable::Pass pass(state_.dma);
  while (state_.events.ready() && roomIn(0)) {
    const auto answer = state_.events.next();
    complete(admin, answer->cid, {.status = answer->status, .dw0 = answer->dw0});
    if (!active()) return true;
    answered = true;
  }
  if (answered) state_.interrupts.signal(state_.queues.cq(0).vector);
  return answered;
}

bool Controller::patrol(Shard& shard) noexcept {
  if (!active()) return false;
  observeHealth(state_);
  for (std::uint16_t qid = 0; qid < kQueues; ++qid) {
    if (state_.queues.cq(qid).exists()) acceptHead(qid);
  }
  const bool stray = state_.doorbells.takeStray([this](std::uint32_t index) {
    const std::uint32_t qid = index / 2;
    if (qid >= kQueues) return false;
    return index % 2 == 0 ? state_.queues.sq(qid).exists() : state_.queues.cq(qid).exists();
  });
  if (stray) reportError(state_, spec::ErrorEvent::InvalidDoorbellRegister);
  return poll(shard);
}

}  // namespace doorbell::emulator
