// The Copy command (NVM Command Set 1.0, "Copy command"): range by range through the shard's
// scratch memory.
#include <array>

#include "emulator/commands.h"
#include "emulator/nvm/block_store.h"
#include "emulator/nvm/limits.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

/// Source Range Entry, Copy Descriptor Format 0h.
struct SourceRange {
  std::uint64_t reserved0;
  std::uint64_t slba;
  std::uint16_t blocks;  ///< 0's based
  std::array<std::uint16_t, 3> reserved18;
  std::uint32_t refTag;  ///< EILBRT
  std::uint16_t appTag;  ///< ELBAT
  std::uint16_t appTagMask;
};
static_assert(sizeof(SourceRange) == 32 && offsetof(SourceRange, refTag) == 24);

constexpr unsigned kFormatShift = 8;
constexpr unsigned kReadInfoShift = 12;  ///< PRINFOR

using SourceRanges = std::array<SourceRange, nvm_limits::kCopyRanges>;

BlockRange blocksOf(const SourceRange& source, std::uint32_t shift) {
  return {source.slba, source.blocks + 1U, shift};
}

spec::ProtectionInfoField readInfo(const spec::Sqe& sqe) {
  return {static_cast<std::uint8_t>((sqe.cdw12 >> kReadInfoShift) & 0x0fU)};
}

/// Format, sizes, and that all blocks exist.
Outcome checkSources(const Command& command, const SourceRanges& sources, std::size_t count,
                     BlockRange& target) noexcept {
  target = {(std::uint64_t{command.sqe.cdw11} << 32U) | command.sqe.cdw10, 0,
            command.ns->lbaShift()};
  for (std::size_t i = 0; i < count; ++i) {
    const BlockRange source = blocksOf(sources[i], target.shift);
    target.blocks += source.blocks;
    if (source.blocks > nvm_limits::kCopyRangeBlocks || target.blocks > nvm_limits::kCopyBlocks) {
      return refused(status::kCommandSizeLimitExceeded, at::kPrp1);
    }
    if (const auto bad = checkRange(*command.ns, source); !bad.status.ok()) return bad;
  }
  return checkRange(*command.ns, target);
}

/// Reads, checks and writes one range; `index`: blocks copied before.
Outcome copyRange(Command& command, const SourceRange& entry, const BlockRange& target,
                  std::uint32_t index) noexcept {
  const BlockFormat& format = command.ns->format();
  const BlockRange source = blocksOf(entry, target.shift);
  const Protection in(format, readInfo(command.sqe),
                      {entry.refTag, entry.appTag, entry.appTagMask});
  const Protection out = Protection::of(format, command.sqe);
  if (const auto bad = in.checkFields(source.slba, false); !bad.status.ok()) return bad;
  if (const auto bad = checkReadable(command, source); !bad.status.ok()) return bad;
  const FormattedBlocks blocks = scratchBlocks(command, source.blocks);
  loadBlocks(command, source, blocks);
  if (const auto bad = in.check(blocks, source.slba); !bad.status.ok()) return bad;
  const BlockRange part{target.slba + index, source.blocks, target.shift};
  if (out.acts()) {
    out.insert(blocks, index);
  } else if (const auto bad = out.check(blocks, part.slba, index); !bad.status.ok()) {
    return bad;
  }
  return storeBlocks(command, part, blocks);
}

}  // namespace

Outcome copy(Command& command) noexcept {
  const spec::Sqe& sqe = command.sqe;
  const std::size_t count = (sqe.cdw12 & 0xffU) + 1;
  if (((sqe.cdw12 >> kFormatShift) & 0x0fU) != 0) {
    return refused(status::kInvalidField, at::kCdw12 + 1);
  }
  if (count > nvm_limits::kCopyRanges) {
    return refused(status::kCommandSizeLimitExceeded, at::kCdw12);
  }
  const Protection out = Protection::of(command.ns->format(), sqe);
  if (out.enabled() && out.acts() != readInfo(sqe).action()) {
    return refused(status::kInvalidField, at::kCdw12 + 3, 5);
  }
  SourceRanges sources;
  const std::size_t bytes = count * sizeof(SourceRange);
  if (const auto bad = command.resolve(bytes); !bad.status.ok()) return bad;
  command.buffer().read(reinterpret_cast<std::byte*>(sources.data()), bytes);
  BlockRange target;
  if (const auto bad = checkSources(command, sources, count, target); !bad.status.ok()) return bad;
  if (const auto bad = out.checkFields(target.slba, true); !bad.status.ok()) return bad;
  std::uint32_t copied = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Outcome outcome = copyRange(command, sources[i], target, copied);
    if (!outcome.status.ok()) {
      outcome.dw0 = static_cast<std::uint32_t>(i);  // the first entry that was not copied
      return outcome;
    }
    copied += sources[i].blocks + 1U;
  }
  command.shard.counters.hostWrites.add();
  return done();
}

}  // namespace doorbell::emulator
