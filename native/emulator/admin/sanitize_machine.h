#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "emulator/outcome.h"
#include "spec/sanitize.h"

namespace doorbell::emulator {

/// What of a sanitize operation outlives power: the Sanitize Status log, and how far it came.
struct SanitizeRecord {
  std::uint32_t cdw10 = 0;
  std::uint32_t pattern = 0;   ///< OVRPAT
  std::uint32_t state = 0;     ///< spec::SanitizeState
  std::uint32_t progress = 0;  ///< in 65,536ths
  std::uint32_t exited = 0;    ///< Exit Failure Mode left the failure state
  std::uint32_t reserved = 0;
  std::uint64_t writesAtEnd = 0;  ///< write commands when the media was last known to be erased
};

/// The Sanitize Operation State Machine (NVMe Base 2.0, "Sanitize Operations"): what a Sanitize
/// command may start, and the operation that then runs in the background, over resets and power
/// losses, until it succeeds or fails. Which blocks an amount of progress is, its owner knows.
class SanitizeMachine {
 public:
  static constexpr std::uint32_t kCapabilities =
      spec::SanitizeCapability::kCryptoErase | spec::SanitizeCapability::kBlockErase |
      spec::SanitizeCapability::kOverwrite | spec::SanitizeCapability::kNoDeallocateInhibited |
      spec::SanitizeCapability::kMediaNotModified;
  static constexpr std::uint32_t kWhole = 65536;  ///< denominator of progress

  /// One step of the operation: erase from here to there, both in 65,536ths.
  struct Step {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    bool ended = false;  ///< the operation is over, well or not
  };

  explicit SanitizeMachine(SanitizeRecord& record) noexcept : record_(record) {}

  [[nodiscard]] bool inProgress() const noexcept {
    return state() == spec::SanitizeState::InProgress;
  }
  /// In the Restricted or the Unrestricted Failure state.
  [[nodiscard]] bool failed() const noexcept {
    return state() == spec::SanitizeState::Failed && record_.exited == 0;
  }
  /// The operation that ended said it would not deallocate, and did.
  [[nodiscard]] bool deallocatedUnexpectedly() const noexcept {
    return state() == spec::SanitizeState::CompletedUnexpectedDeallocate;
  }

  /// Whether the command may be carried out. `allowDeallocate` is NODRM of the Sanitize Config
  /// feature.
  [[nodiscard]] Outcome check(std::uint32_t cdw10, bool allowDeallocate) const noexcept;
  /// Carries out a command that check() found good. True when an operation started.
  bool accept(std::uint32_t cdw10, std::uint32_t pattern, std::uint64_t now) noexcept;
  /// Power is back: an operation that it interrupted goes on.
  void resume(std::uint64_t now) noexcept;

  /// When advance() has something to do, in ns; nothing when no operation runs.
  [[nodiscard]] std::optional<std::uint64_t> nextDue() const noexcept;
  Step advance(std::uint64_t now, std::uint64_t writes) noexcept;
  /// The running operation, or else the next one, fails at its next step. Any thread.
  void failNext(bool fails = true) noexcept { fails_ = fails; }

  /// LID 81h. `writes` counts write commands ever: Global Data Erased tells whether any came since.
  [[nodiscard]] spec::SanitizeStatusLog log(std::uint64_t writes) const noexcept;

 private:
  static constexpr std::uint64_t kStepNs = 10'000'000;

  [[nodiscard]] spec::SanitizeState state() const noexcept {
    return static_cast<spec::SanitizeState>(record_.state);
  }
  [[nodiscard]] spec::SanitizeAction action() const noexcept {
    return static_cast<spec::SanitizeAction>(record_.cdw10 & 7U);
  }
  [[nodiscard]] bool restricted() const noexcept {
    return (record_.cdw10 & spec::SanitizeOption::kUnrestrictedExit) == 0;
  }
  [[nodiscard]] std::uint32_t passes() const noexcept;
  [[nodiscard]] std::uint64_t durationNs() const noexcept;
  void finish(spec::SanitizeState state) noexcept;

  SanitizeRecord& record_;
  std::uint64_t startedAt_ = 0;  ///< as if it had run from the start without a break
  std::uint64_t nextStep_ = 0;
  std::atomic<bool> fails_{false};
};

}  // namespace doorbell::emulator
