#pragma once

#include <cstdint>

namespace doorbell::platform {

/// Throws Error{"OUT_OF_RANGE"} naming the space unless the access is naturally aligned within it.
void checkAccess(std::uint64_t offset, unsigned width, std::uint64_t bytes, const char* space);
/// The same for configuration space: 1, 2 or 4 bytes within its 4096.
void checkConfigAccess(std::uint32_t offset, unsigned width);

inline constexpr std::uint32_t kConfigBytes = 4096;

}  // namespace doorbell::platform
