#include "emulator/logs/log_pages.h"

#include <algorithm>
#include <string_view>

#include "emulator/feature_table.h"
#include "emulator/identity.h"
#include "emulator/limits.h"
#include "spec/opcode.h"

namespace doorbell::emulator {

namespace {

constexpr std::uint64_t kUnitsPerDataUnit = 1000;
constexpr std::uint32_t kController = spec::Effects::kSupported | spec::Effects::kScopeController;
constexpr std::uint32_t kNamespace = spec::Effects::kSupported | spec::Effects::kScopeNamespace;
constexpr std::uint32_t kWrites = kNamespace | spec::Effects::kUserDataChange;

constexpr spec::Uint128 wide(std::uint64_t value) { return {.low = value}; }

constexpr spec::Uint128 dataUnits(std::uint64_t units) {
  return wide((units + kUnitsPerDataUnit - 1) / kUnitsPerDataUnit);
}

}  // namespace

spec::SupportedLogPagesLog supportedLogPages() noexcept {
  spec::SupportedLogPagesLog page{};
  using Id = spec::LogPageId;
  for (const Id id :
       {Id::SupportedLogPages, Id::ErrorInformation, Id::SmartHealth, Id::FirmwareSlot,
        Id::CommandsSupported, Id::FeaturesSupported, Id::ManagementCommandsSupported}) {
    page[static_cast<std::uint8_t>(id)] = spec::Effects::kSupported;
  }
  return page;
}

spec::SmartLog smartLog(NvmSubsystem& subsystem, const Features& features) noexcept {
  const Counters& counters = subsystem.counters();
  const IoTotals io = subsystem.ioTotals();
  spec::SmartLog page;
  page.criticalWarning = features.criticalWarning();
  const Health& health = subsystem.health();
  const std::uint16_t kelvin = health.temperatureKelvin;
  page.compositeTemperature = {static_cast<std::uint8_t>(kelvin & 0xff),
                               static_cast<std::uint8_t>(kelvin >> 8U)};
  page.availableSpare = health.availableSpare;
  page.availableSpareThreshold = Health::kSpareThreshold;
  page.percentageUsed = health.percentageUsed;
  page.dataUnitsRead = dataUnits(io.unitsRead);
  page.dataUnitsWritten = dataUnits(io.unitsWritten);
  page.hostReadCommands = wide(io.hostReads);
  page.hostWriteCommands = wide(io.hostWrites);
  page.controllerBusyMinutes = wide(io.busyMicroseconds / 60'000'000);
  page.powerCycles = wide(counters.powerCycles);
  page.powerOnHours = wide(subsystem.poweredSeconds() / 3600);
  page.unsafeShutdowns = wide(counters.unsafeShutdowns);
  page.mediaErrors = wide(io.mediaErrors);
  page.errorLogEntries = wide(counters.errorCount);
  return page;
}

spec::FirmwareSlotLog firmwareSlotLog() noexcept {
  spec::FirmwareSlotLog page;
  page.activeFirmware = 1;
  constexpr std::string_view kRevision = kFirmwareRevision;
  page.revisions[0].fill(' ');
  std::copy(kRevision.begin(), kRevision.end(), page.revisions[0].begin());
  return page;
}

spec::CommandEffectsLog commandEffectsLog() noexcept {
  spec::CommandEffectsLog page;
  using Admin = spec::AdminOpcode;
  for (const Admin opcode :
       {Admin::DeleteIoSq, Admin::CreateIoSq, Admin::GetLogPage, Admin::DeleteIoCq,
        Admin::CreateIoCq, Admin::Identify, Admin::Abort, Admin::SetFeatures, Admin::GetFeatures,
        Admin::AsynchronousEventRequest}) {
    page.admin[static_cast<std::uint8_t>(opcode)] = kController;
  }
  using Nvm = spec::NvmOpcode;
  for (const Nvm opcode : {Nvm::Flush, Nvm::Read, Nvm::Compare, Nvm::Verify}) {
    page.io[static_cast<std::uint8_t>(opcode)] = kNamespace;
  }
  for (const Nvm opcode :
       {Nvm::Write, Nvm::WriteUncorrectable, Nvm::WriteZeroes, Nvm::DatasetManagement}) {
    page.io[static_cast<std::uint8_t>(opcode)] = kWrites;
  }
  return page;
}

spec::FeaturesSupportedLog featuresSupportedLog() noexcept {
  spec::FeaturesSupportedLog page{};
  for (std::uint32_t id = 0; id < page.size(); ++id) {
    if (!featureSupported(static_cast<std::uint8_t>(id))) continue;
    const FeatureRule* rule = ruleOf(static_cast<spec::FeatureId>(id));
    const bool perNamespace =
        rule != nullptr && (rule->capabilities & spec::FeatureCapability::kNamespaceSpecific) != 0;
    page[id] = perNamespace ? kNamespace : kController;
  }
  return page;
}

}  // namespace doorbell::emulator
