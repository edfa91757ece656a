#include "emulator/nvm/protection.h"

namespace doorbell::emulator {

namespace status = spec::status;
using spec::ProtectionFault;
using spec::ProtectionType;

namespace {

constexpr spec::Status statusOf(ProtectionFault fault) {
  switch (fault) {
    case ProtectionFault::Guard:
      return status::kGuardCheckError;
    case ProtectionFault::AppTag:
      return status::kApplicationTagCheckError;
    default:
      return status::kReferenceTagCheckError;
  }
}

}  // namespace

Outcome Protection::checkFields(std::uint64_t slba, bool inserts) const noexcept {
  if (!enabled()) return done();
  const bool usesRefTag = field_.checksRefTag() || (inserts && field_.action());
  const bool wrongType1 = layout_.type == ProtectionType::Type1 && usesRefTag &&
                          tags_.refTag != static_cast<std::uint32_t>(slba);
  if (wrongType1) return refused(status::kInvalidProtectionInfo, at::kCdw14);
  // A reference tag of type 3 is not the controller's to check.
  if (layout_.type == ProtectionType::Type3 && field_.checksRefTag()) {
    return refused(status::kInvalidProtectionInfo, at::kCdw12 + 3, 2);
  }
  return done();
}

Outcome Protection::check(const FormattedBlocks& blocks, std::uint64_t slba,
                          std::uint32_t firstIndex) const noexcept {
  if (checks() == 0) return done();
  for (std::uint32_t i = 0; i < blocks.count; ++i) {
    const spec::ProtectionExpectation expected{field_.checks(), tags_.appTag, tags_.appTagMask,
                                               layout_.refTag(tags_.refTag, firstIndex + i)};
    const std::byte* metadata = blocks.metadata + std::size_t{i} * layout_.metadataBytes;
    const auto fault = spec::checkProtection(layout_, expected, blocks.dataOf(i), metadata);
    if (fault != ProtectionFault::None) return failedAt(statusOf(fault), slba + i);
  }
  return done();
}

void Protection::insert(const FormattedBlocks& blocks, std::uint32_t firstIndex) const noexcept {
  for (std::uint32_t i = 0; i < blocks.count; ++i) {
    spec::insertProtection(layout_, tags_.appTag, layout_.refTag(tags_.refTag, firstIndex + i),
                           blocks.dataOf(i),
                           blocks.metadata + std::size_t{i} * layout_.metadataBytes);
  }
}

void Protection::moveRefTags(const FormattedBlocks& blocks, std::uint32_t by) const noexcept {
  constexpr std::size_t kRefTag = 4;  ///< in the tuple, big-endian
  for (std::uint32_t i = 0; i < blocks.count; ++i) {
    std::byte* const tuple =
        blocks.metadata + std::size_t{i} * layout_.metadataBytes + layout_.offset() + kRefTag;
    std::uint32_t tag = 0;
    for (std::size_t byte = 0; byte < 4; ++byte) {
      tag = (tag << 8U) | std::to_integer<std::uint32_t>(tuple[byte]);
    }
    tag += by;
    for (std::size_t byte = 0; byte < 4; ++byte) {
      tuple[byte] = static_cast<std::byte>(tag >> (8 * (3 - byte)));
    }
  }
}

}  // namespace doorbell::emulator
