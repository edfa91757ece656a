#include "emulator/iova_table.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <thread>
#include <utility>

#include "platform/error.h"

namespace doorbell::emulator {

namespace {

std::uint64_t pagesOf(std::size_t bytes) {
  return (bytes + IovaTable::kPageBytes - 1) / IovaTable::kPageBytes;
}

constexpr std::uint64_t alignUp(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

IovaTable::IovaTable() : region_(MappedRegion::anonymous(kPages * sizeof(std::byte*))) {}

IovaTable::~IovaTable() { delete beyond_.load(); }

/// First of `count` free pages, followed by at least one that is free too; 0 when there are none.
std::uint64_t IovaTable::findFree(std::uint64_t from, std::uint64_t to, std::uint64_t count) const {
  std::uint64_t candidate = alignUp(from, kAlignPages);
  auto mapping = mappings_.upper_bound(candidate);
  if (mapping != mappings_.begin()) --mapping;
  for (; mapping != mappings_.end() && mapping->first < candidate + count + 1; ++mapping) {
    const std::uint64_t end = mapping->first + mapping->second.pages;
    if (end + 1 > candidate) candidate = alignUp(end + 1, kAlignPages);
  }
  return count < to && candidate <= to - count ? candidate : 0;
}

std::uint64_t IovaTable::place(std::uint64_t count) {
  std::uint64_t page = findFree(next_, kPreferredPages, count);
  if (page == 0) page = findFree(kFirstPage, kPreferredPages, count);
  if (page == 0) page = findFree(kFirstPage, kPages, count);
  if (page != 0) next_ = page + count + 1;
  return page;
}

/// `data` null: nothing is there.
std::uint64_t IovaTable::add(Mapping mapping, std::byte* data) {
  const std::uint64_t first = place(mapping.pages);
  if (first == 0) {
    throw Error("DMA_MAP_FAILED",
                "no " + std::to_string(mapping.pages * kPageBytes) +
                    " contiguous bytes of bus addresses are left; free buffers first");
  }
  for (std::uint64_t i = 0; data != nullptr && i < mapping.pages; ++i) {
    std::atomic_ref(table()[first + i]).store(data + i * kPageBytes, std::memory_order_release);
  }
  mappings_.emplace(first, std::move(mapping));
  return first * kPageBytes;
}

std::uint64_t IovaTable::map(std::shared_ptr<platform::HostMemory> memory) {
  std::byte* const data = memory->data();
  const std::uint64_t pages = pagesOf(memory->size());
  const std::lock_guard lock(mutex_);
  return add({.pages = pages, .owner = std::move(memory)}, data);
}

std::uint64_t IovaTable::reserve(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  return add({.pages = pagesOf(bytes), .owner = nullptr}, nullptr);
}

bool IovaTable::mapAt(std::uint64_t busAddress, std::span<std::byte> memory,
                      std::shared_ptr<const void> owner) {
  const std::uint64_t first = busAddress / kPageBytes;
  const std::uint64_t count = memory.size() / kPageBytes;
  const std::lock_guard lock(mutex_);
  const auto next = mappings_.lower_bound(first);
  if (next != mappings_.end() && next->first < first + count) return false;
  if (next != mappings_.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second.pages > first) return false;
  }
  mappings_.emplace_hint(next, first, Mapping{count, std::move(owner)});
  if (first + count <= kPages) {
    for (std::uint64_t i = 0; i < count; ++i) {
      std::atomic_ref(table()[first + i])
          .store(memory.data() + i * kPageBytes, std::memory_order_release);
    }
    return true;
  }
  const Ranges* old = beyond_.load();
  auto ranges = old == nullptr ? std::make_unique<Ranges>() : std::make_unique<Ranges>(*old);
  const Range added{busAddress, memory.size(), memory.data()};
  const auto byAddress = [](const Range& a, const Range& b) { return a.first < b.first; };
  ranges->insert(std::upper_bound(ranges->begin(), ranges->end(), added, byAddress), added);
  publish(std::move(ranges));
  return true;
}

std::byte* IovaTable::beyond(std::uint64_t busAddress) const noexcept {
  const Ranges* ranges = beyond_.load(std::memory_order_seq_cst);
  if (ranges == nullptr) return nullptr;
  auto after = std::upper_bound(
      ranges->begin(), ranges->end(), busAddress,
      [](std::uint64_t address, const Range& range) { return address < range.first; });
  if (after == ranges->begin()) return nullptr;
  const Range& range = *--after;
  const std::uint64_t offset = busAddress - range.first;
  return offset < range.bytes ? range.data + offset : nullptr;
}

void IovaTable::publish(std::unique_ptr<const Ranges> ranges) noexcept {
  const std::unique_ptr<const Ranges> old(
      beyond_.exchange(ranges.release(), std::memory_order_seq_cst));
  awaitDevice();
}

void IovaTable::unmap(std::uint64_t busAddress) noexcept {
  const std::uint64_t first = busAddress / kPageBytes;
  std::shared_ptr<const void> owner;
  {
    const std::lock_guard lock(mutex_);
    auto node = mappings_.extract(first);
    if (node.empty()) return;
    owner = std::move(node.mapped().owner);
    if (first + node.mapped().pages <= kPages) {
      for (std::uint64_t i = 0; i < node.mapped().pages; ++i) {
        std::atomic_ref(table()[first + i]).store(nullptr, std::memory_order_seq_cst);
      }
    } else {
      auto ranges = std::make_unique<Ranges>(*beyond_.load());
      std::erase_if(*ranges, [&](const Range& range) { return range.first == busAddress; });
      publish(std::move(ranges));
    }
  }
  awaitDevice();
}

void IovaTable::awaitDevice() const noexcept {
  for (const Passes& one : passes_) awaitQuiescence(one.count);
}

void IovaTable::awaitQuiescence(const std::atomic<std::uint64_t>& passes) const noexcept {
  const std::uint64_t seen = passes.load(std::memory_order_seq_cst);
  if (seen % 2 == 0) return;
  for (unsigned turns = 0; passes.load(std::memory_order_acquire) == seen; ++turns) {
    if (turns < 64) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
  }
}

}  // namespace doorbell::emulator
