#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "spec/telemetry.h"

namespace doorbell::emulator {

struct ControllerState;

/// What a capture holds: the controller's own view of itself.
struct TelemetryCapture {
  /// Blocks at which the data areas end: area 1 is a summary, area 2 adds the Error Information
  /// log, area 3 the SMART / Health log and all queues.
  static constexpr std::array<std::uint16_t, 3> kLastBlock{1, 9, 13};
  static constexpr std::size_t kDataBytes = kLastBlock[2] * spec::TelemetryHeader::kBlockBytes;

  std::uint32_t valid = 0;
  std::uint8_t generation = 0;
  std::array<std::uint8_t, 3> reserved5{};
  std::array<char, 128> reason{};
  std::array<std::byte, kDataBytes> data{};
};

/// The captures, kept without power. All zeros: none was made.
struct TelemetryStore {
  TelemetryCapture host;
  TelemetryCapture controller;
  std::uint8_t controllerDataAvailable = 0;
};
static_assert(std::is_trivially_copyable_v<TelemetryStore>);

/// The controller keeps what it knows of itself, because of that, and tells the host.
void captureControllerTelemetry(ControllerState& state, std::string_view reason) noexcept;

}  // namespace doorbell::emulator
