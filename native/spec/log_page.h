#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "spec/identify.h"

namespace doorbell::spec {

/// Log Page Identifiers (NVMe Base 2.0, "Get Log Page command").
enum class LogPageId : std::uint8_t {
  SupportedLogPages = 0x00,
  ErrorInformation = 0x01,
  SmartHealth = 0x02,
  FirmwareSlot = 0x03,
  ChangedNamespaceList = 0x04,
  CommandsSupported = 0x05,
  DeviceSelfTest = 0x06,
  TelemetryHostInitiated = 0x07,
  TelemetryControllerInitiated = 0x08,
  PersistentEventLog = 0x0d,
  FeaturesSupported = 0x12,
  ManagementCommandsSupported = 0x13,
  ReservationNotification = 0x80,
  SanitizeStatus = 0x81,
  ChangedZoneList = 0xbf,
};

/// Error Information Log Entry Data Structure.
struct ErrorLogEntry {
  std::uint64_t errorCount = 0;  ///< 0: the entry is not used
  std::uint16_t sqId = 0;
  std::uint16_t cid = 0;
  std::uint16_t statusPhase = 0;             ///< as in the CQE: bits 15:1 are the status field
  std::uint16_t parameterErrorLocation = 0;  ///< byte (7:0) and bit (10:8) of the SQE
  std::uint64_t lba = 0;
  std::uint32_t nsid = 0;
  std::uint8_t vendorLogPage = 0;
  std::uint8_t transportType = 0;
  std::uint8_t commandSet = 0;  ///< CSI, when logPageVersion is 1
  std::uint8_t opcode = 0;      ///< when logPageVersion is 1
  std::uint64_t commandSpecific = 0;
  std::uint16_t transportSpecific = 0;
  std::array<std::uint8_t, 21> reserved42{};
  std::uint8_t logPageVersion = 0;
};
static_assert(sizeof(ErrorLogEntry) == 64 && offsetof(ErrorLogEntry, lba) == 16);
static_assert(offsetof(ErrorLogEntry, commandSpecific) == 32);

/// Parameter Error Location for errors that no single field of the SQE caused.
inline constexpr std::uint16_t kNoParameterLocation = 0xffff;

/// Critical Warning bits of the SMART / Health Information log, and of the Asynchronous Event
/// Configuration feature that reports them.
struct CriticalWarning {
  static constexpr std::uint8_t kSpare = 1U << 0U;
  static constexpr std::uint8_t kTemperature = 1U << 1U;
  static constexpr std::uint8_t kReliability = 1U << 2U;
  static constexpr std::uint8_t kReadOnly = 1U << 3U;
  static constexpr std::uint8_t kBackupFailed = 1U << 4U;
};

/// SMART / Health Information Log Page. Counters are 128 bits wide.
struct SmartLog {
  std::uint8_t criticalWarning = 0;
  std::array<std::uint8_t, 2> compositeTemperature{};  ///< kelvin, little-endian, unaligned
  std::uint8_t availableSpare = 0;
  std::uint8_t availableSpareThreshold = 0;
  std::uint8_t percentageUsed = 0;
  std::uint8_t enduranceGroupWarning = 0;
  std::array<std::uint8_t, 25> reserved7{};
  Uint128 dataUnitsRead;     ///< thousands of 512-byte units, rounded up
  Uint128 dataUnitsWritten;  ///< the same
  Uint128 hostReadCommands;
  Uint128 hostWriteCommands;
  Uint128 controllerBusyMinutes;
  Uint128 powerCycles;
  Uint128 powerOnHours;
  Uint128 unsafeShutdowns;
  Uint128 mediaErrors;
  Uint128 errorLogEntries;
  std::uint32_t warningTemperatureMinutes = 0;
  std::uint32_t criticalTemperatureMinutes = 0;
  std::array<std::uint16_t, 8> temperatureSensors{};
  std::array<std::uint32_t, 2> thermalTransitions{};
  std::array<std::uint32_t, 2> thermalSeconds{};
  std::array<std::uint8_t, 280> reserved232{};
};
static_assert(sizeof(SmartLog) == 512 && std::is_trivially_copyable_v<SmartLog>);
static_assert(offsetof(SmartLog, dataUnitsRead) == 32 && offsetof(SmartLog, powerCycles) == 112);
static_assert(offsetof(SmartLog, unsafeShutdowns) == 144 &&
              offsetof(SmartLog, temperatureSensors) == 200);

/// Firmware Slot Information Log Page.
struct FirmwareSlotLog {
  std::uint8_t activeFirmware = 0;  ///< AFI: active slot (2:0), slot at the next reset (6:4)
  std::array<std::uint8_t, 7> reserved1{};
  std::array<std::array<char, 8>, 7> revisions{};
  std::array<std::uint8_t, 448> reserved64{};
};
static_assert(sizeof(FirmwareSlotLog) == 512);

/// Supported Log Pages Log Page: one entry a Log Page Identifier; bit 0 LSUPP.
using SupportedLogPagesLog = std::array<std::uint32_t, 256>;
static_assert(sizeof(SupportedLogPagesLog) == 1024);

/// Feature Identifiers Supported and Effects Log Page: one entry a Feature Identifier.
using FeaturesSupportedLog = std::array<std::uint32_t, 256>;

/// Commands Supported and Effects Log Page.
struct CommandEffectsLog {
  std::array<std::uint32_t, 256> admin{};
  std::array<std::uint32_t, 256> io{};
  std::array<std::uint8_t, 2048> reserved2048{};
};
static_assert(sizeof(CommandEffectsLog) == 4096);

/// Fields of an entry of the two logs above.
struct Effects {
  static constexpr std::uint32_t kSupported = 1U << 0U;                   ///< CSUPP / FSUPP
  static constexpr std::uint32_t kUserDataChange = 1U << 1U;              ///< LBCC / UDCC
  static constexpr std::uint32_t kNamespaceCapabilityChange = 1U << 2U;   ///< NCC
  static constexpr std::uint32_t kNamespaceInventoryChange = 1U << 3U;    ///< NIC
  static constexpr std::uint32_t kControllerCapabilityChange = 1U << 4U;  ///< CCC
  /// CSE 001b: no other command for the same namespace may be outstanding.
  static constexpr std::uint32_t kAloneInNamespace = 1U << 16U;
  /// CSE 010b: no other command for any namespace may be outstanding.
  static constexpr std::uint32_t kAlone = 2U << 16U;
  static constexpr std::uint32_t kScopeNamespace = 1U << 20U;
  static constexpr std::uint32_t kScopeController = 1U << 21U;
  static constexpr std::uint32_t kScopeSubsystem = 1U << 25U;
};

}  // namespace doorbell::spec
