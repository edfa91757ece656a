#pragma once

#include <chrono>
#include <cstdint>

namespace doorbell::emulator {

/// A moment that never comes.
inline constexpr std::uint64_t kNever = ~std::uint64_t{0};

/// Now, in ns of the clock that due times are given in.
[[nodiscard]] inline std::uint64_t nowNs() noexcept {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

}  // namespace doorbell::emulator
