#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace doorbell::driver {

/// What written data is made of.
struct IoData {
  enum class Kind : std::uint8_t { Random, Dword, Incrementing };
  Kind kind = Kind::Random;
  std::uint32_t dword = 0;                ///< repeated
  std::uint32_t compressiblePercent = 0;  ///< random: of every 4 KiB, zeros
  std::uint64_t seed = 0;
};

void fillWith(const IoData& data, std::span<std::byte> bytes) noexcept;

}  // namespace doorbell::driver
