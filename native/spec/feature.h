#pragma once

#include <cstdint>

namespace doorbell::spec {

/// Feature Identifiers (NVMe Base 2.0, "Set Features command").
enum class FeatureId : std::uint8_t {
  Arbitration = 0x01,
  PowerManagement = 0x02,
  TemperatureThreshold = 0x04,
  ErrorRecovery = 0x05,
  VolatileWriteCache = 0x06,
  NumberOfQueues = 0x07,
  InterruptCoalescing = 0x08,
  InterruptVectorConfiguration = 0x09,
  WriteAtomicityNormal = 0x0a,
  AsynchronousEventConfiguration = 0x0b,
  Timestamp = 0x0e,
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
enum class AsyncEventType : std::uint8_t { Error = 0, SmartHealth = 1, Notice = 2 };

/// Asynchronous Event Information of type Error.
enum class ErrorEvent : std::uint8_t { InvalidDoorbellRegister = 0, InvalidDoorbellValue = 1 };

/// Asynchronous Event Information of type SMART / Health Status.
enum class HealthEvent : std::uint8_t { Reliability = 0, Temperature = 1, Spare = 2 };

}  // namespace doorbell::spec
