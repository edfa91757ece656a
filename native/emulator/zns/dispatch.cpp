// What commands of the NVM Command Set may do in zones, and the commands zones have of their own.
#include "emulator/commands.h"
#include "emulator/nvm/block_range.h"
#include "emulator/zns/zoned_commands.h"
#include "emulator/zns/zoned_space.h"
#include "spec/opcode.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

/// Read, Compare, Verify: within one zone unless the namespace allows more, and in none that is
/// offline.
Outcome executeRead(Command& command) noexcept {
  const BlockRange range = rangeOf(command);
  if (checkRange(*command.ns, range).status.ok()) {
    const Outcome bad = checkZonedRead(*command.ns, range.slba, range.blocks);
    if (!bad.status.ok()) return bad;
  }
  return executeBlocks(command);
}

/// Write, Write Zeroes, Write Uncorrectable: at the write pointer, which moves when they succeed.
Outcome executeWrite(Command& command, bool durable) noexcept {
  const BlockRange range = rangeOf(command);
  if (!checkRange(*command.ns, range).status.ok()) return executeBlocks(command);
  ZonedSpace& space = *command.ns->zoned();
  const ZonedSpace::Hold hold(space);
  const auto bad = zoneRefused(space.table().checkWrite(range.slba, range.blocks), range.slba);
  if (!bad.status.ok()) return bad;
  const Outcome outcome = executeBlocks(command);
  if (outcome.status.ok()) {
    static_cast<void>(space.table().write(range.slba, range.blocks, durable));
  }
  return outcome;
}

constexpr std::uint32_t kRemap = 1U << 25U;  ///< PIREMAP

/// Reference tags of type 1 are addresses, which the host cannot know; those of type 3 are not the
/// controller's.
Outcome checkRemap(const Command& command) noexcept {
  const bool remaps = (command.sqe.cdw12 & kRemap) != 0;
  const std::uint8_t type = command.ns->format().piType;
  const bool wrong = (type == 1 && !remaps) || (type == 3 && remaps);
  return wrong ? refused(status::kInvalidProtectionInfo, at::kCdw12 + 3, 1) : done();
}

}  // namespace

Outcome checkZonedRead(Namespace& ns, std::uint64_t slba, std::uint64_t blocks) noexcept {
  const ZonedSpace::Hold hold(*ns.zoned());
  return zoneRefused(ns.zoned()->table().checkRead(slba, blocks), slba);
}

Outcome executeZoned(Command& command) noexcept {
  switch (static_cast<spec::ZonedOpcode>(command.sqe.opcode)) {
    case spec::ZonedOpcode::ZoneAppend:
      return zoneAppend(command);
    case spec::ZonedOpcode::ZoneManagementSend:
      return zoneManagementSend(command);
    case spec::ZonedOpcode::ZoneManagementReceive:
      return zoneManagementReceive(command);
  }
  switch (static_cast<spec::NvmOpcode>(command.sqe.opcode)) {
    case spec::NvmOpcode::Read:
    case spec::NvmOpcode::Compare:
    case spec::NvmOpcode::Verify:
      return executeRead(command);
    case spec::NvmOpcode::Write:
    case spec::NvmOpcode::WriteZeroes:
      return executeWrite(command, writesDurably(command));
    case spec::NvmOpcode::WriteUncorrectable:
      return executeWrite(command, !command.late);
    case spec::NvmOpcode::Copy:  // for the NVM Command Set only
      return refused(spec::status::kInvalidOpcode, at::kOpcode);
    default:
      return executeBlocks(command);
  }
}

/// A write at the write pointer of the zone, wherever that is: what the host learns from dw0 and
/// dw1.
Outcome zoneAppend(Command& command) noexcept {
  // Of the command loop, and not const there: the write sees where its blocks go.
  auto& sqe = const_cast<spec::Sqe&>(command.sqe);
  const spec::Sqe asked = sqe;
  const BlockRange range = rangeOf(command);
  ZonedSpace& space = *command.ns->zoned();
  const ZoneGeometry& geometry = space.table().geometry();
  if (range.slba >= geometry.blocks()) return checkRange(*command.ns, range);
  if (range.slba % geometry.zoneBlocks != 0) return refused(status::kInvalidField, at::kCdw10);
  if (range.bytes() > (std::uint64_t{4096} << kZasl)) {
    return refused(status::kInvalidField, at::kCdw12);
  }
  if (const auto wrong = checkRemap(command); !wrong.status.ok()) return wrong;
  const std::uint32_t zone = geometry.zoneOf(range.slba);
  const ZonedSpace::Hold hold(space);
  const auto bad = zoneRefused(space.table().checkAppend(zone, range.blocks), range.slba);
  if (!bad.status.ok()) return bad;
  const std::uint64_t slba = space.table().describe(zone).wp;
  const bool remaps = command.ns->format().piType != 0 && (sqe.cdw12 & kRemap) != 0;
  command.refTagShift = remaps ? static_cast<std::uint32_t>(slba - range.slba) : 0;
  sqe.opcode = static_cast<std::uint8_t>(spec::NvmOpcode::Write);
  sqe.cdw12 &= ~kRemap;
  sqe.cdw10 = static_cast<std::uint32_t>(slba);
  sqe.cdw11 = static_cast<std::uint32_t>(slba >> 32U);
  Outcome outcome = executeBlocks(command);
  sqe = asked;
  if (!outcome.status.ok()) return outcome;
  static_cast<void>(space.table().append(zone, range.blocks, writesDurably(command)));
  outcome.dw0 = static_cast<std::uint32_t>(slba);
  outcome.dw1 = static_cast<std::uint32_t>(slba >> 32U);
  return outcome;
}

}  // namespace doorbell::emulator
