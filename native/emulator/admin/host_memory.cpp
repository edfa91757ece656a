#include "emulator/admin/host_memory.h"

#include <algorithm>
#include <cstring>

namespace doorbell::emulator {

namespace {

constexpr std::uint64_t kSlotBytes = sizeof(spec::ErrorLogEntry);

/// Host Memory Buffer Descriptor Entry.
struct Descriptor {
  std::uint64_t address = 0;
  std::uint32_t pages = 0;
  std::uint32_t reserved12 = 0;
};
static_assert(sizeof(Descriptor) == 16);

}  // namespace

std::byte* HostMemory::slot(std::uint64_t index) const noexcept {
  std::uint64_t offset = index * kSlotBytes;
  for (std::uint32_t i = 0; i < count_; ++i) {
    if (offset < segments_[i].bytes) return dma_.at(segments_[i].address + offset);
    offset -= segments_[i].bytes;
  }
  return nullptr;
}

/// Entries beyond those the drive can use, and empty ones, are left out.
spec::Status HostMemory::readList(std::uint64_t list, std::uint32_t entries,
                                  std::uint32_t pageBytes) noexcept {
  count_ = 0;
  slots_ = 0;
  for (std::uint32_t i = 0; i < entries && count_ < kMaxEntries; ++i) {
    const std::byte* from = dma_.at(list + std::uint64_t{i} * sizeof(Descriptor));
    if (from == nullptr) return spec::status::kDataTransferError;
    Descriptor entry;
    std::memcpy(&entry, from, sizeof(entry));
    if (entry.pages == 0) continue;
    const std::uint64_t bytes = std::uint64_t{entry.pages} * pageBytes;
    if (entry.address % pageBytes != 0) return spec::status::kInvalidField;
    if (dma_.at(entry.address) == nullptr || dma_.at(entry.address + bytes - 1) == nullptr) {
      return spec::status::kDataTransferError;
    }
    segments_[count_++] = {entry.address, bytes};
    slots_ += bytes / kSlotBytes;
  }
  return count_ == 0 ? spec::status::kInvalidField : spec::status::kSuccess;
}

spec::Status HostMemory::enable(const HostMemoryAttributes& attributes, std::uint32_t pageBytes,
                                bool returned) noexcept {
  const std::uint64_t list = (std::uint64_t{attributes.listHigh} << 32U) | attributes.listLow;
  const std::uint64_t bytes = std::uint64_t{attributes.pages} * pageBytes;
  if (bytes < std::uint64_t{kMinimum} * 4096 || attributes.entries == 0) {
    return spec::status::kInvalidField;
  }
  if (const auto bad = readList(list & ~std::uint64_t{0xf}, attributes.entries, pageBytes);
      !bad.ok()) {
    disable();
    return bad;
  }
  attributes_ = attributes;
  attributes_.listLow &= ~0xfU;
  Header found;
  std::memcpy(&found, slot(0), sizeof(found));
  const bool same = returned && found.magic == Header::kMagic &&
                    found.allocation == header_.allocation && found.entries == header_.entries;
  if (!same) {
    header_ = {};
    header_.allocation = ++allocations_;
  }
  std::memcpy(slot(0), &header_, sizeof(header_));
  return spec::status::kSuccess;
}

void HostMemory::add(const spec::ErrorLogEntry& entry) noexcept {
  if (!enabled()) return;
  std::byte* const first = slot(0);
  std::byte* const target = slot(1 + header_.entries % (slots_ - 1));
  if (first == nullptr || target == nullptr) {
    disable();
    return;
  }
  std::memcpy(target, &entry, sizeof(entry));
  ++header_.entries;
  std::memcpy(first, &header_, sizeof(header_));
}

}  // namespace doorbell::emulator
