// Log pages that say how the drive is and what happened to it.
#include "emulator/logs/log_pages.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "emulator/clock.h"
#include "emulator/identity.h"
#include "emulator/logs/events.h"
#include "emulator/logs/log_request.h"

namespace doorbell::emulator {

namespace {

constexpr std::uint64_t kUnitsPerDataUnit = 1000;
constexpr std::uint64_t kSecond = 1'000'000'000;

constexpr spec::Uint128 wide(std::uint64_t value) { return {.low = value}; }

constexpr spec::Uint128 dataUnits(std::uint64_t units) {
  return wide((units + kUnitsPerDataUnit - 1) / kUnitsPerDataUnit);
}

void putTemperatures(ControllerState& state, spec::SmartLog& page) {
  const std::uint16_t kelvin = state.thermal.composite();
  page.compositeTemperature = {static_cast<std::uint8_t>(kelvin & 0xff),
                               static_cast<std::uint8_t>(kelvin >> 8U)};
  for (std::uint32_t i = 0; i < Thermal::kSensors; ++i) {
    page.temperatureSensors[i] = state.thermal.sensor(i);
  }
  const ThermalRecord& counted = state.thermal.counted(nowNs());
  page.warningTemperatureMinutes = static_cast<std::uint32_t>(counted.warningTime / (60 * kSecond));
  page.criticalTemperatureMinutes =
      static_cast<std::uint32_t>(counted.criticalTime / (60 * kSecond));
  page.thermalTransitions = counted.transitions;
  for (std::size_t i = 0; i < page.thermalSeconds.size(); ++i) {
    page.thermalSeconds[i] = static_cast<std::uint32_t>(counted.throttledTime[i] / kSecond);
  }
}

}  // namespace

spec::SmartLog smartLog(ControllerState& state) noexcept {
  observeHealth(state);
  NvmSubsystem& subsystem = state.subsystem;
  const Counters& counters = subsystem.counters();
  const IoTotals totals = subsystem.ioTotals();
  const Health& health = subsystem.health();
  spec::SmartLog page;
  page.criticalWarning = criticalWarning(state);
  page.availableSpare = health.availableSpare;
  page.availableSpareThreshold = Health::kSpareThreshold;
  page.percentageUsed = health.percentageUsed;
  page.dataUnitsRead = dataUnits(totals.unitsRead);
  page.dataUnitsWritten = dataUnits(totals.unitsWritten);
  page.hostReadCommands = wide(totals.hostReads);
  page.hostWriteCommands = wide(totals.hostWrites);
  page.controllerBusyMinutes = wide(totals.busyMicroseconds / 60'000'000);
  page.powerCycles = wide(counters.powerCycles);
  page.powerOnHours = wide(subsystem.poweredSeconds() / 3600);
  page.unsafeShutdowns = wide(counters.unsafeShutdowns);
  page.mediaErrors = wide(totals.mediaErrors);
  page.errorLogEntries = wide(counters.errorCount);
  putTemperatures(state, page);
  return page;
}

namespace log {

Outcome errorInformation(Command& command, const LogRequest& request) noexcept {
  auto entries = command.state.errors.newestFirst();
  // While namespaces are sanitized or formatted, nothing is said of their blocks.
  const AdminWork& work = command.subsystem().admin();
  const SanitizeMachine& machine = work.sanitize.machine();
  if (machine.inProgress() || machine.failed() || work.format.inProgress()) {
    for (auto& entry : entries) entry.lba = 0;
  }
  return sendLog(command, request, entries);
}

Outcome smart(Command& command, const LogRequest& request) noexcept {
  return sendLog(command, request, smartLog(command.state));
}

Outcome firmwareSlot(Command& command, const LogRequest& request) noexcept {
  return sendLog(command, request, command.subsystem().admin().firmware.log());
}

/// Empty again once the host has read it and cleared its event.
Outcome changedNamespaces(Command& command, const LogRequest& request) noexcept {
  std::array<std::uint32_t, 1024> list{};
  std::size_t count = 0;
  for (std::uint32_t nsid = 1; nsid <= kMaxNamespaces; ++nsid) {
    if (((command.state.changedNamespaces >> (nsid - 1)) & 1U) != 0) list[count++] = nsid;
  }
  const Outcome outcome = sendLog(command, request, list);
  if (outcome.status.ok() && !request.retain) command.state.changedNamespaces = 0;
  return outcome;
}

/// An Empty Log Page, always: notifications are for the hosts of other controllers, and the NVM
/// subsystem has none.
Outcome reservationNotification(Command& command, const LogRequest& request) noexcept {
  return sendLog(command, request, std::array<std::uint8_t, 64>{});
}

Outcome selfTest(Command& command, const LogRequest& request) noexcept {
  return sendLog(command, request, command.subsystem().admin().selfTest.log());
}

Outcome sanitizeStatus(Command& command, const LogRequest& request) noexcept {
  return sendLog(command, request, command.subsystem().admin().sanitize.log());
}

}  // namespace log

}  // namespace doorbell::emulator
