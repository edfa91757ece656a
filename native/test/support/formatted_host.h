#pragma once

#include <doctest/doctest.h>

#include <string>

#include "spec/protection_information.h"
#include "test/support/test_host.h"

namespace doorbell::test {

/// PRINFO in cdw12: PRACT and the bits of PRCHK.
inline constexpr std::uint32_t kAct = 1U << 29U;
inline constexpr std::uint32_t kGuard = 1U << 28U;
inline constexpr std::uint32_t kAppTag = 1U << 27U;
inline constexpr std::uint32_t kRefTag = 1U << 26U;

/// Initial or expected tags of a command.
struct Tags {
  std::uint32_t refTag = 0;
  std::uint16_t appTag = 0;
  std::uint16_t mask = 0;
};

/// A host with a namespace of the given format (option lbaSize), whose commands carry metadata:
/// data at the start of `data`, metadata apart at kMetadata.
struct FormattedHost : TestHost {
  static constexpr std::uint32_t kMetadata = 1U << 20U;

  using TestHost::block;

  explicit FormattedHost(const std::string& format)
      : TestHost(freshAddress("size=64M&lbaSize=" + format)) {
    openIo();
    identify(spec::Cns::Namespace, 1);
    const auto id = data.as<spec::IdentifyNamespace>();
    const auto& lbaf = id.lbaf[id.flbas & 0x0fU];
    lbaBytes = 1U << lbaf.dataSizeShift;
    extended = (id.flbas & 0x10U) != 0;
    layout = {static_cast<spec::ProtectionType>(id.dps & 7U), (id.dps & 8U) != 0,
              lbaf.metadataSize};
    data.fill(0);
  }

  [[nodiscard]] spec::Sqe command(spec::NvmOpcode opcode, std::uint64_t slba, std::uint32_t count,
                                  std::uint32_t info = 0, Tags tags = {}) const {
    auto sqe = block(opcode, slba, count);
    sqe.mptr = data.bus() + kMetadata;
    sqe.cdw12 |= info;
    sqe.cdw14 = tags.refTag;
    sqe.cdw15 = (std::uint32_t{tags.mask} << 16U) | tags.appTag;
    return sqe;
  }
  spec::Status send(spec::NvmOpcode opcode, std::uint64_t slba, std::uint32_t count,
                    std::uint32_t info = 0, Tags tags = {}) {
    return plain(ioCommand(command(opcode, slba, count, info, tags)));
  }

  /// Where block `index` of a transfer and its metadata are in `data`.
  [[nodiscard]] std::uint32_t blockAt(std::uint32_t index) const {
    return index * (lbaBytes + (extended ? layout.metadataBytes : 0U));
  }
  [[nodiscard]] std::uint32_t metadataAt(std::uint32_t index) const {
    return extended ? blockAt(index) + lbaBytes : kMetadata + index * layout.metadataBytes;
  }
  [[nodiscard]] std::byte* block(std::uint32_t index) const { return data.data() + blockAt(index); }
  [[nodiscard]] std::byte* metadata(std::uint32_t index) const {
    return data.data() + metadataAt(index);
  }
  [[nodiscard]] spec::ProtectionTuple tuple(std::uint32_t index) const {
    return spec::loadProtection(metadata(index) + layout.offset());
  }
  void setTuple(std::uint32_t index, const spec::ProtectionTuple& tuple) const {
    spec::storeProtection(metadata(index) + layout.offset(), tuple);
  }
  /// Data and metadata bytes of blocks 0.. of a transfer: `fill` + index, and its complement.
  void putBlocks(std::uint32_t count, unsigned fill) const {
    for (std::uint32_t i = 0; i < count; ++i) {
      std::memset(block(i), static_cast<int>(fill + i), lbaBytes);
      std::memset(metadata(i), static_cast<int>(~(fill + i) & 0xffU), layout.metadataBytes);
    }
  }
  /// Right protection information for what putBlocks() put.
  void protect(std::uint32_t count, Tags tags) const {
    for (std::uint32_t i = 0; i < count; ++i) {
      spec::insertProtection(layout, tags.appTag, layout.refTag(tags.refTag, i),
                             {block(i), lbaBytes}, metadata(i));
    }
  }
  [[nodiscard]] bool holds(std::uint32_t count, unsigned fill) const {
    for (std::uint32_t i = 0; i < count; ++i) {
      for (std::uint32_t at = 0; at < lbaBytes; ++at) {
        if (block(i)[at] != static_cast<std::byte>(fill + i)) return false;
      }
    }
    return true;
  }
  [[nodiscard]] bool holdsMetadata(std::uint32_t count, unsigned fill) const {
    for (std::uint32_t i = 0; i < count; ++i) {
      for (std::uint32_t at = 0; at < layout.metadataBytes; ++at) {
        if (metadata(i)[at] != static_cast<std::byte>(~(fill + i))) return false;
      }
    }
    return true;
  }

  std::uint32_t lbaBytes = 0;
  bool extended = false;
  spec::ProtectionLayout layout;
};

}  // namespace doorbell::test
