// Protection information of blocks in DMA buffers.
#include <doctest/doctest.h>

#include "driver/meta/protection.h"
#include "support/rig.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;
using spec::ProtectionFault;
using spec::ProtectionType;

namespace {

constexpr std::uint8_t kAllChecks = 7;

ProtectedBlocks blocksOf(ProtectionType type, bool extended, std::uint16_t metadataBytes,
                         bool first) {
  const std::uint32_t stride = 512U + (extended ? metadataBytes : 0U);
  ProtectedBlocks blocks{.data = DmaBuffer::allocate(16 + 8 * stride),
                         .offset = 16,
                         .blocks = 8,
                         .layout = {type, first, metadataBytes}};
  blocks.data->fillRandom(0, blocks.data->size(), 3, 0);
  if (!extended) {
    blocks.metadata = DmaBuffer::allocate(4 + 8U * metadataBytes);
    blocks.metadataOffset = 4;
  }
  return blocks;
}

void flip(DmaBuffer& buffer, std::size_t offset) {
  std::byte byte[1];
  buffer.read(offset, byte);
  byte[0] ^= std::byte{1};
  buffer.write(offset, byte);
}

}  // namespace

TEST_CASE("What was filled in is right, for every type and layout, and a changed bit is found") {
  for (const auto type : {ProtectionType::Type1, ProtectionType::Type2, ProtectionType::Type3}) {
    for (const bool extended : {false, true}) {
      for (const std::uint16_t metadataBytes : {std::uint16_t{8}, std::uint16_t{64}}) {
        for (const bool first : {false, true}) {
          CAPTURE(static_cast<int>(type));
          CAPTURE(extended);
          CAPTURE(metadataBytes);
          CAPTURE(first);
          const auto blocks = blocksOf(type, extended, metadataBytes, first);
          fillProtection(blocks, 0x1234, 100);
          const spec::ProtectionExpectation expected{kAllChecks, 0x1234, 0xffff, 100};
          CHECK_FALSE(checkProtection(blocks, expected));
          const std::size_t stride = 512U + (extended ? metadataBytes : 0U);
          flip(*blocks.data, 16 + 3 * stride + 500);
          const auto wrong = checkProtection(blocks, expected);
          REQUIRE(wrong);
          CHECK(wrong->block == 3);
          CHECK(wrong->fault == ProtectionFault::Guard);
          CHECK(wrong->found.guard != wrong->expected.guard);
          CHECK(wrong->found.refTag == (type == ProtectionType::Type3 ? 100 : 103));
        }
      }
    }
  }
}

TEST_CASE("Wrong tags are told apart") {
  const auto blocks = blocksOf(ProtectionType::Type1, false, 8, false);
  fillProtection(blocks, 0x1234, 100);
  CHECK(checkProtection(blocks, {kAllChecks, 0x1235, 0xffff, 100})->fault ==
        ProtectionFault::AppTag);
  CHECK_FALSE(checkProtection(blocks, {kAllChecks, 0x1235, 0xfff0, 100}));
  CHECK(checkProtection(blocks, {kAllChecks, 0x1234, 0xffff, 99})->fault ==
        ProtectionFault::RefTag);
  CHECK_FALSE(checkProtection(blocks, {0, 0, 0, 0}));
}

TEST_CASE("Blocks that do not fit, or have no protection information, are refused") {
  auto blocks = blocksOf(ProtectionType::Type1, false, 8, false);
  blocks.blocks = 9;
  CHECK(codeOf([&] { fillProtection(blocks, 0, 0); }) == "OUT_OF_RANGE");
  blocks.blocks = 8;
  blocks.metadataOffset = 8;
  CHECK(codeOf([&] { fillProtection(blocks, 0, 0); }) == "OUT_OF_RANGE");
  blocks.layout.metadataBytes = 4;
  CHECK(codeOf([&] { (void)checkProtection(blocks, {}); }) == "OUT_OF_RANGE");
  blocks.layout = {ProtectionType::None, false, 8};
  CHECK(codeOf([&] { (void)checkProtection(blocks, {}); }) == "OUT_OF_RANGE");
}
