#pragma once

#include <cstdint>

#include "emulator/admin/sanitize_machine.h"
#include "emulator/background.h"

namespace doorbell::emulator {

struct ControllerState;
class NvmSubsystem;

/// The sanitize operation of this NVM subsystem: the machine, and what it does to the media and to
/// commands.
class SanitizeOperation final : public BackgroundOperation {
 public:
  explicit SanitizeOperation(NvmSubsystem& subsystem) noexcept;

  [[nodiscard]] const SanitizeMachine& machine() const noexcept { return machine_; }
  /// Carries out a Sanitize command that may be carried out.
  void accept(ControllerState& state, std::uint32_t cdw10, std::uint32_t pattern) noexcept;
  /// For fault injection: the running operation, or else the next one, fails.
  void failNext(bool fails = true) noexcept { machine_.failNext(fails); }
  /// LID 81h.
  [[nodiscard]] spec::SanitizeStatusLog log() const noexcept;

  [[nodiscard]] std::uint64_t nextDue() const noexcept override {
    return machine_.nextDue().value_or(kNever);
  }
  void tick(std::uint64_t now) noexcept override;
  void powerRestored(std::uint64_t now) noexcept override;

 private:
  [[nodiscard]] std::uint64_t writes() const noexcept;
  void eraseAll() noexcept;
  /// What I/O commands are answered with, as long as the machine is where it is.
  void refuseIo() noexcept;

  NvmSubsystem& subsystem_;
  SanitizeMachine machine_;
};

}  // namespace doorbell::emulator
