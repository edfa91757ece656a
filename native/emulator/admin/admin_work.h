#pragma once

#include <cstdint>
#include <mutex>
#include <utility>

#include "emulator/admin/commit_operation.h"
#include "emulator/admin/directives.h"
#include "emulator/admin/firmware_store.h"
#include "emulator/admin/format_operation.h"
#include "emulator/admin/management_interface.h"
#include "emulator/admin/sanitize_operation.h"
#include "emulator/admin/self_test_operation.h"

namespace doorbell::emulator {

/// What admin commands leave behind: work that goes on after them, and state of the NVM subsystem
/// that outlives resets and partly power.
class AdminWork {
 public:
  /// Throws Error{"NO_MEMORY"}.
  explicit AdminWork(NvmSubsystem& subsystem);

  FirmwareStore firmware;
  Directives directives;
  /// Among writes of several device threads; admin commands have the controller to themselves.
  std::mutex streams;
  FormatOperation format;
  CommitOperation commit;
  SanitizeOperation sanitize;
  SelfTestOperation selfTest;
  ManagementInterface management;

  /// The controller whose host is told of what happens; null while there is none.
  ControllerState* controller = nullptr;

  /// Firmware Activation of the Power-on or Reset event.
  enum class FirmwareChange : std::uint8_t { None = 0, Activated = 1, Failed = 2 };
  /// What resets did since the controller was last enabled.
  struct ResetReport {
    FirmwareChange activation = FirmwareChange::None;
    bool duringFormat = false;
  };

  /// A Controller Level Reset, or power is back.
  void controllerReset(FirmwareStore::Reset kind) noexcept;
  /// Before the work under way hears of the reset.
  void noteWork() noexcept { report_.duringFormat |= format.inProgress(); }
  [[nodiscard]] const ResetReport& report() const noexcept { return report_; }
  [[nodiscard]] ResetReport takeReport() noexcept { return std::exchange(report_, {}); }

 private:
  ResetReport report_;
};

}  // namespace doorbell::emulator
