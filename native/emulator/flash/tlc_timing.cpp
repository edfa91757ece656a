#include "emulator/flash/tlc_timing.h"

#include <algorithm>
#include <array>

#include "emulator/command.h"
#include "emulator/nvm_subsystem.h"
#include "spec/opcode.h"

namespace doorbell::emulator {

namespace {

constexpr std::uint8_t kZoneAppend = 0x7d;
constexpr std::uint32_t kForceUnitAccess = 1U << 30U;
constexpr std::uint32_t kAttributeDeallocate = 1U << 2U;
constexpr std::size_t kSourceRangeBytes = 32;

/// Dataset Management Range.
struct DsmRange {
  std::uint32_t attributes;
  std::uint32_t blocks;
  std::uint64_t slba;
};
static_assert(sizeof(DsmRange) == 16);

constexpr std::uint64_t slbaOf(const spec::Sqe& sqe) {
  return (std::uint64_t{sqe.cdw11} << 32U) | sqe.cdw10;
}

/// Each namespace has an address space of its own, twice the capacity: zones may have gaps.
flash::Geometry geometryOf(const NvmSubsystem& subsystem, std::uint64_t perNamespace) {
  auto geometry = flash::Geometry::of(subsystem.capacity());
  geometry.addressSlots = kMaxNamespaces * perNamespace / flash::Geometry::kSlotBytes;
  return geometry;
}

std::uint64_t spaceOf(const NvmSubsystem& subsystem) {
  constexpr std::uint64_t kSlot = flash::Geometry::kSlotBytes;
  return 2 * ((subsystem.capacity() + kSlot - 1) / kSlot * kSlot);
}

}  // namespace

TlcTiming::TlcTiming(NvmSubsystem& subsystem)
    : perNamespace_(spaceOf(subsystem)),
      model_(geometryOf(subsystem, perNamespace_), flash::Timing{}, subsystem.options().seed) {
  if (subsystem.options().mediaFile.empty()) return;
  subsystem.namespaces().forEach([this](const Namespace& ns) {
    const Media& media = ns.media();
    const std::uint64_t granules = std::min(media.bytes(), perNamespace_) / Media::kGranule;
    for (std::uint64_t granule = 0; granule < granules; ++granule) {
      if (!media.written(granule)) continue;
      model_.adopt((ns.nsid() - 1) * perNamespace_ + granule * Media::kGranule, Media::kGranule);
    }
  });
}

void TlcTiming::powerLost() noexcept {
  const std::lock_guard lock(mutex_);
  model_.settle();
}

void TlcTiming::erased(std::uint32_t nsid) noexcept {
  const std::lock_guard lock(mutex_);
  model_.deallocate(latest_, (nsid - 1) * perNamespace_, perNamespace_);
}

flash::Statistics TlcTiming::statistics() const noexcept {
  const std::lock_guard lock(mutex_);
  return model_.statistics();
}

std::uint64_t TlcTiming::endOf(const Command& command, const Outcome& outcome,
                               std::uint64_t now) noexcept {
  if (command.sq.id == 0) return 0;  // admin commands take no time of their own
  const std::lock_guard lock(mutex_);
  // Another shard may have looked at the clock a moment later, but come first.
  latest_ = std::max(latest_, now);
  return ioEnd(command, outcome, latest_);
}

TlcTiming::Extent TlcTiming::extentOf(const Command& command, std::uint64_t slba,
                                      std::uint64_t blocks) const noexcept {
  const std::uint64_t byte = slba << command.ns->lbaShift();
  const std::uint64_t bytes = blocks << command.ns->lbaShift();
  const std::uint64_t base = (command.ns->nsid() - 1) * perNamespace_;
  if (byte >= perNamespace_ || bytes > perNamespace_ - byte) return {base, 0};
  return {base + byte, bytes};
}

std::uint64_t TlcTiming::ioEnd(const Command& command, const Outcome& outcome,
                               std::uint64_t now) noexcept {
  using Opcode = spec::NvmOpcode;
  const spec::Sqe& sqe = command.sqe;
  const auto opcode = static_cast<Opcode>(sqe.opcode);
  if (!outcome.status.ok()) return model_.other(now);
  if (opcode == Opcode::Flush) return model_.flush(now);
  if (command.ns == nullptr) return model_.other(now);
  const bool durable =
      (sqe.cdw12 & kForceUnitAccess) != 0 || !command.state.features.cacheEnabled();
  const std::uint64_t blocks = (sqe.cdw12 & 0xffffU) + 1;
  const auto [byte, bytes] = extentOf(command, slbaOf(sqe), blocks);
  switch (opcode) {
    case Opcode::Read:
    case Opcode::Compare:
    case Opcode::Verify:
      return model_.read(now, byte, bytes);
    case Opcode::Write:
      return model_.write(now, byte, bytes, durable);
    case Opcode::WriteZeroes:
      return model_.deallocate(now, byte, bytes);
    case Opcode::DatasetManagement:
      return deallocate(command, now);
    case Opcode::Copy:
      return copy(command, durable, now);
    default:
      break;
  }
  if (sqe.opcode != kZoneAppend) return model_.other(now);
  const std::uint64_t slba = (std::uint64_t{outcome.dw1} << 32U) | outcome.dw0;
  const auto appended = extentOf(command, slba, blocks);
  return model_.write(now, appended.byte, appended.bytes, durable);
}

/// The ranges are read again from where the host has them.
std::uint64_t TlcTiming::deallocate(const Command& command, std::uint64_t now) noexcept {
  const std::size_t count = (command.sqe.cdw10 & 0xffU) + 1;
  if ((command.sqe.cdw11 & kAttributeDeallocate) == 0) return model_.other(now);
  if (!command.resolve(count * sizeof(DsmRange)).status.ok()) return model_.other(now);
  std::uint64_t end = now;
  for (std::size_t i = 0; i < count; ++i) {
    DsmRange range;
    command.buffer().read(reinterpret_cast<std::byte*>(&range), sizeof(range));
    const auto [byte, bytes] = extentOf(command, range.slba, range.blocks);
    end = std::max(end, model_.deallocate(now, byte, bytes));
  }
  return end;
}

std::uint64_t TlcTiming::copy(const Command& command, bool durable, std::uint64_t now) noexcept {
  const std::size_t count = (command.sqe.cdw12 & 0xffU) + 1;
  if (!command.resolve(count * kSourceRangeBytes).status.ok()) return model_.other(now);
  std::uint64_t to = slbaOf(command.sqe);
  std::uint64_t end = now;
  for (std::size_t i = 0; i < count; ++i) {
    std::array<std::uint64_t, kSourceRangeBytes / 8> source;
    command.buffer().read(reinterpret_cast<std::byte*>(source.data()), kSourceRangeBytes);
    const std::uint64_t blocks = (source[2] & 0xffffU) + 1;
    const auto from = extentOf(command, source[1], blocks);
    const auto target = extentOf(command, to, blocks);
    const std::uint64_t read = model_.read(now, from.byte, from.bytes);
    end = std::max(end, model_.write(read, target.byte, target.bytes, durable));
    to += blocks;
  }
  return end;
}

}  // namespace doorbell::emulator
