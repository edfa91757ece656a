#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace doorbell::spec {

/// Telemetry Host-Initiated and Telemetry Controller-Initiated Log Pages: their first block (NVMe
/// Base 2.0, "Telemetry Host-Initiated", "Telemetry Controller-Initiated"). Data areas begin at
/// block 1; an area of which nothing is there ends where the one before it ends.
struct TelemetryHeader {
  static constexpr std::uint32_t kBlockBytes = 512;

  std::uint8_t logPage = 0;
  std::array<std::uint8_t, 4> reserved1{};
  std::array<std::uint8_t, 3> ieee{};
  std::array<std::uint16_t, 3> lastBlock{};  ///< of Telemetry Data Area 1 to 3
  std::array<std::uint8_t, 2> reserved14{};
  std::uint32_t lastBlockOfArea4 = 0;
  std::array<std::uint8_t, 360> reserved20{};
  std::uint8_t hostScope = 0;       ///< host-initiated log only
  std::uint8_t hostGeneration = 0;  ///< host-initiated: generation; else scope
  std::uint8_t controllerDataAvailable = 0;
  std::uint8_t controllerGeneration = 0;
  std::array<char, 128> reason{};
};
static_assert(sizeof(TelemetryHeader) == 512);
static_assert(offsetof(TelemetryHeader, lastBlock) == 8 &&
              offsetof(TelemetryHeader, lastBlockOfArea4) == 16);
static_assert(offsetof(TelemetryHeader, controllerDataAvailable) == 382 &&
              offsetof(TelemetryHeader, reason) == 384);

/// Scopes of the log page.
inline constexpr std::uint8_t kTelemetryScopeController = 1;

}  // namespace doorbell::spec
