#pragma once

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "emulator/admin/firmware_image.h"
#include "spec/crc32c.h"

namespace doorbell::test {

/// A valid image of the emulated SSD's firmware.
inline std::vector<std::byte> firmwareImage(
    std::string_view revision, emulator::Activation activation = emulator::Activation::Immediate,
    std::size_t bytes = 8192, std::uint8_t flags = 0) {
  std::vector<std::byte> image(bytes, std::byte{0x5a});
  emulator::FirmwareHeader header;
  header.bytes = static_cast<std::uint32_t>(bytes);
  header.revision.fill(' ');
  std::copy(revision.begin(), revision.end(), header.revision.begin());
  header.activation = static_cast<std::uint8_t>(activation);
  header.flags = flags;
  std::memcpy(image.data(), &header, sizeof(header));
  header.crc32c = spec::crc32c(std::span(image).subspan(16));
  std::memcpy(image.data(), &header, sizeof(header));
  return image;
}

}  // namespace doorbell::test
