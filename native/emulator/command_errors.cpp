// The half of Controller that runs when something went wrong, and Asynchronous Event Requests.
#include "emulator/controller.h"
#include "emulator/logs/events.h"

namespace doorbell::emulator {

void Controller::recordError(const Command& command, Outcome& outcome) noexcept {
  outcome.status = outcome.status.withMore();
  spec::ErrorLogEntry entry;
  entry.sqId = command.sq.id;
  entry.cid = command.sqe.cid;
  entry.statusPhase = static_cast<std::uint16_t>(outcome.status.raw << 1U);
  entry.parameterErrorLocation = outcome.location;
  entry.lba = outcome.lba;
  entry.nsid = command.sqe.nsid;
  entry.opcode = command.sqe.opcode;
  entry.logPageVersion = 1;
  entry.commandSpecific = outcome.specific;
  report(command.shard, {entry, std::nullopt});
}

/// The first shard keeps what went wrong; it reads its mail before every admin command.
void Controller::report(Shard& shard, const ErrorMail::Letter& letter) noexcept {
  if (shard.index == 0) return keep(letter);
  state_.mail.send(letter);
  if (letter.event) shards_[0]->wake();
}

void Controller::readMail() noexcept {
  state_.mail.readAll([this](const ErrorMail::Letter& letter) { keep(letter); });
}

void Controller::keep(const ErrorMail::Letter& letter) noexcept {
  spec::ErrorLogEntry entry = letter.entry;
  entry.errorCount = ++state_.subsystem.counters().errorCount;
  state_.errors.add(entry);
  if (letter.event) {
    raiseError(state_, *letter.event);
  } else {
    state_.hostMemory.add(entry);
  }
}

bool Controller::answerEvents() noexcept {
  SubmissionQueue& admin = state_.queues.sq(0);
  bool answered = false;
  const IovaTable::Pass pass(state_.dma, 0);
  while (state_.events.ready() && roomIn(*shards_[0], 0)) {
    const auto answer = state_.events.next();
    complete(*shards_[0], admin, answer->cid,
             {.status = answer->status, .dw0 = answer->dw0, .dw1 = answer->dw1});
    shards_[0]->completions.flush();
    if (!active()) return true;
    answered = true;
  }
  if (answered) state_.interrupts.signal(state_.queues.cq(0).vector);
  return answered;
}

/// Not the fault of a command: the entry names none.
void Controller::uncausedError(Shard& shard, spec::ErrorEvent kind) noexcept {
  spec::ErrorLogEntry entry;
  entry.sqId = 0xffff;
  entry.cid = 0xffff;
  entry.parameterErrorLocation = spec::kNoParameterLocation;
  report(shard, {entry, kind});
}

bool Controller::patrol(Shard& shard) noexcept {
  if (!active()) return false;
  if (shard.index == 0) observeHealth(state_);
  for (std::uint16_t qid = 0; qid < kQueues; ++qid) {
    const bool ours = state_.queues.shardOf(qid) == shard.index;
    if (ours && state_.queues.cq(qid).exists()) acceptHead(shard, qid);
  }
  const bool stray = state_.doorbells.takeStray([this](std::uint32_t index) {
    const std::uint32_t qid = index / 2;
    if (qid >= kQueues) return false;
    return index % 2 == 0 ? state_.queues.sq(qid).exists() : state_.queues.cq(qid).exists();
  });
  if (stray) uncausedError(shard, spec::ErrorEvent::InvalidDoorbellRegister);
  return poll(shard);
}

}  // namespace doorbell::emulator
