#include "driver/meta/protection.h"

#include <string>

#include "platform/error.h"

namespace doorbell::driver {
namespace {

/// Data and metadata of each block, with the memory held.
class Walk {
 public:
  explicit Walk(const ProtectedBlocks& blocks)
      : lbaBytes_(blocks.lbaBytes), metadataBytes_(blocks.layout.metadataBytes) {
    if (!blocks.layout.enabled() || metadataBytes_ < spec::kProtectionBytes) {
      throw Error("OUT_OF_RANGE",
                  "protection information needs a type of 1 to 3 and 8 bytes of "
                  "metadata or more, not " +
                      std::to_string(metadataBytes_));
    }
    extended_ = blocks.metadata == nullptr;
    const std::size_t count = blocks.blocks;
    data_ = blocks.data->view(blocks.offset, count * stride());
    if (!extended_)
      separate_ = blocks.metadata->view(blocks.metadataOffset, count * metadataBytes_);
  }
  [[nodiscard]] std::span<const std::byte> data(std::size_t block) const {
    return data_.bytes.subspan(block * stride(), lbaBytes_);
  }
  [[nodiscard]] std::byte* metadata(std::size_t block) const {
    return extended_ ? data_.bytes.data() + block * stride() + lbaBytes_
                     : separate_.bytes.data() + block * metadataBytes_;
  }

 private:
  [[nodiscard]] std::size_t stride() const { return lbaBytes_ + (extended_ ? metadataBytes_ : 0); }

  std::size_t lbaBytes_;
  std::size_t metadataBytes_;
  bool extended_ = false;
  DmaBuffer::View data_;
  DmaBuffer::View separate_;
};

}  // namespace

void fillProtection(const ProtectedBlocks& blocks, std::uint16_t appTag, std::uint32_t refTag) {
  const Walk walk(blocks);
  for (std::uint32_t block = 0; block < blocks.blocks; ++block) {
    spec::insertProtection(blocks.layout, appTag, blocks.layout.refTag(refTag, block),
                           walk.data(block), walk.metadata(block));
  }
}

std::optional<ProtectionMismatch> checkProtection(const ProtectedBlocks& blocks,
                                                  const spec::ProtectionExpectation& expected) {
  const Walk walk(blocks);
  for (std::uint32_t block = 0; block < blocks.blocks; ++block) {
    spec::ProtectionExpectation wanted = expected;
    wanted.refTag = blocks.layout.refTag(expected.refTag, block);
    const auto data = walk.data(block);
    const std::byte* metadata = walk.metadata(block);
    const auto fault = spec::checkProtection(blocks.layout, wanted, data, metadata);
    if (fault == spec::ProtectionFault::None) continue;
    return ProtectionMismatch{
        .block = block,
        .fault = fault,
        .found = spec::loadProtection(metadata + blocks.layout.offset()),
        .expected = {spec::guardOf(blocks.layout, data, metadata), wanted.appTag, wanted.refTag}};
  }
  return std::nullopt;
}

}  // namespace doorbell::driver
