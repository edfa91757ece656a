#pragma once

#include <cstdint>

#include "emulator/background.h"
#include "emulator/block_format.h"
#include "emulator/limits.h"
#include "spec/queue_entry.h"
#include "spec/status.h"

namespace doorbell::emulator {

struct ControllerState;
class NvmSubsystem;

/// A Format NVM command under way. Nothing is changed before its end: a command aborted, a reset or
/// a loss of power leaves the namespaces as they were.
class FormatOperation final : public BackgroundOperation {
 public:
  explicit FormatOperation(NvmSubsystem& subsystem) noexcept : subsystem_(subsystem) {}

  [[nodiscard]] bool inProgress() const noexcept { return nsids_ != 0; }
  [[nodiscard]] bool formats(std::uint32_t nsid) const noexcept {
    return nsid - 1 < kMaxNamespaces && ((nsids_ >> (nsid - 1)) & 1U) != 0;
  }
  /// What is left to do, for the Format Progress Indicator; 0 when the namespace is not formatted.
  [[nodiscard]] std::uint8_t percentLeft(std::uint32_t nsid, std::uint64_t now) const noexcept;

  /// `nsids`: one bit a namespace, bit 0 NSID 1. The command completes at the end.
  void start(std::uint32_t nsids, const BlockFormat& format, const spec::Sqe& command) noexcept;
  /// Gives up, with this status for the command.
  void cancel(spec::Status why) noexcept;

  [[nodiscard]] std::uint64_t nextDue() const noexcept override {
    return inProgress() ? endsAt_ : kNever;
  }
  void tick(std::uint64_t now) noexcept override;
  void controllerReset() noexcept override { end(); }
  void powerLost() noexcept override { end(); }

 private:
  static constexpr std::uint64_t kDurationNs = 100'000'000;
  static_assert(kMaxNamespaces <= 32);

  void refuseIo(spec::Status status) noexcept;
  void end() noexcept;
  void formatOne(ControllerState& state, std::uint32_t nsid) noexcept;

  NvmSubsystem& subsystem_;
  std::uint32_t nsids_ = 0;
  BlockFormat format_;
  std::uint16_t cid_ = 0;
  std::uint32_t nsid_ = 0;  ///< of the command
  std::uint64_t endsAt_ = 0;
};

}  // namespace doorbell::emulator
