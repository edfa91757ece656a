#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "spec/status.h"

namespace doorbell::platform {

/// What an injected fault does to a command it acts on.
enum class FaultKind : std::uint8_t {
  Status,               ///< ends with `status`, not executed
  MediaError,           ///< reading a block of `when.lba` ends with Unrecovered Read Error
  CorruptData,          ///< the byte at `offset` of its data is xored with `mask` on its way
  Delay,                ///< completes `delayNs` later
  DropCompletion,       ///< executed, never completed
  DuplicateCompletion,  ///< completed twice
  WrongCid,             ///< completed with the CID `value`
  WrongSqId,            ///< completed with the SQ identifier `value`
  SqHeadOutOfRange,     ///< completed with an SQ head pointer that is the size of the queue
  StalePhase,           ///< the entry is written without the toggle of its phase tag
  UnexpectedQueue,      ///< completed in the CQ `value`
  ControllerFatal,      ///< CSTS.CFS instead of executing it
  Removal,              ///< the device is gone instead of executing it
  PowerLoss,            ///< the supply fails at `moment`
};

/// When, in the life of a command, the supply fails.
enum class CutMoment : std::uint8_t {
  Before,         ///< nothing of it happened
  BetweenBlocks,  ///< the first `blocks` blocks of a write are on the medium
  /// Some pages of a write are on the medium, in no order; or of Firmware Commit, an image is only
  /// partly in its slot.
  MidProgram,
  BeforeCompletion,  ///< all of it happened, but it was not completed
};

/// Which commands a fault acts on. What is not given matches every command.
struct FaultTrigger {
  std::optional<bool> admin{};  ///< the admin command set, or an I/O command set
  std::optional<std::uint16_t> qid{};
  std::optional<std::uint8_t> opcode{};
  std::optional<std::uint32_t> nsid{};
  /// Commands whose SLBA and NLB touch these blocks, both ends included.
  std::optional<std::uint64_t> firstLba{};
  std::optional<std::uint64_t> lastLba{};
  std::uint64_t nth = 1;    ///< the first of the matching commands it acts on
  std::uint64_t times = 1;  ///< how many in a row; 0: all that follow
};

struct Fault {
  FaultKind kind = FaultKind::Status;
  FaultTrigger when{};
  spec::Status status{};
  std::uint64_t delayNs = 0;
  std::uint32_t value = 0;
  std::uint32_t offset = 0;
  std::uint8_t mask = 0xff;
  CutMoment moment = CutMoment::Before;
  std::uint32_t blocks = 0;
};

struct FaultReport {
  std::uint64_t id = 0;
  Fault fault;
  std::uint64_t matched = 0;  ///< commands it could have acted on
  std::uint64_t fired = 0;    ///< commands it acted on
};

/// What the sensors of a device are made to say. What is not given stays.
struct HealthChange {
  std::optional<std::uint16_t> temperatureKelvin{};
  std::optional<std::uint8_t> availableSpare{};  ///< per cent, 0..100
  std::optional<std::uint8_t> percentageUsed{};
  std::optional<bool> reliabilityDegraded{};
  std::optional<bool> readOnly{};
  std::optional<bool> backupFailed{};
};

/// Makes a device misbehave, where it can be made to. All methods are thread safe.
class FaultInjector {
 public:
  virtual ~FaultInjector() = default;
  /// Its id. Throws Error{"BAD_FAULT"} naming what is wrong with the description.
  virtual std::uint64_t add(const Fault& fault) = 0;
  /// What became of it; nullopt when there is none of this id.
  [[nodiscard]] virtual std::optional<FaultReport> find(std::uint64_t id) const = 0;
  [[nodiscard]] virtual std::vector<FaultReport> list() const = 0;
  /// False when there is none of this id.
  virtual bool remove(std::uint64_t id) = 0;
  /// Forgets every fault and every changed sensor.
  virtual void clear() = 0;
  virtual void setHealth(const HealthChange& change) = 0;
  /// CSTS.CFS now. Without effect where there is no power.
  virtual void failController() = 0;
  /// An internal error that no command caused: an Error Information entry and an Error event.
  /// Without effect where there is no power.
  virtual void reportInternalError(bool persistent) = 0;
  /// The sanitize operation that runs, or else the next one, fails.
  virtual void failSanitize() = 0;
  /// The device is gone now, and was not shut down: registers read all ones. PowerSwitch::on()
  /// plugs it in again.
  virtual void removeDevice() = 0;
};

}  // namespace doorbell::platform
