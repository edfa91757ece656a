// Read, Write and Compare of a namespace whose blocks have metadata: apart from the data (MPTR) or
// interleaved with it, with or without protection information. Blocks pass through the shard's
// scratch memory, where they are checked as a whole before anything is written.
#include <algorithm>
#include <array>
#include <cstring>

#include "emulator/commands.h"
#include "emulator/nvm/block_store.h"
#include "emulator/nvm/limits.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

constexpr std::uint64_t kUnit = 512;  ///< of Data Units Read and Written

/// One command's blocks, and how the host sees them.
class Transfer {
 public:
  explicit Transfer(Command& command) noexcept
      : range(rangeOf(command)),
        protection(Protection::of(command.ns->format(), command.sqe)),
        blocks(scratchBlocks(command, range.blocks)),
        command_(command),
        metadataBytes_(command.ns->metadataBytes()),
        hasMetadata_(protection.hostHasMetadata()),
        interleaved_(hasMetadata_ && command.ns->format().extended != 0) {}

  /// Checks range, fields and pointers: the host's buffers are resolved when all is well.
  [[nodiscard]] Outcome begin(bool inserts) const noexcept {
    if (const auto bad = checkRange(*command_.ns, range); !bad.status.ok()) return bad;
    if (const auto bad = protection.checkFields(range.slba - command_.refTagShift, inserts);
        !bad.status.ok())
      return bad;
    const std::size_t metadata = std::size_t{range.blocks} * metadataBytes_;
    const std::size_t bytes = range.bytes() + (interleaved_ ? metadata : 0);
    if (bytes > HostBuffer::kMaxBytes) return refused(status::kInvalidField, at::kCdw12);
    if (const auto bad = command_.resolve(bytes); !bad.status.ok()) return bad;
    if (!hasMetadata_ || interleaved_) return done();
    const auto resolved = command_.shard.metadata.resolveMetadata(command_.sqe, metadata);
    if (resolved.ok()) return done();
    if (resolved == status::kDataTransferError) return {.status = resolved};
    return refused(resolved, offsetof(spec::Sqe, mptr));
  }

  /// From the host; `metadata` stays as it is where the host has none.
  void gather() const noexcept {
    forEachPart(
        [this](std::byte* at, std::size_t bytes) { command_.buffer().read(at, bytes); },
        [this](std::byte* at, std::size_t bytes) { command_.shard.metadata.read(at, bytes); });
  }
  void scatter() const noexcept {
    forEachPart(
        [this](std::byte* at, std::size_t bytes) { command_.buffer().write(at, bytes); },
        [this](std::byte* at, std::size_t bytes) { command_.shard.metadata.write(at, bytes); });
  }

  const BlockRange range;
  const Protection protection;
  const FormattedBlocks blocks;

 private:
  template <class Data, class Apart>
  void forEachPart(Data data, Apart apart) const noexcept {
    if (!interleaved_) {
      data(blocks.data, range.bytes());
      if (hasMetadata_) apart(blocks.metadata, std::size_t{range.blocks} * metadataBytes_);
      return;
    }
    for (std::uint32_t i = 0; i < range.blocks; ++i) {
      data(blocks.dataOf(i).data(), blocks.lbaBytes);
      data(blocks.metadata + std::size_t{i} * metadataBytes_, metadataBytes_);
    }
  }

  Command& command_;
  std::size_t metadataBytes_;
  bool hasMetadata_;  ///< it is transferred
  bool interleaved_;
};

/// What Read and Compare do before they look at data.
Outcome beginRead(Command& command, const Transfer& transfer) noexcept {
  if (const auto bad = transfer.begin(false); !bad.status.ok()) return bad;
  if ((command.sqe.cdw12 & kForceUnitAccess) != 0) {
    command.ns->cache().flush(transfer.range.firstGranule(), transfer.range.granules());
  }
  IoCounters& counters = command.shard.counters;
  counters.hostReads.add();
  if (const auto bad = checkReadable(command, transfer.range); !bad.status.ok()) return bad;
  counters.unitsRead.add(transfer.range.bytes() / kUnit);
  return done();
}

/// PRACT of commands that neither insert nor strip protection information.
Outcome refusedAction() { return refused(status::kInvalidProtectionInfo, at::kCdw12 + 3, 5); }

/// Does a block's metadata on the medium say what the host sent? Protection information is not
/// compared: each side's was checked.
bool sameMetadata(const Protection& protection, const std::byte* kept, const std::byte* sent) {
  const auto& layout = protection.layout();
  if (!protection.enabled()) return std::memcmp(kept, sent, layout.metadataBytes) == 0;
  const std::size_t after = layout.offset() + spec::kProtectionBytes;
  return std::memcmp(kept, sent, layout.offset()) == 0 &&
         std::memcmp(kept + after, sent + after, layout.metadataBytes - after) == 0;
}

}  // namespace

Outcome readFormatted(Command& command) noexcept {
  const Transfer transfer(command);
  if (const auto bad = beginRead(command, transfer); !bad.status.ok()) return bad;
  loadBlocks(command, transfer.range, transfer.blocks);
  const auto bad = transfer.protection.check(transfer.blocks, transfer.range.slba);
  if (!bad.status.ok()) return bad;
  transfer.scatter();
  return done();
}

Outcome writeFormatted(Command& command) noexcept {
  const Transfer transfer(command);
  if (const auto bad = transfer.begin(true); !bad.status.ok()) return bad;
  transfer.gather();
  if (transfer.protection.acts()) {
    transfer.protection.insert(transfer.blocks);
  } else if (const auto bad = transfer.protection.check(transfer.blocks, transfer.range.slba);
             !bad.status.ok()) {
    return bad;
  }
  if (command.refTagShift != 0)
    transfer.protection.moveRefTags(transfer.blocks, command.refTagShift);
  if (const auto bad = storeBlocks(command, transfer.range, transfer.blocks); !bad.status.ok()) {
    return bad;
  }
  IoCounters& counters = command.shard.counters;
  counters.hostWrites.add();
  counters.unitsWritten.add(transfer.range.bytes() / kUnit);
  return done();
}

/// A block at a time: the host's are in the scratch memory already.
Outcome compareFormatted(Command& command) noexcept {
  const Transfer transfer(command);
  if (transfer.protection.acts()) return refusedAction();
  if (const auto bad = beginRead(command, transfer); !bad.status.ok()) return bad;
  transfer.gather();
  const Protection& protection = transfer.protection;
  if (const auto bad = protection.check(transfer.blocks, transfer.range.slba); !bad.status.ok()) {
    return bad;
  }
  alignas(64) std::array<std::byte, Media::kGranule> data;
  std::array<std::byte, Media::kMetadata> metadata;
  const FormattedBlocks kept{data.data(), metadata.data(), 1, command.ns->lbaBytes()};
  for (std::uint32_t i = 0; i < transfer.range.blocks; ++i) {
    const BlockRange one{transfer.range.slba + i, 1, transfer.range.shift};
    loadBlocks(command, one, kept);
    if (const auto bad = protection.check(kept, one.slba, i); !bad.status.ok()) return bad;
    const std::byte* sent = transfer.blocks.metadata + std::size_t{i} * command.ns->metadataBytes();
    const bool same =
        std::memcmp(data.data(), transfer.blocks.dataOf(i).data(), kept.lbaBytes) == 0 &&
        sameMetadata(protection, metadata.data(), sent);
    if (same) continue;
    Outcome outcome = refused(status::kCompareFailure);
    outcome.lba = one.slba;
    return outcome;
  }
  return done();
}

/// Zeros with metadata of zeros, but for protection information that is asked for, or what
/// deallocated blocks have.
Outcome writeZeroesFormatted(Command& command) noexcept {
  constexpr std::uint32_t kDeallocate = 1U << 25U;  // DEAC
  Namespace& ns = *command.ns;
  const BlockRange range = rangeOf(command);
  const Protection protection = Protection::of(ns.format(), command.sqe);
  if (const auto bad = protection.checkFields(range.slba, true); !bad.status.ok()) return bad;
  Media& media = ns.media();
  if (!media.reserve(range.firstGranule(), range.granules())) {
    return failedAt(status::kWriteFault, range.slba);
  }
  const bool deallocates = (command.sqe.cdw12 & kDeallocate) != 0 && !protection.acts();
  std::uint32_t index = 0;
  changeBlocks(command, range, isDurable(command), [&](const Piece& piece) {
    std::byte* data = media.write(piece.granule, piece.whole()) + piece.offset;
    const std::uint8_t mask = piece.marks(range.shift);
    const std::uint8_t holes = media.holes(piece.granule);
    clearMarks(ns, piece);
    media.setHoles(piece.granule,
                   static_cast<std::uint8_t>(deallocates ? holes | mask : holes & ~mask));
    const MetadataPart part = metadataPart(ns, piece);
    std::byte* metadata = media.writeMetadata(piece.granule) + part.offset;
    std::memset(data, 0, piece.bytes);
    if (deallocates) {
      std::memcpy(metadata, media.unwrittenMetadata().data() + part.offset, part.bytes);
    } else {
      std::memset(metadata, 0, part.bytes);
    }
    const auto count = static_cast<std::uint32_t>(piece.bytes >> range.shift);
    if (protection.acts()) protection.insert({data, metadata, count, ns.lbaBytes()}, index);
    index += count;
  });
  return done();
}

/// Reads and checks without a transfer, as much at a time as the scratch memory holds.
Outcome verify(Command& command) noexcept {
  const Namespace& ns = *command.ns;
  const BlockRange range = rangeOf(command);
  if (const auto bad = checkRange(ns, range); !bad.status.ok()) return bad;
  if (nvm_limits::exceedsRangeSize(range)) return refused(status::kInvalidField, at::kCdw12);
  const Protection protection = Protection::of(ns.format(), command.sqe);
  if (protection.acts()) return refusedAction();
  if (const auto bad = protection.checkFields(range.slba, false); !bad.status.ok()) return bad;
  IoCounters& counters = command.shard.counters;
  counters.hostReads.add();
  if (const auto bad = checkReadable(command, range); !bad.status.ok()) return bad;
  counters.unitsRead.add(range.bytes() / kUnit);
  if (protection.checks() == 0) return done();
  const auto most = static_cast<std::uint32_t>(HostBuffer::kMaxBytes >> range.shift);
  for (std::uint32_t first = 0; first < range.blocks; first += most) {
    const BlockRange part{range.slba + first, std::min(most, range.blocks - first), range.shift};
    const FormattedBlocks blocks = scratchBlocks(command, part.blocks);
    loadBlocks(command, part, blocks);
    if (const auto bad = protection.check(blocks, part.slba, first); !bad.status.ok()) return bad;
  }
  return done();
}

}  // namespace doorbell::emulator
