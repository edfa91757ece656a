#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "spec/identify.h"

namespace doorbell::spec {

/// Persistent Event Types (NVMe Base 2.0, "Persistent Event Log").
enum class PersistentEventType : std::uint8_t {
  SmartSnapshot = 0x01,
  FirmwareCommit = 0x02,
  TimestampChange = 0x03,
  PowerOnOrReset = 0x04,
  HardwareError = 0x05,
  ChangeNamespace = 0x06,
  FormatStart = 0x07,
  FormatCompletion = 0x08,
  SanitizeStart = 0x09,
  SanitizeCompletion = 0x0a,
  SetFeature = 0x0b,
  TelemetryLogCreated = 0x0c,
  ThermalExcursion = 0x0d,
};

/// LSP of Get Log Page for the Persistent Event Log: its action.
enum class PersistentEventAction : std::uint8_t {
  Read = 0,
  Establish = 1,
  Release = 2,
  EstablishAndReadHeader = 3,
};

#pragma pack(push, 1)

/// Persistent Event Log Header.
struct PersistentEventLogHeader {
  std::uint8_t logPage = 0x0d;
  std::array<std::uint8_t, 3> reserved1{};
  std::uint32_t events = 0;
  std::uint64_t bytes = 0;  ///< header and events
  std::uint8_t revision = 3;
  std::uint8_t reserved17 = 0;
  std::uint16_t headerBytes = 492;  ///< after this field
  std::uint64_t timestamp = 0;      ///< as the Timestamp feature has it
  std::uint64_t powerOnHours = 0;   ///< the lower half of 128 bits; packed, it cannot be a Uint128
  std::uint64_t powerOnHoursHigh = 0;
  std::uint64_t powerCycles = 0;
  std::uint16_t vid = 0;
  std::uint16_t ssvid = 0;
  std::array<char, 20> sn{};
  std::array<char, 40> mn{};
  std::array<char, 256> subnqn{};
  std::uint16_t generation = 0;
  std::uint32_t reportingContext = 0;
  std::array<std::uint8_t, 102> reserved378{};
  std::array<std::uint8_t, 32> supportedEvents{};  ///< one bit a type
};
static_assert(sizeof(PersistentEventLogHeader) == 512);
static_assert(offsetof(PersistentEventLogHeader, headerBytes) == 18 &&
              offsetof(PersistentEventLogHeader, subnqn) == 116 &&
              offsetof(PersistentEventLogHeader, supportedEvents) == 480);

/// Header of every event; its data follow.
struct PersistentEventHeader {
  static constexpr std::uint8_t kNoPort = 3;  ///< EHAI: not associated with any port

  PersistentEventType type{};
  std::uint8_t revision = 1;
  std::uint8_t headerBytes = 21;  ///< after this field
  std::uint8_t additionalInfo = 0;
  std::uint16_t controllerId = 0;
  std::uint64_t timestamp = 0;
  std::uint16_t portId = 0;
  std::array<std::uint8_t, 4> reserved16{};
  std::uint16_t vendorBytes = 0;
  std::uint16_t eventBytes = 0;  ///< vendor and event data
};
static_assert(sizeof(PersistentEventHeader) == 24);

struct FirmwareCommitEvent {
  std::array<char, 8> oldRevision{};
  std::array<char, 8> newRevision{};
  std::uint8_t action = 0;
  std::uint8_t slot = 0;
  std::uint8_t statusType = 0;
  std::uint8_t statusCode = 0;
  std::uint16_t vendorResult = 0;
};
static_assert(sizeof(FirmwareCommitEvent) == 22);

struct TimestampChangeEvent {
  std::uint64_t previous = 0;
  std::uint64_t sinceResetMs = 0;
};

/// Power-on or Reset event with the one descriptor of our one controller.
struct PowerOnOrResetEvent {
  std::array<char, 8> revision{};
  std::uint16_t controllerId = 0;
  std::uint8_t firmwareActivation = 0;
  std::uint8_t operationInProgress = 0;
  std::array<std::uint8_t, 12> reserved4{};
  std::uint32_t powerCycle = 0;
  std::uint64_t powerOnMs = 0;
  std::uint64_t timestamp = 0;
};
static_assert(sizeof(PowerOnOrResetEvent) == 8 + 36);

/// NVM Subsystem Hardware Error Event Codes, those that the emulated SSD detects.
enum class HardwareErrorCode : std::uint16_t {
  CriticalWarning = 0x06,
  UnsafeShutdown = 0x08,
  ControllerFatalStatus = 0x09,
};

/// NVM Subsystem Hardware Error event without Additional Hardware Error Information.
struct HardwareErrorHeader {
  HardwareErrorCode code{};
  std::uint16_t reserved2 = 0;
};

/// The same with as much of it as the code has.
template <std::size_t Bytes>
struct HardwareErrorEvent {
  HardwareErrorCode code{};
  std::uint16_t reserved2 = 0;
  std::array<std::uint8_t, Bytes> additional{};
};
static_assert(sizeof(HardwareErrorEvent<17>) == 21);

struct ChangeNamespaceEvent {
  std::uint32_t cdw10 = 0;
  std::uint32_t reserved4 = 0;
  std::uint64_t nsze = 0;
  std::uint64_t reserved16 = 0;
  std::uint64_t ncap = 0;
  std::uint8_t flbas = 0;
  std::uint8_t dps = 0;
  std::uint8_t nmic = 0;
  std::uint8_t reserved35 = 0;
  std::uint32_t anagrpid = 0;
  std::uint16_t nvmsetid = 0;
  std::uint16_t endgid = 0;
  std::uint32_t nsid = 0;
};
static_assert(sizeof(ChangeNamespaceEvent) == 48);

struct FormatStartEvent {
  std::uint32_t nsid = 0;
  std::uint8_t fna = 0;
  std::array<std::uint8_t, 3> reserved5{};
  std::uint32_t cdw10 = 0;
};
static_assert(sizeof(FormatStartEvent) == 12);

struct FormatCompletionEvent {
  std::uint32_t nsid = 0;
  std::uint8_t smallestProgress = 0;  ///< FPI
  std::uint8_t status = 0;
  std::uint16_t information = 0;
  std::uint32_t statusField = 0;
};
static_assert(sizeof(FormatCompletionEvent) == 12);

struct SanitizeStartEvent {
  std::uint32_t capabilities = 0;
  std::uint32_t cdw10 = 0;
  std::uint32_t cdw11 = 0;
};

struct SanitizeCompletionEvent {
  std::uint16_t progress = 0;
  std::uint16_t status = 0;
  std::uint16_t information = 0;
  std::uint16_t reserved6 = 0;
};

/// Set Feature event: dword count 6 (cdw10 to cdw15), no memory buffer logged, dw0 not logged.
struct SetFeatureEvent {
  std::uint32_t layout = 6;
  std::array<std::uint32_t, 6> dwords{};
};

struct ThermalExcursionEvent {
  std::uint8_t overTemperature = 0;
  std::uint8_t threshold = 0;
};

#pragma pack(pop)

}  // namespace doorbell::spec
