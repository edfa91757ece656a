// Commands with any kind of transfer, posted and rung apart, or fused.
#include <algorithm>
#include <numeric>

#include "driver/controller_core.h"
#include "driver/qpair.h"
#include "platform/error.h"
#include "spec/sgl.h"

namespace doorbell::driver {
namespace {

using spec::SglDescriptor;
using spec::SglType;

constexpr std::uint64_t kNsPerMs = 1'000'000;

std::size_t totalBytes(const Transfer& transfer) {
  return std::accumulate(
      transfer.data.begin(), transfer.data.end(), std::size_t{0},
      [](std::size_t sum, const MemoryPiece& piece) { return sum + piece.length; });
}

void setPsdt(spec::Sqe& sqe, spec::Psdt psdt) {
  sqe.flags = static_cast<std::uint8_t>((sqe.flags & 0x3fU) | (static_cast<unsigned>(psdt) << 6U));
}

/// FUSE: bits 1:0 of the flags.
void setFuse(spec::Sqe& sqe, unsigned fuse) {
  sqe.flags = static_cast<std::uint8_t>((sqe.flags & ~3U) | fuse);
}

[[noreturn]] void outOfRange(const std::string& what) { throw Error("OUT_OF_RANGE", what); }

/// Everything of a transfer that uses memory is held by these.
std::unique_ptr<std::vector<Pin>> pinsOf(const Transfer& transfer) {
  auto pins = std::make_unique<std::vector<Pin>>();
  for (const MemoryPiece& piece : transfer.data) pins->emplace_back(piece.buffer);
  if (transfer.metadata) pins->emplace_back(transfer.metadata->buffer);
  return pins;
}

}  // namespace

std::uint16_t Qpair::submit(const spec::Sqe& sqe, const Transfer& transfer, spec::Sqe* posted,
                            QpairChannel* channel) {
  const std::scoped_lock lock(mutex_);
  throwUnlessOpen();
  throwUnlessRoom(1);
  checkTransfer(transfer);
  if (core_->verifies()) throwUnlessStampable(sqe);
  spec::Sqe entry = sqe;
  const std::uint16_t cid = place(entry, transfer, orOwn(channel));
  ring();
  if (posted != nullptr) *posted = entry;
  return cid;
}

std::uint16_t Qpair::post(const spec::Sqe& sqe, const Transfer& transfer, spec::Sqe* posted,
                          QpairChannel* channel) {
  const std::scoped_lock lock(mutex_);
  throwUnlessOpen();
  throwUnlessRoom(1);
  checkTransfer(transfer);
  if (core_->verifies()) throwUnlessStampable(sqe);
  spec::Sqe entry = sqe;
  const std::uint16_t cid = place(entry, transfer, orOwn(channel));
  if (posted != nullptr) *posted = entry;
  return cid;
}

void Qpair::ringDoorbell() {
  const std::scoped_lock lock(mutex_);
  throwUnlessOpen();
  ring();
}

void Qpair::ring() { queue_->pair().ringDoorbellAt(core_->clock().ticks()); }

std::array<std::uint16_t, 2> Qpair::submitFused(std::span<const spec::Sqe, 2> sqes,
                                                std::span<const Transfer, 2> transfers,
                                                spec::Sqe* posted, QpairChannel* channel) {
  const std::scoped_lock lock(mutex_);
  throwUnlessOpen();
  throwUnlessRoom(2);
  if (transfers[0].cid && transfers[0].cid == transfers[1].cid)
    outOfRange("the commands of a fused pair have two CIDs");
  for (const Transfer& transfer : transfers) checkTransfer(transfer);
  for (const spec::Sqe& sqe : sqes) {
    if (core_->verifies()) throwUnlessStampable(sqe);
  }
  std::array<spec::Sqe, 2> entries{sqes[0], sqes[1]};
  setFuse(entries[0], 1);
  setFuse(entries[1], 2);
  // The one that chooses its CID comes to it even if the other would have taken it in rotation.
  if (transfers[1].cid && !transfers[0].cid && queue_->pair().nextCid() == *transfers[1].cid)
    outOfRange("CID " + std::to_string(*transfers[1].cid) +
               " is the next in rotation: choose the first command's, too");
  std::array<std::uint16_t, 2> cids{};
  for (std::size_t i = 0; i < 2; ++i) cids[i] = place(entries[i], transfers[i], orOwn(channel));
  ring();
  if (posted != nullptr) std::copy(entries.begin(), entries.end(), posted);
  return cids;
}

/// Everything that can be refused is refused here, mappings included: nothing is half built.
void Qpair::checkTransfer(const Transfer& transfer) const {
  const auto& pair = queue_->pair();
  if (transfer.cid && !pair.isFree(*transfer.cid)) {
    outOfRange("CID " + std::to_string(*transfer.cid) +
               " is outstanding, or beyond this queue's: 0 to " + std::to_string(depth_ - 2) +
               "; metamode queues take any");
  }
  for (const MemoryPiece& piece : transfer.data) {
    if (piece.buffer) {
      piece.buffer->check(piece.offset, piece.length);
      (void)busAddress(piece);
    } else if (transfer.pointers == Pointers::Prp) {
      outOfRange("a data transfer needs a DMA buffer: PRPs have no bit bucket");
    }
  }
  if (transfer.metadata) {
    if (!transfer.metadata->buffer) outOfRange("metadata needs a DMA buffer");
    transfer.metadata->buffer->check(transfer.metadata->offset, transfer.metadata->length);
    (void)busAddress(*transfer.metadata);
  }
  const std::size_t bytes = totalBytes(transfer);
  if (transfer.pointers == Pointers::Prp) {
    if (transfer.data.size() > 1) outOfRange("PRPs describe one buffer; an SGL takes several");
    if (bytes > queue_->maxTransfer()) {
      outOfRange(std::to_string(bytes) + " bytes are more than the driver's PRP lists describe (" +
                 std::to_string(queue_->maxTransfer()) + ")");
    }
  }
  if (transfer.pointers == Pointers::Sgl) {
    if (transfer.descriptorsPerSegment == 1)
      outOfRange("an SGL segment that points to a next one has 2 descriptors or more");
    const std::size_t needed = sglDescriptors(transfer.data.size(), transfer.descriptorsPerSegment);
    if (needed + 1 > queue_->sglCapacity()) {
      outOfRange("an SGL of " + std::to_string(needed) +
                 " descriptors is longer than the driver's area for one command (" +
                 std::to_string(queue_->sglCapacity() - 1) + ")");
    }
    if (bytes > UINT32_MAX) outOfRange("an SGL of 4 GiB or more");
  }
}

std::uint16_t Qpair::place(spec::Sqe& sqe, const Transfer& asked, QpairChannel& channel) {
  auto& pair = queue_->pair();
  auto pins = pinsOf(asked);
  if (asked.cid) (void)pair.chooseCid(*asked.cid);
  Transfer transfer = asked;
  const bool verifies = core_->verifies();
  if (verifies) {
    const bool whole = asked.data.size() == 1 && asked.pointers != Pointers::AsGiven;
    const MemoryPiece data = verified(sqe, whole ? asked.data[0] : MemoryPiece{}, whole);
    if (whole) transfer.data[0] = data;
  }
  if (transfer.pointers == Pointers::Prp && !transfer.data.empty() && transfer.data[0].length > 0)
    pointPrp(sqe, transfer.data[0]);
  if (transfer.pointers == Pointers::Sgl) pointSgl(sqe, transfer);
  if (transfer.pointers != Pointers::AsGiven && transfer.metadata) pointMetadata(sqe, transfer);
  const Clock& clock = core_->clock();
  const std::uint64_t now = clock.ticks();
  const std::uint64_t deadline = transfer.timeoutMs == 0
                                     ? QueuePair::kNoDeadline
                                     : now + clock.toTicks(transfer.timeoutMs * kNsPerMs);
  Attachment& attachment = attachments_[pair.nextCid()];
  attachment.more = std::move(pins);
  attachment.waiter = nullptr;
  attachment.channel = &channel;
  ++channel.inFlight;
  if (verifies) verification_->commit(pair.nextCid());
  return pair.post(sqe, static_cast<std::uint32_t>(totalBytes(transfer)), now, deadline);
}

std::uint64_t Qpair::busAddress(const MemoryPiece& piece) const {
  return piece.buffer->busAddress(core_->dmaScope(), piece.offset);
}

void Qpair::pointPrp(spec::Sqe& sqe, const MemoryPiece& piece) {
  if (!piece.buffer) outOfRange("a data transfer needs a DMA buffer");
  if (piece.length > queue_->maxTransfer()) {
    outOfRange(std::to_string(piece.length) +
               " bytes are more than the driver's PRP lists describe (" +
               std::to_string(queue_->maxTransfer()) + ")");
  }
  piece.buffer->check(piece.offset, piece.length);
  const Prp prp = queue_->prp(queue_->pair().nextCid(), busAddress(piece), piece.length);
  sqe.prp1 = prp.prp1;
  sqe.prp2 = prp.prp2;
}

void Qpair::pointSgl(spec::Sqe& sqe, const Transfer& transfer) {
  setPsdt(sqe, transfer.metadataSgl && transfer.metadata ? spec::Psdt::SglMetadata
                                                         : spec::Psdt::SglContiguousMetadata);
  if (transfer.data.empty()) return;
  std::vector<SglDescriptor> pieces;
  for (const MemoryPiece& piece : transfer.data) {
    const auto length = static_cast<std::uint32_t>(piece.length);
    pieces.push_back(piece.buffer ? SglDescriptor::of(SglType::DataBlock, busAddress(piece), length)
                                  : SglDescriptor::of(SglType::BitBucket, 0, length));
  }
  SglArea area = queue_->sglArea(queue_->pair().nextCid());
  --area.capacity;  // the last descriptor is the metadata's
  if (const auto first = buildSgl(pieces, transfer.descriptorsPerSegment, area))
    spec::putSgl(sqe, *first);
}

/// MPTR: a contiguous buffer, or an SGL segment of exactly one descriptor.
void Qpair::pointMetadata(spec::Sqe& sqe, const Transfer& transfer) {
  const std::uint64_t bus = busAddress(*transfer.metadata);
  if (transfer.pointers != Pointers::Sgl || !transfer.metadataSgl) {
    sqe.mptr = bus;
    return;
  }
  const SglArea area = queue_->sglArea(queue_->pair().nextCid());
  const std::size_t last = area.capacity - 1;
  area.descriptors[last] = SglDescriptor::of(SglType::DataBlock, bus,
                                             static_cast<std::uint32_t>(transfer.metadata->length));
  sqe.mptr = area.bus + last * sizeof(SglDescriptor);
}

}  // namespace doorbell::driver
