#pragma once

#include <array>
#include <cstdint>

namespace doorbell::spec {

/// Feature Identifiers (NVMe Base 2.0, "Set Features command").
enum class FeatureId : std::uint8_t {
  Arbitration = 0x01,
  PowerManagement = 0x02,
  LbaRangeType = 0x03,
  TemperatureThreshold = 0x04,
  ErrorRecovery = 0x05,
  VolatileWriteCache = 0x06,
  NumberOfQueues = 0x07,
  InterruptCoalescing = 0x08,
  InterruptVectorConfiguration = 0x09,
  WriteAtomicityNormal = 0x0a,
  AsynchronousEventConfiguration = 0x0b,
  AutonomousPowerStateTransition = 0x0c,
  HostMemoryBuffer = 0x0d,
  Timestamp = 0x0e,
  KeepAliveTimer = 0x0f,
  HostControlledThermalManagement = 0x10,
  NonOperationalPowerStateConfig = 0x11,
  ReadRecoveryLevel = 0x12,
  HostBehaviorSupport = 0x16,
  SanitizeConfig = 0x17,
  IoCommandSetProfile = 0x19,
  SoftwareProgressMarker = 0x80,
  HostIdentifier = 0x81,
  ReservationNotificationMask = 0x82,
  ReservationPersistence = 0x83,
  NamespaceWriteProtectionConfig = 0x84,
};

/// Get Features, SEL field.
enum class FeatureSelect : std::uint8_t { Current = 0, Default = 1, Saved = 2, Capabilities = 3 };

/// What Get Features with SEL = 011b returns in dw0.
struct FeatureCapability {
  static constexpr std::uint32_t kSaveable = 1U << 0U;
  static constexpr std::uint32_t kNamespaceSpecific = 1U << 1U;
  static constexpr std::uint32_t kChangeable = 1U << 2U;
};

/// Asynchronous Event Type: dw0 bits 2:0 of the completion of an Asynchronous Event Request.
enum class AsyncEventType : std::uint8_t {
  Error = 0,
  SmartHealth = 1,
  Notice = 2,
  Immediate = 3,
  CommandSet = 6,  ///< I/O Command Set specific
};

/// Asynchronous Event Information of type Error.
enum class ErrorEvent : std::uint8_t {
  InvalidDoorbellRegister = 0,
  InvalidDoorbellValue = 1,
  DiagnosticFailure = 2,
  PersistentInternalError = 3,
  TransientInternalError = 4,
  FirmwareImageLoad = 5,
};

/// Asynchronous Event Information of type SMART / Health Status.
enum class HealthEvent : std::uint8_t { Reliability = 0, Temperature = 1, Spare = 2 };

/// Asynchronous Event Information of type Notice.
enum class NoticeEvent : std::uint8_t {
  NamespaceAttributeChanged = 0x00,
  FirmwareActivationStarting = 0x01,
  TelemetryLogChanged = 0x02,
  ZoneDescriptorChanged = 0xef,
};

/// Asynchronous Event Information of type I/O Command Set specific (NVM command sets).
enum class CommandSetEvent : std::uint8_t {
  ReservationLogAvailable = 0,
  SanitizeCompleted = 1,
  SanitizeCompletedWithDeallocation = 2,
};

/// Asynchronous Event Configuration above the critical warnings (dw11), where OAES and LPA use the
/// same bits.
struct EventConfiguration {
  static constexpr std::uint32_t kCriticalWarnings = 0xff;
  static constexpr std::uint32_t kNamespaceAttribute = 1U << 8U;
  static constexpr std::uint32_t kFirmwareActivation = 1U << 9U;
  static constexpr std::uint32_t kTelemetryLog = 1U << 10U;
  static constexpr std::uint32_t kZoneDescriptorChanged = 1U << 27U;
};

/// Host Behavior Support feature: its data structure.
struct HostBehavior {
  std::uint8_t advancedCommandRetry = 0;    ///< ACRE
  std::uint8_t extendedTelemetryAreas = 0;  ///< ETDAS
  std::uint8_t extendedLbaFormats = 0;      ///< LBAFEE
  std::array<std::uint8_t, 509> reserved3{};
};
static_assert(sizeof(HostBehavior) == 512);

}  // namespace doorbell::spec
