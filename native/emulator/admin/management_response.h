#pragma once

#include "emulator/command.h"
#include "spec/management_interface.h"

/// What commands of the management interface have in common.
namespace doorbell::emulator::mi {

/// Bytes of the Request Message, for Parameter Error Location.
inline constexpr std::uint32_t kTypeByte = 1;
inline constexpr std::uint32_t kDword0Byte = 8;
inline constexpr std::uint32_t kDword1Byte = 12;

/// Response Message Status, and the NVMe Management Response above it.
[[nodiscard]] constexpr Outcome respond(spec::ManagementStatus status, std::uint32_t response = 0) {
  return done(static_cast<std::uint32_t>(status) | (response << 8U));
}

[[nodiscard]] constexpr Outcome invalidParameter(std::uint32_t byte, std::uint32_t bit = 0) {
  return respond(spec::ManagementStatus::InvalidParameter, bit | (byte << 8U));
}

[[nodiscard]] inline ManagementInterface& management(const Command& command) {
  return command.subsystem().admin().management;
}

Outcome readDataStructure(Command& command) noexcept;
Outcome pollSubsystem(Command& command) noexcept;
Outcome pollController(Command& command) noexcept;

}  // namespace doorbell::emulator::mi
