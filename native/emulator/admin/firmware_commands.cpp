// Firmware Image Download and Firmware Commit.
#include "emulator/admin/work_commands.h"
#include "emulator/commands.h"
#include "emulator/logs/history.h"

namespace doorbell::emulator {

Outcome firmwareImageDownload(Command& command) noexcept {
  AdminWork& work = command.subsystem().admin();
  FirmwareStore& firmware = work.firmware;
  if (work.commit.inProgress()) return {.status = spec::status::kCommandSequenceError};
  const std::uint64_t bytes = (std::uint64_t{command.sqe.cdw10} + 1) * 4;
  const std::uint64_t offset = std::uint64_t{command.sqe.cdw11} * 4;
  if (const auto bad = firmware.checkPiece(offset, bytes); !bad.status.ok()) return bad;
  if (const auto bad = command.resolve(bytes); !bad.status.ok()) return bad;
  const auto piece = firmware.piece(offset, bytes);
  command.buffer().read(piece.data(), piece.size());
  return done();
}

namespace {

/// A command that did nothing is in the Persistent Event Log, too.
Outcome recorded(Command& command, const Outcome& outcome) noexcept {
  const auto running = command.subsystem().admin().firmware.revision();
  recordFirmwareCommit(command.state, command.sqe.cdw10, running, {}, outcome.status);
  return outcome;
}

}  // namespace

Outcome firmwareCommit(Command& command) noexcept {
  AdminWork& work = command.subsystem().admin();
  // One at a time: the second would work on what the first has not finished.
  if (work.commit.inProgress()) {
    return recorded(command, {.status = spec::status::kCommandSequenceError});
  }
  const FirmwareStore::Plan plan = work.firmware.plan(command.sqe.cdw10);
  if (plan.slot == 0) {
    work.firmware.carryOut(plan);
    return recorded(command, plan.outcome);
  }
  work.commit.start(plan, command.sqe);
  return completesWithWork(plan.outcome);
}

}  // namespace doorbell::emulator
