// The half of HostBuffer that follows Scatter Gather Lists (NVMe Base 2.0, "Scatter Gather List
// (SGL)").
#include <algorithm>
#include <atomic>

#include "emulator/host_buffer.h"

namespace doorbell::emulator {

namespace status = spec::status;
using spec::SglDescriptor;
using spec::SglType;

namespace {

constexpr std::uint64_t kQword = 8;

/// False where nothing is mapped. Qword aligned: no half crosses a page.
bool fetch(const IovaTable& dma, std::uint64_t at, SglDescriptor& descriptor) noexcept {
  auto* low = reinterpret_cast<std::uint64_t*>(dma.at(at));
  auto* high = reinterpret_cast<std::uint64_t*>(dma.at(at + kQword));
  if (low == nullptr || high == nullptr) return false;
  // Relaxed: the doorbell ordered it; host software changing a list under way must only not tear.
  const std::uint64_t rest = std::atomic_ref(*high).load(std::memory_order_relaxed);
  descriptor.address = std::atomic_ref(*low).load(std::memory_order_relaxed);
  descriptor.length = static_cast<std::uint32_t>(rest);
  descriptor.identifier = static_cast<std::uint8_t>(rest >> 56U);
  return true;
}

constexpr bool validSegment(const SglDescriptor& segment) {
  return segment.address % kQword == 0 && segment.length != 0 &&
         segment.length % sizeof(SglDescriptor) == 0;
}

/// Data Transfer (bits 1:0 of the opcode) is controller to host.
constexpr bool toHost(const spec::Sqe& sqe) { return (sqe.opcode & 3U) == 2; }

}  // namespace

spec::Status HostBuffer::resolveSgl(const spec::Sqe& sqe, std::size_t bytes) noexcept {
  return walkSgl(spec::sglOf(sqe), {bytes, toHost(sqe), status::kDataSglLengthInvalid});
}

spec::Status HostBuffer::resolveMetadata(const spec::Sqe& sqe, std::size_t bytes) noexcept {
  count_ = 0;
  current_ = 0;
  if (bytes > kMaxBytes) return status::kInvalidField;
  const spec::Psdt psdt = spec::psdtOf(sqe);
  if (psdt != spec::Psdt::SglMetadata) {
    const bool aligned = psdt != spec::Psdt::Prp || sqe.mptr % 4 == 0;
    return aligned ? append(sqe.mptr, bytes) : status::kInvalidField;
  }
  if (sqe.mptr % kQword != 0) return status::kInvalidField;
  SglDescriptor first;
  if (!fetch(dma_, sqe.mptr, first)) return status::kDataTransferError;
  return walkSgl(first, {bytes, toHost(sqe), status::kMetadataSglLengthInvalid});
}

spec::Status HostBuffer::walkSgl(const SglDescriptor& first, SglWalk walk) noexcept {
  if (!first.pointsOn()) {
    const auto bad = useDescriptor(first, walk);
    if (!bad.ok() || walk.left == 0) return bad;
    return walk.tooShort;
  }
  SglDescriptor segment = first;
  for (;;) {
    SglDescriptor next;
    if (const auto bad = walkSegment(segment, walk, next); !bad.ok()) return bad;
    if (walk.left == 0) return status::kSuccess;  // what is longer than the data does not matter
    if (!next.pointsOn()) return walk.tooShort;
    segment = next;
  }
}

/// One segment's descriptors; `next` is the one that points on, if there is one.
spec::Status HostBuffer::walkSegment(const SglDescriptor& segment, SglWalk& walk,
                                     SglDescriptor& next) noexcept {
  if (segment.subType() != 0) return status::kSglTypeInvalid;
  if (!validSegment(segment)) return status::kInvalidSglSegment;
  const std::size_t count = segment.length / sizeof(SglDescriptor);
  for (std::size_t i = 0; i < count && walk.left > 0; ++i) {
    if (++walk.visited > kMaxSglDescriptors) return status::kInvalidSglCount;
    SglDescriptor descriptor;
    if (!fetch(dma_, segment.address + i * sizeof(descriptor), descriptor)) {
      return status::kDataTransferError;
    }
    if (descriptor.pointsOn()) {
      if (segment.type() == SglType::LastSegment) return status::kInvalidSglSegment;
      if (i + 1 != count) return status::kInvalidSglCount;
      next = descriptor;
    } else if (const auto bad = useDescriptor(descriptor, walk); !bad.ok()) {
      return bad;
    }
  }
  return status::kSuccess;
}

spec::Status HostBuffer::useDescriptor(const SglDescriptor& descriptor, SglWalk& walk) noexcept {
  const bool bucket = descriptor.type() == SglType::BitBucket;
  if (descriptor.subType() != 0 || (descriptor.type() != SglType::DataBlock && !bucket)) {
    return status::kSglTypeInvalid;
  }
  if (bucket && !walk.toHost) return status::kSuccess;
  const std::size_t bytes = std::min<std::size_t>(walk.left, descriptor.length);
  const std::size_t pages = bytes / IovaTable::kPageBytes + 2;
  if (count_ + pages > segments_.size()) return status::kInvalidSglCount;
  walk.left -= bytes;
  if (!bucket) return append(descriptor.address, bytes);
  appendDiscarded(bytes);
  return status::kSuccess;
}

void HostBuffer::appendDiscarded(std::size_t bytes) noexcept {
  while (bytes > 0) {
    const std::size_t part = std::min(bytes, discarded_.size());
    segments_[count_++] = {discarded_.data(), part};
    bytes -= part;
  }
}

}  // namespace doorbell::emulator
