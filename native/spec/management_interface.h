#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace doorbell::spec {

/// Commands of the NVMe Management Interface (NVMe-MI 1.2, "Management Interface Command Set"), as
/// NVMe-MI Send and NVMe-MI Receive tunnel them.
enum class ManagementOpcode : std::uint8_t {
  ReadDataStructure = 0x00,
  SubsystemHealthStatusPoll = 0x01,
  ControllerHealthStatusPoll = 0x02,
  ConfigurationSet = 0x03,
  ConfigurationGet = 0x04,
  VpdRead = 0x05,
  VpdWrite = 0x06,
};

/// Response Message Status.
enum class ManagementStatus : std::uint8_t {
  Success = 0x00,
  InvalidOpcode = 0x03,
  InvalidParameter = 0x04,
};

/// The NVMe-MI Message Header of a request that is an NVMe-MI Command: Message Type 4h, NMIMT 1h.
struct ManagementHeader {
  static constexpr std::uint32_t kMessageType = 0x04;
  static constexpr std::uint32_t kMessageTypeMask = 0x7f;
  static constexpr std::uint32_t kIntegrityCheck = 1U << 7U;
  static constexpr unsigned kTypeShift = 11;  ///< NMIMT
  static constexpr std::uint32_t kTypeMask = 0xfU << kTypeShift;
  static constexpr std::uint32_t kResponse = 1U << 15U;  ///< ROR
  static constexpr std::uint32_t kCommand = kMessageType | (1U << kTypeShift);
};

/// Data Structure Type of Read NVMe-MI Data Structure.
enum class ManagementData : std::uint8_t {
  SubsystemInformation = 0x00,
  PortInformation = 0x01,
  ControllerList = 0x02,
  ControllerInformation = 0x03,
  OptionalCommands = 0x04,
};

/// Configuration Identifier: the only one that is not for a Management Endpoint alone.
inline constexpr std::uint8_t kHealthStatusChange = 0x02;

struct ManagementSubsystem {
  std::uint8_t ports = 0;  ///< NUMP, 0's based
  std::uint8_t major = 1;
  std::uint8_t minor = 2;
  std::array<std::uint8_t, 29> reserved3{};
};
static_assert(sizeof(ManagementSubsystem) == 32);

struct ManagementPort {
  std::uint8_t type = 1;  ///< PRTTYP: PCIe
  std::uint8_t capabilities = 0;
  std::uint16_t maxTransmissionUnit = 0;
  std::uint32_t endpointBuffer = 0;
  std::uint8_t maxPayload = 0;       ///< as Device Capabilities have it
  std::uint8_t supportedSpeeds = 0;  ///< bit 0: 2.5 GT/s
  std::uint8_t currentSpeed = 0;     ///< as Link Status has it
  std::uint8_t maxWidth = 0;
  std::uint8_t width = 0;
  std::uint8_t portNumber = 0;
  std::array<std::uint8_t, 18> reserved14{};
};
static_assert(sizeof(ManagementPort) == 32 && offsetof(ManagementPort, maxPayload) == 8);

struct ManagementController {
  std::uint8_t port = 0;
  std::array<std::uint8_t, 4> reserved1{};
  std::uint8_t routingIdValid = 0;  ///< PRII
  std::uint16_t routingId = 0;
  std::uint16_t vendor = 0;
  std::uint16_t device = 0;
  std::uint16_t subsystemVendor = 0;
  std::uint16_t subsystemDevice = 0;
  std::array<std::uint8_t, 16> reserved16{};
};
static_assert(sizeof(ManagementController) == 32 && offsetof(ManagementController, vendor) == 8);

/// NVM Subsystem Health Data Structure.
struct SubsystemHealth {
  static constexpr std::uint8_t kFunctional = 1U << 5U;
  static constexpr std::uint8_t kResetNotRequired = 1U << 4U;
  static constexpr std::uint8_t kPort0LinkActive = 1U << 3U;

  std::uint8_t status = 0;
  std::uint8_t warnings = 0;     ///< Critical Warning, every bit inverted
  std::uint8_t temperature = 0;  ///< degrees Celsius, see the specification
  std::uint8_t lifeUsed = 0;     ///< per cent
  std::uint16_t composite = 0;   ///< HealthFlags
  std::array<std::uint8_t, 2> reserved6{};
};
static_assert(sizeof(SubsystemHealth) == 8);

/// Controller Health Data Structure.
struct ControllerHealth {
  std::uint16_t id = 0;
  std::uint16_t status = 0;  ///< CSTS: RDY, CFS, SHST, then HealthFlags
  std::uint16_t temperature = 0;
  std::uint8_t percentageUsed = 0;
  std::uint8_t availableSpare = 0;
  std::uint8_t criticalWarning = 0;
  std::array<std::uint8_t, 7> reserved9{};
};
static_assert(sizeof(ControllerHealth) == 16);

/// What changed: Composite Controller Status Flags, Controller Health Status Changed Flags.
struct HealthFlags {
  static constexpr std::uint16_t kReady = 1U << 0U;
  static constexpr std::uint16_t kFatal = 1U << 1U;
  static constexpr std::uint16_t kShutdown = 1U << 2U;
  static constexpr std::uint16_t kSubsystemReset = 1U << 4U;
  static constexpr std::uint16_t kEnable = 1U << 5U;
  static constexpr std::uint16_t kNamespaceAttribute = 1U << 6U;
  static constexpr std::uint16_t kFirmwareActivated = 1U << 7U;
  static constexpr std::uint16_t kStatus = 1U << 8U;  ///< any of the above
  static constexpr std::uint16_t kTemperature = 1U << 9U;
  static constexpr std::uint16_t kUsed = 1U << 10U;
  static constexpr std::uint16_t kSpare = 1U << 11U;
  static constexpr std::uint16_t kWarning = 1U << 12U;
};

}  // namespace doorbell::spec
