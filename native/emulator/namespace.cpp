#include "emulator/namespace.h"

#include <algorithm>

#include "emulator/nvm/protection.h"

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

void Namespace::adopt() noexcept {
  format_ = record_.format;
  lbaShift_ = format_.dataShift();
  metadataBytes_ = format_.metadataBytes();
  blocks_ = record_.blocks;
  writeProtection_ = record_.writeProtection;
  media_.setMetadata(metadataBytes_, unwrittenMetadata(format_));
}

void Namespace::erase() noexcept {
  cache_.flushAll();
  media_.eraseAll();
}

}  // namespace doorbell::emulator
