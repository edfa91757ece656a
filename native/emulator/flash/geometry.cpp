#include "emulator/flash/geometry.h"

#include <algorithm>

namespace doorbell::emulator::flash {

namespace {

constexpr std::uint64_t kManyDiesFrom = std::uint64_t{64} << 30U;
constexpr std::uint64_t kWantedSuperblocks = 128;
constexpr std::uint64_t kMaxDefaultSlcBytes = std::uint64_t{2} << 30U;
/// Spare capacity in per mille of what the host sees: GiB of NAND sold as GB, as clients are.
constexpr std::uint64_t kOverProvisioning = 70;
/// For the blocks being written and the low-water mark of free ones.
constexpr std::uint32_t kReserve = 6;

constexpr std::uint64_t divideUp(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

}  // namespace

Geometry Geometry::of(std::uint64_t capacityBytes, std::uint64_t slcBytes) noexcept {
  Geometry geometry;
  if (capacityBytes >= kManyDiesFrom) {
    geometry.channels = 8;
    geometry.diesPerChannel = 4;
  }
  geometry.logicalSlots = geometry.addressSlots = divideUp(capacityBytes, kSlotBytes);
  const std::uint64_t perWordLine = std::uint64_t{geometry.dies()} * kRowSlots * kBitsPerCell;
  geometry.wordLines = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(
      geometry.logicalSlots / kWantedSuperblocks / perWordLine, 1, Timing::kFullWordLines));
  const std::uint64_t wanted = geometry.logicalSlots * (1000 + kOverProvisioning) / 1000;
  geometry.tlcSuperblocks =
      static_cast<std::uint32_t>(divideUp(wanted, geometry.slots(false))) + kReserve;
  const std::uint64_t slc =
      slcBytes != 0 ? slcBytes : std::min(capacityBytes / 16, kMaxDefaultSlcBytes);
  geometry.slcSuperblocks = static_cast<std::uint32_t>(
      std::max<std::uint64_t>(divideUp(slc / kSlotBytes, geometry.slots(true)), 2));
  return geometry;
}

/// A block with fewer word lines takes less time, or small drives would do nothing but erase.
std::uint64_t Timing::eraseOf(const Geometry& geometry) const noexcept {
  return std::max<std::uint64_t>(erase * geometry.wordLines / kFullWordLines, 50'000);
}

}  // namespace doorbell::emulator::flash
