#include "emulator/logs/events.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "emulator/clock.h"
#include "emulator/logs/event_log.h"
#include "emulator/logs/history.h"

namespace doorbell::emulator {

using Warning = spec::CriticalWarning;
using Configuration = spec::EventConfiguration;

namespace {

/// Threshold field of the Thermal Excursion event.
enum class Excursion : std::uint8_t {
  Warning = 0x01,
  Critical = 0x02,
  LightThrottling = 0x03,
  HeavyThrottling = 0x04,
  Normal = 0x88,
};

void recordExcursion(ControllerState& state, Excursion threshold, std::uint16_t limit) {
  const int delta = std::abs(int{state.thermal.composite()} - int{limit});
  const spec::ThermalExcursionEvent event{static_cast<std::uint8_t>(delta > 255 ? 255 : delta),
                                          static_cast<std::uint8_t>(threshold)};
  recordEvent(state, spec::PersistentEventType::ThermalExcursion, event);
}

void takeTemperature(ControllerState& state) {
  const std::uint16_t before = state.thermal.composite();
  const std::uint16_t now = state.subsystem.health().temperatureKelvin;
  if (now == before) return;
  const unsigned throttled = state.thermal.throttling();
  state.thermal.set(now, nowNs());
  const auto rose = [&](std::uint16_t limit) { return before < limit && now >= limit; };
  if (rose(Thermal::kWarning)) recordExcursion(state, Excursion::Warning, Thermal::kWarning);
  if (rose(Thermal::kCritical)) recordExcursion(state, Excursion::Critical, Thermal::kCritical);
  if (before >= Thermal::kWarning && now < Thermal::kWarning) {
    recordExcursion(state, Excursion::Normal, Thermal::kWarning);
  }
  const std::uint32_t limits = state.features.current(Features::Slot::ThermalManagement);
  if (throttled < 1 && state.thermal.throttling() == 1) {
    recordExcursion(state, Excursion::LightThrottling, static_cast<std::uint16_t>(limits >> 16U));
  }
  if (throttled < 2 && state.thermal.throttling() == 2) {
    recordExcursion(state, Excursion::HeavyThrottling, static_cast<std::uint16_t>(limits));
  }
}

spec::HealthEvent eventOf(std::uint8_t warning) {
  if (warning == Warning::kSpare) return spec::HealthEvent::Spare;
  return warning == Warning::kTemperature ? spec::HealthEvent::Temperature
                                          : spec::HealthEvent::Reliability;
}

void raise(ControllerState& state, spec::AsyncEventType type, std::uint8_t information,
           spec::LogPageId page, std::uint32_t parameter = 0) {
  state.events.raise(type, information, page, parameter);
}

}  // namespace

std::uint8_t criticalWarning(const ControllerState& state) noexcept {
  const Health& health = state.subsystem.health();
  unsigned warning = 0;
  if (state.thermal.outside(state.features.thresholds())) warning |= Warning::kTemperature;
  if (health.spareLow()) warning |= Warning::kSpare;
  if (health.reliabilityDegraded) warning |= Warning::kReliability;
  if (health.readOnly) warning |= Warning::kReadOnly;
  if (health.backupFailed) warning |= Warning::kBackupFailed;
  return static_cast<std::uint8_t>(warning);
}

void observeHealth(ControllerState& state) noexcept {
  takeTemperature(state);
  const std::uint8_t warning = criticalWarning(state);
  const Health& health = state.subsystem.health();
  state.subsystem.admin().management.observe(
      {state.thermal.composite(), health.percentageUsed, health.availableSpare, warning});
  if ((warning & ~unsigned{state.recordedWarnings}) != 0) recordCriticalWarning(state, warning);
  state.recordedWarnings = warning;
  const auto wanted =
      static_cast<std::uint8_t>(warning & state.features.current(Features::Slot::AsyncEvents));
  const unsigned added = wanted & ~unsigned{state.reportedWarnings};
  for (unsigned bit = 0; bit < 8; ++bit) {
    const auto warning = static_cast<std::uint8_t>(1U << bit);
    if ((added & warning) == 0) continue;
    raise(state, spec::AsyncEventType::SmartHealth, static_cast<std::uint8_t>(eventOf(warning)),
          spec::LogPageId::SmartHealth);
  }
  state.reportedWarnings = wanted;
}

void acknowledgeLog(ControllerState& state, spec::LogPageId page) noexcept {
  state.events.acknowledge(page);
  if (page != spec::LogPageId::SmartHealth) return;
  state.reportedWarnings = 0;
  observeHealth(state);
}

void reportNotice(ControllerState& state, spec::NoticeEvent event, spec::LogPageId page,
                  std::uint32_t parameter) noexcept {
  std::uint32_t gate = 0;
  switch (event) {
    case spec::NoticeEvent::NamespaceAttributeChanged:
      gate = Configuration::kNamespaceAttribute;
      break;
    case spec::NoticeEvent::FirmwareActivationStarting:
      gate = Configuration::kFirmwareActivation;
      break;
    case spec::NoticeEvent::TelemetryLogChanged:
      gate = Configuration::kTelemetryLog;
      break;
    case spec::NoticeEvent::ZoneDescriptorChanged:
      gate = Configuration::kZoneDescriptorChanged;
      break;
  }
  if ((state.features.current(Features::Slot::AsyncEvents) & gate) == 0) return;
  raise(state, spec::AsyncEventType::Notice, static_cast<std::uint8_t>(event), page, parameter);
}

void reportNamespaceChange(ControllerState& state, std::uint32_t nsid) noexcept {
  state.changedNamespaces |= 1U << (nsid - 1);
  state.subsystem.admin().management.note(spec::HealthFlags::kNamespaceAttribute);
  reportNotice(state, spec::NoticeEvent::NamespaceAttributeChanged,
               spec::LogPageId::ChangedNamespaceList);
}

void reportCommandSetEvent(ControllerState& state, spec::CommandSetEvent event,
                           spec::LogPageId page) noexcept {
  raise(state, spec::AsyncEventType::CommandSet, static_cast<std::uint8_t>(event), page);
}

void raiseError(ControllerState& state, spec::ErrorEvent event) noexcept {
  raise(state, spec::AsyncEventType::Error, static_cast<std::uint8_t>(event),
        spec::LogPageId::ErrorInformation);
}

}  // namespace doorbell::emulator
