#include "emulator/admin/self_test_operation.h"

#include "emulator/clock.h"
#include "emulator/nvm_subsystem.h"

namespace doorbell::emulator {

SelfTestOperation::SelfTestOperation(NvmSubsystem& subsystem) noexcept
    : subsystem_(subsystem), machine_(subsystem.section<SelfTestRecord, Section::SelfTest>()) {}

std::uint64_t SelfTestOperation::powerOnHours() const noexcept {
  return subsystem_.poweredSeconds() / 3600;
}

void SelfTestOperation::start(spec::SelfTestCode code, std::uint32_t nsid) noexcept {
  machine_.start(code, nsid, nowNs());
}

void SelfTestOperation::abort(spec::SelfTestOutcome reason) noexcept {
  machine_.abort(reason, powerOnHours());
}

/// The SMART check: what warns of the drive's health fails the test.
std::optional<SelfTestMachine::Finding> SelfTestOperation::examine() const noexcept {
  const Health& health = subsystem_.health();
  if (!health.spareLow() && !health.reliabilityDegraded && !health.readOnly &&
      !health.backupFailed) {
    return std::nullopt;
  }
  return SelfTestMachine::Finding{
      .segment = SelfTestMachine::kSmartSegment, .nsid = 0, .lba = 0, .status = {}};
}

void SelfTestOperation::tick(std::uint64_t now) noexcept {
  if (machine_.advance(now)) machine_.finish(examine(), powerOnHours());
}

void SelfTestOperation::controllerReset() noexcept { machine_.reset(powerOnHours()); }

void SelfTestOperation::powerRestored(std::uint64_t now) noexcept {
  if (machine_.inProgress()) machine_.resume(now);
}

}  // namespace doorbell::emulator
