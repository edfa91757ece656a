#pragma once

#include <cstdint>
#include <utility>

#include "emulator/admin/commit_operation.h"
#include "emulator/admin/directives.h"
#include "emulator/admin/firmware_store.h"
#include "emulator/admin/format_operation.h"
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
  FormatOperation format;
  CommitOperation commit;
  SanitizeOperation sanitize;
  SelfTestOperation selfTest;

  /// The controller whose host is told of what happens; null while there is none.
  ControllerState* controller = nullptr;

  /// A Controller Level Reset, or power is back.
  void controllerReset(FirmwareStore::Reset kind) noexcept;
  /// Whether a reset since the last look could not load new firmware.
  [[nodiscard]] bool takeImageFailure() noexcept { return std::exchange(imageFailed_, false); }

 private:
  bool imageFailed_ = false;
};

}  // namespace doorbell::emulator
