#include "emulator/admin/firmware_image.h"

#include <algorithm>
#include <cstring>

#include "spec/crc32c.h"

namespace doorbell::emulator {

namespace {

constexpr bool printable(char c) { return c >= ' ' && c <= '~'; }

}  // namespace

std::optional<FirmwareHeader> readFirmware(std::span<const std::byte> image) noexcept {
  FirmwareHeader header;
  if (image.size() < sizeof(header)) return std::nullopt;
  std::memcpy(static_cast<void*>(&header), image.data(), sizeof(header));
  if (header.magic != FirmwareHeader::kMagic || header.bytes != image.size()) return std::nullopt;
  if (header.activation > static_cast<std::uint8_t>(Activation::Prohibited)) return std::nullopt;
  if (!std::all_of(header.revision.begin(), header.revision.end(), printable)) return std::nullopt;
  const auto covered = image.subspan(offsetof(FirmwareHeader, revision));
  if (spec::crc32c(covered) != header.crc32c) return std::nullopt;
  return header;
}

}  // namespace doorbell::emulator
