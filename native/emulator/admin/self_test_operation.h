#pragma once

#include <cstdint>

#include "emulator/admin/self_test_machine.h"
#include "emulator/background.h"

namespace doorbell::emulator {

class NvmSubsystem;

/// The device self-test of this NVM subsystem: the machine, and what it looks at.
class SelfTestOperation final : public BackgroundOperation {
 public:
  explicit SelfTestOperation(NvmSubsystem& subsystem) noexcept;

  [[nodiscard]] const SelfTestMachine& machine() const noexcept { return machine_; }
  void start(spec::SelfTestCode code, std::uint32_t nsid) noexcept;
  /// Ends the operation in progress, if there is one.
  void abort(spec::SelfTestOutcome reason) noexcept;
  /// LID 06h.
  [[nodiscard]] const spec::SelfTestLog& log() const noexcept { return machine_.log(); }

  [[nodiscard]] std::uint64_t nextDue() const noexcept override {
    return machine_.nextDue().value_or(kNever);
  }
  void tick(std::uint64_t now) noexcept override;
  void controllerReset() noexcept override;
  void powerRestored(std::uint64_t now) noexcept override;

 private:
  [[nodiscard]] std::uint64_t powerOnHours() const noexcept;
  [[nodiscard]] std::optional<SelfTestMachine::Finding> examine() const noexcept;

  NvmSubsystem& subsystem_;
  SelfTestMachine machine_;
};

}  // namespace doorbell::emulator
