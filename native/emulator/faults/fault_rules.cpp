#include "emulator/faults/fault_rules.h"

#include <algorithm>
#include <array>
#include <string>

#include "emulator/limits.h"
#include "platform/error.h"
#include "spec/opcode.h"

namespace doorbell::emulator {

using platform::CutMoment;
using platform::Fault;
using platform::FaultKind;

namespace {

constexpr std::uint8_t kWrite = 0x01;
constexpr std::uint8_t kRead = 0x02;
constexpr std::uint8_t kWriteUncorrectable = 0x04;
constexpr std::uint8_t kCompare = 0x05;
constexpr std::uint8_t kWriteZeroes = 0x08;
constexpr std::uint8_t kVerify = 0x0c;
constexpr std::uint8_t kZoneManagementSend = 0x79;
constexpr std::uint8_t kZoneAppend = 0x7d;

constexpr std::uint8_t kFirmwareCommit = 0x10;  // of the admin command set

constexpr std::uint64_t kMaxDelayNs = 600'000'000'000;

template <std::size_t N>
bool among(const std::array<std::uint8_t, N>& opcodes, std::uint8_t opcode) {
  return std::find(opcodes.begin(), opcodes.end(), opcode) != opcodes.end();
}

constexpr std::array kByBlocks{kWrite,       kRead,   kWriteUncorrectable, kCompare,
                               kWriteZeroes, kVerify, kZoneAppend};
constexpr std::array kReading{kRead, kCompare, kVerify};
constexpr std::array kWriting{kWrite, kWriteZeroes};
constexpr std::array kMovingData{kWrite, kRead, kZoneAppend};

[[noreturn]] void refuse(const std::string& reason) { throw Error("BAD_FAULT", reason); }

/// The fault only makes sense for some opcodes: the trigger must not name another.
template <std::size_t N>
void needOpcode(const Fault& fault, const std::array<std::uint8_t, N>& opcodes, bool required,
                const char* what) {
  if (fault.when.admin.value_or(false)) {
    refuse(std::string(what) + " acts on I/O commands, not on admin commands");
  }
  const bool named = fault.when.opcode.has_value();
  if ((named && !among(opcodes, *fault.when.opcode)) || (required && !named)) {
    refuse(std::string(what) + " needs when.opcode to be one it can act on");
  }
}

void checkTrigger(const platform::FaultTrigger& when) {
  if (when.nth == 0) refuse("when.nth counts from 1");
  if (when.firstLba.has_value() != when.lastLba.has_value()) {
    refuse("when.lba needs its first and its last block");
  }
  if (when.firstLba && *when.firstLba > *when.lastLba) {
    refuse("when.lba ends before it begins");
  }
  if (when.qid && *when.qid >= kQueues) {
    refuse("when.queue is beyond the last I/O queue, " + std::to_string(kIoQueues));
  }
  if (when.qid && when.admin && *when.admin != (*when.qid == 0)) {
    refuse("when.queue and when.opcode differ in their command set");
  }
  const bool admin = when.admin.value_or(false) || when.qid == std::uint16_t{0};
  if (admin && when.firstLba) refuse("when.lba: admin commands name no blocks");
  if (when.opcode && when.firstLba && !among(kByBlocks, *when.opcode)) {
    refuse("when.lba: commands of that opcode do not name blocks by SLBA and NLB");
  }
}

void checkCut(const Fault& fault) {
  if (fault.moment == CutMoment::BetweenBlocks) {
    needOpcode(fault, kWriting, true, "a power loss between two blocks");
    if (fault.blocks == 0) refuse("a power loss between two blocks: at least one block is written");
  }
  const bool commits = fault.when.admin.value_or(false) && fault.when.opcode == kFirmwareCommit;
  if (fault.moment == CutMoment::MidProgram && !commits) {
    needOpcode(fault, kWriting, true, "a power loss in the middle of a program");
  }
}

/// Kinds whose opcodes are those of I/O command sets: an admin command may have the same number.
bool actsOnIoOnly(const Fault& fault) {
  return fault.kind == FaultKind::MediaError || fault.kind == FaultKind::CorruptData ||
         (fault.kind == FaultKind::PowerLoss && !fault.when.admin.value_or(false) &&
          (fault.moment == CutMoment::BetweenBlocks || fault.moment == CutMoment::MidProgram));
}

}  // namespace

void checkFault(const Fault& fault) {
  checkTrigger(fault.when);
  switch (fault.kind) {
    case FaultKind::Status:
      if (fault.status.ok()) refuse("the status to fail with is Successful Completion");
      break;
    case FaultKind::MediaError:
      needOpcode(fault, kReading, false, "a media error");
      if (!fault.when.firstLba) refuse("a media error needs when.lba");
      break;
    case FaultKind::CorruptData:
      needOpcode(fault, kMovingData, true, "corrupted data");
      if (fault.mask == 0) refuse("a mask of 0 corrupts nothing");
      break;
    case FaultKind::Delay:
      if (fault.delayNs == 0 || fault.delayNs > kMaxDelayNs) {
        refuse("a delay is more than 0 and at most 600 s");
      }
      break;
    case FaultKind::WrongCid:
    case FaultKind::WrongSqId:
      if (fault.value > 0xffff) refuse("a CID and an SQ identifier have 16 bits");
      break;
    case FaultKind::UnexpectedQueue:
      if (fault.value >= kQueues) {
        refuse("completion queues have identifiers 0 to " + std::to_string(kIoQueues));
      }
      break;
    case FaultKind::PowerLoss:
      checkCut(fault);
      break;
    default:
      break;
  }
}

std::optional<NamedBlocks> namedBlocks(const spec::Sqe& sqe) noexcept {
  const bool zone = sqe.opcode == kZoneManagementSend;
  if (!zone && !among(kByBlocks, sqe.opcode)) return std::nullopt;
  const std::uint64_t first = (std::uint64_t{sqe.cdw11} << 32U) | sqe.cdw10;
  return NamedBlocks{first, first + (zone ? 0 : sqe.cdw12 & 0xffffU)};
}

bool matches(const Fault& fault, std::uint16_t qid, const spec::Sqe& sqe) noexcept {
  const platform::FaultTrigger& when = fault.when;
  if (when.admin && *when.admin != (qid == 0)) return false;
  if (when.qid && *when.qid != qid) return false;
  if (qid == 0 && actsOnIoOnly(fault)) return false;
  if (when.opcode && *when.opcode != sqe.opcode) return false;
  if (when.nsid && *when.nsid != sqe.nsid) return false;
  if (fault.kind == FaultKind::MediaError && !among(kReading, sqe.opcode)) return false;
  if (!when.firstLba) return true;
  const auto blocks = qid == 0 ? std::nullopt : namedBlocks(sqe);
  return blocks && blocks->first <= *when.lastLba && blocks->last >= *when.firstLba;
}

}  // namespace doorbell::emulator
