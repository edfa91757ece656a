#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace doorbell::emulator {

/// What activating an image takes.
enum class Activation : std::uint8_t {
  Immediate = 0,        ///< possible without a reset
  ControllerReset = 1,  ///< any Controller Level Reset
  ConventionalReset = 2,
  SubsystemReset = 3,
  TooLong = 4,     ///< without a reset it would take longer than MTFA allows
  Prohibited = 5,  ///< never
};

/// The header of a firmware image of the emulated SSD; docs/firmware-image.md describes it. The
/// rest of the image is not looked at, only its CRC.
struct FirmwareHeader {
  static constexpr std::array<char, 8> kMagic{'D', 'B', 'F', 'W', 'I', 'M', 'G', '1'};
  static constexpr std::uint8_t kFailsToLoad = 1U << 0U;

  std::array<char, 8> magic = kMagic;
  std::uint32_t bytes = 0;   ///< of the image, this header included: a multiple of 4096
  std::uint32_t crc32c = 0;  ///< of all bytes from `revision` on
  std::array<char, 8> revision{};
  std::uint8_t activation = 0;  ///< an Activation
  std::uint8_t flags = 0;
  std::array<std::uint8_t, 38> reserved{};
};
static_assert(sizeof(FirmwareHeader) == 64 && offsetof(FirmwareHeader, revision) == 16);

inline constexpr std::size_t kFirmwareGranule = 4096;  ///< FWUG
inline constexpr std::size_t kMaxFirmwareBytes = std::size_t{1} << 20U;

/// The header of a whole image; nothing when the image is not valid.
[[nodiscard]] std::optional<FirmwareHeader> readFirmware(std::span<const std::byte> image) noexcept;

}  // namespace doorbell::emulator
