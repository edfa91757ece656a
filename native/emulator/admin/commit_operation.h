#pragma once

#include <cstdint>

#include "emulator/admin/firmware_store.h"
#include "emulator/background.h"

namespace doorbell::emulator {

class NvmSubsystem;

/// A Firmware Commit command under way. The slots change at its end: what interrupts it leaves the
/// old images. While an image is activated without a reset, no command is processed.
class CommitOperation final : public BackgroundOperation {
 public:
  /// MTFA, in 100 ms.
  static constexpr std::uint16_t kMaxActivation = 1;

  explicit CommitOperation(NvmSubsystem& subsystem) noexcept : subsystem_(subsystem) {}

  [[nodiscard]] bool inProgress() const noexcept { return inProgress_; }
  /// The command completes at the end.
  void start(const FirmwareStore::Plan& plan, const spec::Sqe& command) noexcept;
  /// Gives up what is not yet written, with this status for the command.
  void cancel(spec::Status why) noexcept;

  [[nodiscard]] std::uint64_t nextDue() const noexcept override {
    return inProgress_ ? endsAt_ : kNever;
  }
  void tick(std::uint64_t now) noexcept override;
  void controllerReset() noexcept override { inProgress_ = paused_ = false; }
  void powerLost() noexcept override { inProgress_ = paused_ = false; }

 private:
  static constexpr std::uint64_t kWritingNs = 50'000'000;
  static constexpr std::uint64_t kActivatingNs = 60'000'000;

  void pause() noexcept;
  void resume() noexcept;

  NvmSubsystem& subsystem_;
  FirmwareStore::Plan plan_;
  std::uint16_t cid_ = 0;
  std::uint32_t cdw10_ = 0;
  bool inProgress_ = false;
  bool paused_ = false;
  std::uint64_t endsAt_ = 0;
};

}  // namespace doorbell::emulator
