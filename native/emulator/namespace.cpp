#include "emulator/namespace.h"

#include <algorithm>

#include "emulator/nvm/protection.h"
#include "emulator/zns/clear_blocks.h"

namespace doorbell::emulator {

namespace {

/// Metadata of blocks that were never written, or deallocated: zeros; protection information is all
/// ones, which turns its checks off (NVM Command Set 1.0, "Deallocated or Unwritten Logical
/// Blocks").
Media::Metadata unwrittenMetadata(const BlockFormat& format) noexcept {
  Media::Metadata metadata{};
  if (format.piType == 0) return metadata;
  const std::size_t perBlock = format.metadataBytes();
  for (std::size_t at = protectionLayout(format).offset(); at < metadata.size(); at += perBlock) {
    std::fill_n(metadata.begin() + static_cast<std::ptrdiff_t>(at), spec::kProtectionBytes,
                std::byte{0xff});
  }
  return metadata;
}

}  // namespace

Namespace::Namespace(std::uint32_t nsid, NamespaceRecord& record, Media media, ZoneRoom& zones)
    : nsid_(nsid), record_(record), media_(std::move(media)), cache_(media_) {
  adopt();
  if (csi() != spec::kZonedCommandSet) return;
  zoned_ = std::make_unique<ZonedSpace>(zones, bytes(), lbaShift());
  cache_.bypass();
}

void Namespace::adopt() noexcept {
  const std::uint32_t before = lbaShift_;
  format_ = record_.format;
  lbaShift_ = format_.dataShift();
  metadataBytes_ = format_.metadataBytes();
  blocks_ = record_.blocks;
  writeProtection_ = record_.writeProtection;
  media_.setMetadata(metadataBytes_, unwrittenMetadata(format_));
  if (zoned_ && lbaShift_ != before) zoned_->reformat(lbaShift_);
}

void Namespace::flush() noexcept {
  cache_.flushAll();
  if (!zoned_) return;
  const ZonedSpace::Hold hold(*zoned_);
  zoned_->table().flush();
}

void Namespace::losePower(std::uint64_t seed) noexcept {
  cache_.losePower(seed);
  if (!zoned_) return;
  zoned_->table().losePower(
      seed, [this](const ZoneTable::Blocks& lost) { clearBlocks(*this, lost.slba, lost.count); });
}

void Namespace::erase() noexcept {
  cache_.flushAll();
  media_.eraseAll();
  if (zoned_) zoned_->reformat(lbaShift_);
}

}  // namespace doorbell::emulator
