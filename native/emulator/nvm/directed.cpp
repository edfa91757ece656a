// Commands with a Directive (NVMe Base 2.0, "Directives", "Streams"): DTYPE and DSPEC of writes.
#include "emulator/nvm/directed.h"

#include "emulator/commands.h"
#include "spec/directive.h"
#include "spec/opcode.h"
#include "spec/zone.h"

namespace doorbell::emulator {

namespace {

constexpr unsigned kTypeShift = 20;
constexpr unsigned kSpecificShift = 16;  ///< in CDW13

/// Commands that have the field; to others its bits are reserved.
bool takesDirective(const Command& command) noexcept {
  if (command.ns == nullptr) return false;
  switch (static_cast<spec::NvmOpcode>(command.sqe.opcode)) {
    case spec::NvmOpcode::Write:
    case spec::NvmOpcode::Copy:
      return true;
    default:
      break;
  }
  return command.sqe.opcode == static_cast<std::uint8_t>(spec::ZonedOpcode::ZoneAppend) &&
         command.ns->zoned() != nullptr;
}

}  // namespace

Outcome executeDirected(Command& command) noexcept {
  if (!takesDirective(command)) return executeAnyBlocks(command);
  AdminWork& work = command.subsystem().admin();
  const std::uint32_t nsid = command.ns->nsid();
  const auto type = static_cast<spec::DirectiveType>((command.sqe.cdw12 >> kTypeShift) & 0xfU);
  if (type != spec::DirectiveType::Streams || !work.directives.streamsEnabled(nsid)) {
    return refused(spec::status::kInvalidField, at::kCdw12 + 2, 4);
  }
  const auto stream = static_cast<std::uint16_t>(command.sqe.cdw13 >> kSpecificShift);
  Outcome outcome = executeAnyBlocks(command);
  // Stream identifiers begin with 1: 0 is a write to none.
  if (outcome.status.ok() && stream != 0) {
    const std::lock_guard lock(work.streams);
    work.directives.use(nsid, stream);
  }
  return outcome;
}

}  // namespace doorbell::emulator
