// NVM Subsystem Health Status Poll and Controller Health Status Poll.
#include <algorithm>

#include "emulator/admin/management_response.h"
#include "emulator/logs/events.h"

namespace doorbell::emulator {

using namespace mi;

namespace {

using Flags = spec::HealthFlags;
using Status = spec::ManagementStatus;

/// Composite Temperature in degrees Celsius: two's complement, at most 127, at least -60.
std::uint8_t celsius(std::uint16_t kelvin) {
  return static_cast<std::uint8_t>(std::clamp(int{kelvin} - 273, -60, 127));
}

/// Do the selection bits of Controller Health Status Poll choose the one controller?
bool selected(const Command& command, std::uint16_t changed) {
  constexpr std::uint32_t kAll = 1U << 31U;
  constexpr std::uint32_t kFunctions = 1U << 24U;  ///< those without SR-IOV
  constexpr std::uint32_t kSelections = 0x1f;      ///< CSTS to CWARN, as HealthFlags has them
  const std::uint32_t which = command.sqe.cdw12;
  if ((which & kFunctions) == 0 || (which & 0xffffU) > kControllerId) return false;
  const std::uint32_t chosen = (command.sqe.cdw13 & kSelections) * Flags::kStatus;
  return (which & kAll) != 0 || (chosen & changed) != 0;
}

spec::ControllerHealth controllerHealth(const Command& command, std::uint16_t changed) {
  constexpr std::uint32_t kRegisterBits = 0x0f;  ///< RDY, CFS, SHST
  constexpr unsigned kFlagBits = Flags::kSubsystemReset | Flags::kEnable |
                                 Flags::kNamespaceAttribute | Flags::kFirmwareActivated;
  const Health& now = command.subsystem().health();
  spec::ControllerHealth health;
  health.id = kControllerId;
  health.status = static_cast<std::uint16_t>((command.state.registers.csts() & kRegisterBits) |
                                             (changed & kFlagBits));
  health.temperature = command.state.thermal.composite();
  health.percentageUsed = now.percentageUsed;
  health.availableSpare = now.availableSpare;
  health.criticalWarning = criticalWarning(command.state);
  return health;
}

}  // namespace

Outcome mi::pollSubsystem(Command& command) noexcept {
  constexpr std::uint32_t kClearStatus = 1U << 31U;
  observeHealth(command.state);
  spec::SubsystemHealth health;
  health.status = spec::SubsystemHealth::kFunctional | spec::SubsystemHealth::kResetNotRequired |
                  spec::SubsystemHealth::kPort0LinkActive;
  health.warnings = static_cast<std::uint8_t>(~unsigned{criticalWarning(command.state)});
  health.temperature = celsius(command.state.thermal.composite());
  health.lifeUsed = command.subsystem().health().percentageUsed;
  health.composite = management(command).composite(0);
  const Outcome sent = sendToHost(command, &health, sizeof(health));
  if (!sent.status.ok()) return sent;
  if ((command.sqe.cdw13 & kClearStatus) != 0) management(command).composite(health.composite);
  return respond(Status::Success);
}

Outcome mi::pollController(Command& command) noexcept {
  constexpr std::uint32_t kClearChanged = 1U << 31U;
  constexpr unsigned kEntriesShift = 16;  ///< RENT, in the NVMe Management Response
  observeHealth(command.state);
  const std::uint16_t changed = management(command).controller();
  if (!selected(command, changed)) return respond(Status::Success);
  const auto health = controllerHealth(command, changed);
  const Outcome sent = sendToHost(command, &health, sizeof(health));
  if (!sent.status.ok()) return sent;
  if ((command.sqe.cdw13 & kClearChanged) != 0) management(command).clearController();
  return respond(Status::Success, 1U << kEntriesShift);
}

}  // namespace doorbell::emulator
