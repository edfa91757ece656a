#include "emulator/commands.h"
#include "emulator/nvm/directed.h"
#include "emulator/nvm/guards.h"
#include "emulator/zns/zoned_commands.h"
#include "spec/opcode.h"
#include "spec/zone.h"

namespace doorbell::emulator {

Outcome executeBlocks(Command& command) noexcept {
  switch (static_cast<spec::NvmOpcode>(command.sqe.opcode)) {
    case spec::NvmOpcode::Read:
      return read(command);
    case spec::NvmOpcode::Write:
      return write(command);
    case spec::NvmOpcode::Compare:
      return compare(command);
    case spec::NvmOpcode::Verify:
      return verify(command);
    case spec::NvmOpcode::WriteUncorrectable:
      return writeUncorrectable(command);
    case spec::NvmOpcode::WriteZeroes:
      return writeZeroes(command);
    case spec::NvmOpcode::DatasetManagement:
      return datasetManagement(command);
    case spec::NvmOpcode::Flush:
      return flush(command);
    case spec::NvmOpcode::Copy:
      return copy(command);
    case spec::NvmOpcode::ReservationRegister:
      return reservationRegister(command);
    case spec::NvmOpcode::ReservationReport:
      return reservationReport(command);
    case spec::NvmOpcode::ReservationAcquire:
      return reservationAcquire(command);
    case spec::NvmOpcode::ReservationRelease:
      return reservationRelease(command);
    default:
      break;
  }
  return refused(spec::status::kInvalidOpcode, at::kOpcode);
}

namespace {

/// Is there such a command? Whether its NSID is any good comes second.
bool known(std::uint8_t opcode) noexcept {
  switch (static_cast<spec::NvmOpcode>(opcode)) {
    case spec::NvmOpcode::Read:
    case spec::NvmOpcode::Write:
    case spec::NvmOpcode::Compare:
    case spec::NvmOpcode::Verify:
    case spec::NvmOpcode::WriteUncorrectable:
    case spec::NvmOpcode::WriteZeroes:
    case spec::NvmOpcode::DatasetManagement:
    case spec::NvmOpcode::Flush:
    case spec::NvmOpcode::Copy:
    case spec::NvmOpcode::ReservationRegister:
    case spec::NvmOpcode::ReservationReport:
    case spec::NvmOpcode::ReservationAcquire:
    case spec::NvmOpcode::ReservationRelease:
      return true;
    default:
      break;
  }
  switch (static_cast<spec::ZonedOpcode>(opcode)) {
    case spec::ZonedOpcode::ZoneManagementSend:
    case spec::ZonedOpcode::ZoneManagementReceive:
    case spec::ZonedOpcode::ZoneAppend:
      return true;
  }
  return false;
}

/// May the command touch a namespace that is write protected or reserved?
Outcome guard(const Command& command) noexcept {
  constexpr std::uint32_t kDeallocate = 1U << 2U;
  switch (static_cast<spec::NvmOpcode>(command.sqe.opcode)) {
    case spec::NvmOpcode::Read:
    case spec::NvmOpcode::Compare:
    case spec::NvmOpcode::Verify:
      return checkGuards(command, Access::Read, false);
    case spec::NvmOpcode::Flush:
      return checkGuards(command, Access::Write, false);
    case spec::NvmOpcode::DatasetManagement:
      return checkGuards(command, Access::Write, (command.sqe.cdw11 & kDeallocate) != 0);
    case spec::NvmOpcode::Write:
    case spec::NvmOpcode::WriteUncorrectable:
    case spec::NvmOpcode::WriteZeroes:
    case spec::NvmOpcode::Copy:
      return checkGuards(command, Access::Write, true);
    default:
      break;
  }
  switch (static_cast<spec::ZonedOpcode>(command.sqe.opcode)) {
    case spec::ZonedOpcode::ZoneManagementReceive:
      return checkGuards(command, Access::Read, false);
    case spec::ZonedOpcode::ZoneManagementSend:
    case spec::ZonedOpcode::ZoneAppend:
      return checkGuards(command, Access::Write, true);
  }
  return done();
}

}  // namespace

/// Every command runs with an active namespace, but those that take the broadcast NSID.
Outcome executeNvm(Command& command) noexcept {
  command.ns = command.state.active(command.sqe.nsid);
  if (command.ns == nullptr) [[unlikely]] {
    const std::uint8_t opcode = command.sqe.opcode;
    if (!known(opcode)) return refused(spec::status::kInvalidOpcode, at::kOpcode);
    const bool broadcast = command.sqe.nsid == spec::kBroadcastNsid &&
                           opcode == static_cast<std::uint8_t>(spec::NvmOpcode::Flush);
    if (!broadcast) return refusedNsid(command.sqe.nsid);
  } else if (command.ns->guarded()) [[unlikely]] {
    if (const auto bad = guard(command); !bad.status.ok()) return bad;
  }
  if (command.ns != nullptr && !command.ns->refusal().ok()) [[unlikely]] {
    // While it is formatted or sanitized. The host may try again later.
    if (command.sqe.opcode != static_cast<std::uint8_t>(spec::NvmOpcode::Flush)) {
      return {.status = command.ns->refusal()};
    }
  }
  if (namesDirective(command.sqe)) [[unlikely]]
    return executeDirected(command);
  return executeAnyBlocks(command);
}

Outcome executeAnyBlocks(Command& command) noexcept {
  const bool zoned = command.ns != nullptr && command.ns->zoned() != nullptr;
  return zoned ? executeZoned(command) : executeBlocks(command);
}

Outcome flush(Command& command) noexcept {
  if (command.ns != nullptr) {
    command.ns->flush();
  } else {
    command.subsystem().flushAll();
  }
  return done();
}

}  // namespace doorbell::emulator
