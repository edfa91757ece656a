#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace doorbell::emulator {

/// Serial number of the SSD of this name: the same name is the same SSD in every process.
[[nodiscard]] std::string serialOf(const std::string& name);
/// A UUID (RFC 9562 version 8) for this name.
[[nodiscard]] std::array<std::uint8_t, 16> uuidOf(const std::string& name);

}  // namespace doorbell::emulator
