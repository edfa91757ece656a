#include <array>

#include "emulator/logs/log_request.h"

namespace doorbell::emulator {

namespace {

using Id = spec::LogPageId;

/// Establish Context and Read 512 Bytes of Header is supported.
constexpr std::uint16_t kHeaderAction = 1;

constexpr std::array kRules{
    LogRule{Id::SupportedLogPages, log::supportedLogPages},
    LogRule{Id::ErrorInformation, log::errorInformation},
    LogRule{Id::SmartHealth, log::smart},
    LogRule{Id::FirmwareSlot, log::firmwareSlot},
    LogRule{Id::ChangedNamespaceList, log::changedNamespaces},
    LogRule{Id::CommandsSupported, log::commandEffects},
    LogRule{Id::DeviceSelfTest, log::selfTest},
    LogRule{Id::TelemetryHostInitiated, log::hostTelemetry},
    LogRule{Id::TelemetryControllerInitiated, log::controllerTelemetry},
    LogRule{Id::PersistentEventLog, log::persistentEvents, kHeaderAction},
    LogRule{Id::FeaturesSupported, log::featureEffects},
    LogRule{.id = Id::ChangedZoneList, .read = log::changedZones, .perNamespace = true},
    LogRule{Id::ManagementCommandsSupported, log::managementEffects},
    LogRule{Id::ReservationNotification, log::reservationNotification},
    LogRule{Id::SanitizeStatus, log::sanitizeStatus},
};

}  // namespace

std::span<const LogRule> logRules() noexcept { return kRules; }

Outcome log::supportedLogPages(Command& command, const LogRequest& request) noexcept {
  spec::SupportedLogPagesLog page{};
  for (const LogRule& rule : kRules) {
    page[static_cast<std::uint8_t>(rule.id)] =
        spec::Effects::kSupported | (std::uint32_t{rule.parameters} << 16U);
  }
  return sendLog(command, request, page);
}

}  // namespace doorbell::emulator
