#include "driver/sgl.h"

#include <algorithm>

namespace doorbell::driver {
namespace {

using spec::SglDescriptor;
using spec::SglType;

/// The descriptor that points to a segment of `count` descriptors.
SglDescriptor toSegment(std::uint64_t bus, std::size_t count, bool last) {
  return SglDescriptor::of(last ? SglType::LastSegment : SglType::Segment, bus,
                           static_cast<std::uint32_t>(count * sizeof(SglDescriptor)));
}

/// Descriptors of the next segment when `left` pieces are to come.
std::size_t segmentSize(std::size_t left, std::size_t perSegment) {
  return perSegment == 0 ? left : std::min(left, perSegment);
}

}  // namespace

std::size_t sglDescriptors(std::size_t pieces, std::size_t perSegment) noexcept {
  if (pieces <= 1 && perSegment == 0) return 0;
  if (perSegment == 0 || pieces <= perSegment) return pieces;
  // Every segment but the last spends one descriptor on the next.
  const std::size_t chained = (pieces - perSegment + perSegment - 2) / (perSegment - 1);
  return pieces + chained;
}

std::optional<SglDescriptor> buildSgl(std::span<const SglDescriptor> pieces, std::size_t perSegment,
                                      const SglArea& area) {
  const std::size_t needed = sglDescriptors(pieces.size(), perSegment);
  if (needed == 0) return pieces.front();
  if (needed > area.capacity) return std::nullopt;
  std::size_t left = pieces.size();
  std::size_t at = 0;
  std::size_t size = segmentSize(left, perSegment);
  const SglDescriptor first = toSegment(area.bus, size, size == left);
  while (size < left) {
    std::copy_n(pieces.end() - static_cast<std::ptrdiff_t>(left), size - 1, area.descriptors + at);
    left -= size - 1;
    const std::size_t next = segmentSize(left, perSegment);
    at += size;
    area.descriptors[at - 1] = toSegment(area.bus + at * sizeof(SglDescriptor), next, next == left);
    size = next;
  }
  std::copy_n(pieces.end() - static_cast<std::ptrdiff_t>(left), left, area.descriptors + at);
  return first;
}

}  // namespace doorbell::driver
