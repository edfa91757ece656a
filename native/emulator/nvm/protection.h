#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "emulator/block_format.h"
#include "emulator/outcome.h"
#include "spec/protection_information.h"
#include "spec/queue_entry.h"

namespace doorbell::emulator {

[[nodiscard]] inline spec::ProtectionLayout protectionLayout(const BlockFormat& format) noexcept {
  return {static_cast<spec::ProtectionType>(format.piType), format.piFirst != 0,
          static_cast<std::uint16_t>(format.metadataBytes())};
}

/// Blocks as the controller handles them: data and metadata apart.
struct FormattedBlocks {
  std::byte* data;
  std::byte* metadata;
  std::uint32_t count;
  std::uint32_t lbaBytes;

  [[nodiscard]] std::span<std::byte> dataOf(std::uint32_t block) const noexcept {
    return {data + std::size_t{block} * lbaBytes, lbaBytes};
  }
};

/// What a command asks of protection information, in a namespace that may have none.
class Protection {
 public:
  struct Tags {
    std::uint32_t refTag = 0;  ///< initial, or expected initial
    std::uint16_t appTag = 0;
    std::uint16_t appTagMask = 0;
  };

  Protection(const BlockFormat& format, spec::ProtectionInfoField field, Tags tags) noexcept
      : layout_(protectionLayout(format)), field_(field), tags_(tags) {}

  /// As Read, Write, Compare, Verify and Write Zeroes say it: cdw12, cdw14 and cdw15.
  [[nodiscard]] static Protection of(const BlockFormat& format, const spec::Sqe& sqe) noexcept {
    return {format, spec::ProtectionInfoField::ofCdw12(sqe.cdw12), tagsOf(sqe)};
  }
  [[nodiscard]] static Tags tagsOf(const spec::Sqe& sqe) noexcept {
    return {sqe.cdw14, static_cast<std::uint16_t>(sqe.cdw15),
            static_cast<std::uint16_t>(sqe.cdw15 >> 16U)};
  }

  [[nodiscard]] bool enabled() const noexcept { return layout_.enabled(); }
  /// The controller inserts or strips the information.
  [[nodiscard]] bool acts() const noexcept { return enabled() && field_.action(); }
  [[nodiscard]] std::uint8_t checks() const noexcept { return enabled() ? field_.checks() : 0; }
  /// False when the metadata is nothing but what the controller inserts and strips.
  [[nodiscard]] bool hostHasMetadata() const noexcept {
    return !acts() || layout_.metadataBytes != spec::kProtectionBytes;
  }
  [[nodiscard]] const spec::ProtectionLayout& layout() const noexcept { return layout_; }

  /// Do type, checks and reference tag go together? `inserts`: with PRACT, tags are written.
  [[nodiscard]] Outcome checkFields(std::uint64_t slba, bool inserts) const noexcept;
  /// The checks the command asks for; names the block that fails.
  [[nodiscard]] Outcome check(const FormattedBlocks& blocks, std::uint64_t slba,
                              std::uint32_t firstIndex = 0) const noexcept;
  /// Adds `by` to the reference tag of every block (Zone Append, PIREMAP).
  void moveRefTags(const FormattedBlocks& blocks, std::uint32_t by) const noexcept;
  void insert(const FormattedBlocks& blocks, std::uint32_t firstIndex = 0) const noexcept;

 private:
  spec::ProtectionLayout layout_;
  spec::ProtectionInfoField field_;
  Tags tags_;
};

}  // namespace doorbell::emulator
