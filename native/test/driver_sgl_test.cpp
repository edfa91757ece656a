// The scatter gather lists of a command: which descriptors, in which segments.
#include <doctest/doctest.h>

#include <vector>

#include "driver/sgl.h"

using namespace doorbell::driver;
using doorbell::spec::SglDescriptor;
using doorbell::spec::SglType;

namespace {

constexpr std::uint64_t kBus = 0x10000;

struct Memory {
  std::vector<SglDescriptor> descriptors = std::vector<SglDescriptor>(16);
  SglArea area{descriptors.data(), kBus, descriptors.size()};
};

std::vector<SglDescriptor> blocks(std::size_t count) {
  std::vector<SglDescriptor> pieces;
  for (std::size_t i = 0; i < count; ++i)
    pieces.push_back(SglDescriptor::of(SglType::DataBlock, 0x100000 * (i + 1), 512));
  return pieces;
}

/// The addresses of the data blocks, walked as a controller walks them; empty when it may not.
std::vector<std::uint64_t> walk(SglDescriptor first, const Memory& memory) {
  if (first.type() == SglType::DataBlock) return {first.address};
  std::vector<std::uint64_t> found;
  SglDescriptor segment = first;
  while (true) {
    const bool last = segment.type() == SglType::LastSegment;
    if (!last && segment.type() != SglType::Segment) return {};
    const std::size_t count = segment.length / sizeof(SglDescriptor);
    const std::size_t at = (segment.address - kBus) / sizeof(SglDescriptor);
    for (std::size_t i = 0; i < count - (last ? 0 : 1); ++i)
      found.push_back(memory.descriptors.at(at + i).address);
    if (last) return found;
    segment = memory.descriptors.at(at + count - 1);
  }
}

}  // namespace

TEST_CASE("One piece is a data block in the command itself") {
  Memory memory;
  const auto first = buildSgl(blocks(1), 0, memory.area);
  REQUIRE(first);
  CHECK(first->type() == SglType::DataBlock);
  CHECK(first->address == 0x100000);
  CHECK(first->length == 512);
}

TEST_CASE("Several pieces are a last segment") {
  Memory memory;
  const auto first = buildSgl(blocks(3), 0, memory.area);
  REQUIRE(first);
  CHECK(first->type() == SglType::LastSegment);
  CHECK(first->length == 48);
  CHECK(walk(*first, memory).size() == 3);
}

TEST_CASE("Segments are chained, whatever their size, and keep the order") {
  for (std::size_t pieces = 1; pieces <= 8; ++pieces) {
    for (std::size_t perSegment = 2; perSegment <= 9; ++perSegment) {
      CAPTURE(pieces);
      CAPTURE(perSegment);
      Memory memory;
      const auto first = buildSgl(blocks(pieces), perSegment, memory.area);
      REQUIRE(first);
      CHECK(first->length <= perSegment * sizeof(SglDescriptor));
      std::vector<std::uint64_t> expected;
      for (const auto& block : blocks(pieces)) expected.push_back(block.address);
      CHECK(walk(*first, memory) == expected);
      // What it said that it needs is what it used.
      const std::size_t needed = sglDescriptors(pieces, perSegment);
      CHECK(memory.descriptors.at(needed - 1).address != 0);
      CHECK(memory.descriptors.at(needed).address == 0);
    }
  }
}

TEST_CASE("A list longer than its area is refused") {
  Memory memory;
  CHECK_FALSE(buildSgl(blocks(17), 0, memory.area));
  CHECK_FALSE(buildSgl(blocks(12), 3, memory.area));
}
