#pragma once

#include <cstdint>
#include <optional>

#include "emulator/outcome.h"
#include "spec/self_test.h"

namespace doorbell::emulator {

/// What of device self-tests outlives power: the log, and an extended operation under way.
struct SelfTestRecord {
  spec::SelfTestLog log;
  std::uint32_t nsid = 0;  ///< what the current operation includes
  std::uint32_t made = 0;  ///< 0: not even the empty results are there yet
};

/// Device self-test operations (NVMe Base 2.0, "Device Self-test Operations"): one at a time, in
/// the background, short or extended.
class SelfTestMachine {
 public:
  static constexpr std::uint16_t kExtendedMinutes = 1;  ///< EDSTT
  static constexpr std::uint8_t kOptions = 1;           ///< DSTO: one operation a subsystem

  /// What the operation found to be wrong.
  struct Finding {
    std::uint8_t segment = 0;
    std::uint32_t nsid = 0;  ///< 0: not about a namespace
    std::uint64_t lba = 0;
    spec::Status status;
  };
  /// The segment that looks at the SMART / Health log, as the specification's example numbers it.
  static constexpr std::uint8_t kSmartSegment = 2;

  explicit SelfTestMachine(SelfTestRecord& record) noexcept : record_(record) {
    if (record_.made != 0) return;
    record_ = {};
    record_.made = 1;
  }

  [[nodiscard]] bool inProgress() const noexcept { return record_.log.operation != 0; }
  /// The NSID of the command that started the operation in progress.
  [[nodiscard]] std::uint32_t nsid() const noexcept { return record_.nsid; }

  /// Whether a command with this STC may be carried out now.
  [[nodiscard]] Outcome check(std::uint32_t cdw10) const noexcept;
  void start(spec::SelfTestCode code, std::uint32_t nsid, std::uint64_t now) noexcept;
  /// Ends the operation in progress, if there is one.
  void abort(spec::SelfTestOutcome reason, std::uint64_t powerOnHours) noexcept;
  /// A Controller Level Reset: ends a short operation; an extended one goes on.
  void reset(std::uint64_t powerOnHours) noexcept;
  /// Power is back: an extended operation goes on from where it was.
  void resume(std::uint64_t now) noexcept;

  /// When advance() has something to do, in ns; nothing when no operation runs.
  [[nodiscard]] std::optional<std::uint64_t> nextDue() const noexcept;
  /// Moves on. True when the operation has come to its end: finish() must follow.
  [[nodiscard]] bool advance(std::uint64_t now) noexcept;
  void finish(const std::optional<Finding>& finding, std::uint64_t powerOnHours) noexcept;

  [[nodiscard]] const spec::SelfTestLog& log() const noexcept { return record_.log; }

 private:
  static constexpr std::uint64_t kStepNs = 5'000'000;

  [[nodiscard]] spec::SelfTestCode current() const noexcept {
    return static_cast<spec::SelfTestCode>(record_.log.operation);
  }
  [[nodiscard]] std::uint64_t durationNs() const noexcept;
  void record(spec::SelfTestOutcome outcome, spec::SelfTestResult result) noexcept;

  SelfTestRecord& record_;
  std::uint64_t startedAt_ = 0;
  std::uint64_t nextStep_ = 0;
};

}  // namespace doorbell::emulator
