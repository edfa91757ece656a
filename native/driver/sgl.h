#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "spec/sgl.h"

namespace doorbell::driver {

/// Memory for the segments of one command's SGL.
struct SglArea {
  spec::SglDescriptor* descriptors = nullptr;
  std::uint64_t bus = 0;
  std::size_t capacity = 0;  ///< descriptors
};

/// Descriptors that `pieces` need in memory, those that chain segments included. `perSegment` is
/// the most of one segment (2 or more), 0 for all in one; a single piece needs none then.
[[nodiscard]] std::size_t sglDescriptors(std::size_t pieces, std::size_t perSegment) noexcept;

/// Lays the segments out in `area` and returns SGL Descriptor 1 of the command. Nothing when they
/// do not fit.
[[nodiscard]] std::optional<spec::SglDescriptor> buildSgl(
    std::span<const spec::SglDescriptor> pieces, std::size_t perSegment, const SglArea& area);

}  // namespace doorbell::driver
