#include "driver/workload/address_stream.h"

#include <algorithm>
#include <numeric>

namespace doorbell::driver {
namespace {

constexpr std::size_t kSlices = 100;
constexpr std::uint64_t kDistributionSum = 10'000;

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

std::string text(std::uint64_t value) { return std::to_string(value); }

/// LBA at which a hundredth of the region begins.
std::uint64_t sliceStart(const AddressPlan& plan, std::size_t slice) {
  const auto length = static_cast<Uint128>(plan.regionEnd - plan.regionStart);
  return plan.regionStart + static_cast<std::uint64_t>(length * slice / kSlices);
}

std::uint64_t alignUp(std::uint64_t lba, std::uint32_t align) noexcept {
  const std::uint64_t more = (align - lba % align) % align;
  return more > UINT64_MAX - lba ? UINT64_MAX : lba + more;
}

std::string problemOfWalk(const AddressPlan& plan, std::uint32_t largest) {
  if (plan.first && (*plan.first < plan.regionStart || *plan.first >= plan.regionEnd)) {
    return "lbaStart " + text(*plan.first) + " is outside the region from LBA " +
           text(plan.regionStart) + " to " + text(plan.regionEnd) + " (not included)";
  }
  const bool stays = plan.step == 0;
  if (stays && plan.once) return "lbaStep 0 has no end of its own: give timeMs or ioCount";
  const std::uint64_t at = plan.first.value_or(plan.regionStart);
  if (stays && plan.regionEnd - at < largest) {
    return "lbaStep 0 at LBA " + text(at) + " leaves no room for " + text(largest) +
           " blocks before the end of the region, LBA " + text(plan.regionEnd);
  }
  return "";
}

std::string problemOfDistribution(const AddressPlan& plan) {
  const auto& shares = plan.distribution;
  if (shares.empty()) return "";
  if (shares.size() != kSlices) return "distribution has 100 integers, not " + text(shares.size());
  const auto sum = std::accumulate(shares.begin(), shares.end(), std::uint64_t{0});
  if (sum != kDistributionSum) return "distribution sums up to 10000, not " + text(sum);
  if (plan.randomPercent == 0)
    return "distribution is of random addresses, but there are none (lbaRandom)";
  return "";
}

}  // namespace

AddressStream::Size AddressStream::sizeOf(const IoSize& size, const AddressPlan& plan) {
  Size made{.blocks = size.blocks, .align = std::max(size.align, 1U), .slices = {}};
  made.base = size.align == 0 ? plan.regionStart : alignUp(plan.regionStart, size.align);
  made.stride = size.align == 0 ? size.blocks : size.align;
  if (made.base >= plan.regionStart && made.base < plan.regionEnd &&
      plan.regionEnd - made.base >= size.blocks)
    made.count = (plan.regionEnd - made.base - size.blocks) / made.stride + 1;
  if (plan.distribution.empty()) return made;
  const auto slotAt = [&](std::uint64_t lba) {
    if (lba <= made.base) return std::uint64_t{0};
    return std::min(made.count, (lba - made.base + made.stride - 1) / made.stride);
  };
  for (std::size_t slice = 0; slice < kSlices; ++slice) {
    const std::uint64_t first = slotAt(sliceStart(plan, slice));
    made.slices.push_back({first, slotAt(sliceStart(plan, slice + 1)) - first});
  }
  return made;
}

std::string problemOf(const AddressPlan& plan) {
  std::uint32_t largest = 0;
  if (auto problem = problemOfDistribution(plan); !problem.empty()) return problem;
  for (const IoSize& given : plan.sizes) {
    const auto size = AddressStream::sizeOf(given, plan);
    largest = std::max(largest, size.blocks);
    const std::string command =
        "command of " + text(size.blocks) + " blocks" +
        (given.align == 0 ? "" : " at a multiple of LBA " + text(given.align));
    if (size.count == 0) {
      return "the region from LBA " + text(plan.regionStart) + " to " + text(plan.regionEnd) +
             " (not included) holds no " + command;
    }
    for (std::size_t slice = 0; slice < size.slices.size(); ++slice) {
      if (plan.distribution[slice] == 0 || size.slices[slice].count > 0) continue;
      return "distribution[" + text(slice) + "] is " + text(plan.distribution[slice]) +
             ", but no " + command + " can begin in that hundredth of the region";
    }
  }
  return problemOfWalk(plan, largest);
}

AddressStream::AddressStream(const AddressPlan& plan)
    : start_(plan.regionStart),
      end_(plan.regionEnd),
      step_(plan.step),
      randomPercent_(plan.randomPercent),
      once_(plan.once) {
  for (const IoSize& size : plan.sizes) sizes_.push_back(sizeOf(size, plan));
  if (!plan.distribution.empty()) slices_.emplace(plan.distribution);
  const bool down = step_ && *step_ < 0;
  const std::uint64_t top = end_ - sizes_.front().blocks;  // the first command just fits
  position_ = static_cast<Int128>(plan.first.value_or(down ? top : start_));
}

AddressStream::Extent AddressStream::contiguous(const Size& size) noexcept {
  auto slba = alignUp(static_cast<std::uint64_t>(position_), size.align);
  std::uint32_t blocks = size.blocks;
  if (slba >= end_ || end_ - slba < blocks) {
    if (once_) {
      position_ = static_cast<Int128>(end_);
      blocks = slba < end_ ? static_cast<std::uint32_t>(end_ - slba) : 0;
      return {slba, blocks};
    }
    slba = alignUp(start_, size.align);
  }
  position_ = static_cast<Int128>(slba) + blocks;
  return {slba, blocks};
}

AddressStream::Extent AddressStream::stepped(const Size& size) noexcept {
  const auto align = static_cast<Int128>(size.align);
  const auto start = static_cast<Int128>(start_);
  const auto top = static_cast<Int128>(end_) - static_cast<Int128>(size.blocks);
  const bool down = *step_ < 0;
  Int128 slba = position_ < 0 || down ? position_ : (position_ + align - 1) / align * align;
  if (down && slba > 0) slba -= slba % align;
  if (slba < start || slba > top) {
    if (once_) return {};
    slba = down ? top - top % align : (start + align - 1) / align * align;
  }
  position_ = slba + *step_;
  return {static_cast<std::uint64_t>(slba), size.blocks};
}

}  // namespace doorbell::driver
