#include "emulator/iova_table.h"

#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "platform/error.h"

namespace doorbell::emulator {

namespace {

std::uint64_t pagesOf(const platform::HostMemory& memory) {
  return (memory.size() + IovaTable::kPageBytes - 1) / IovaTable::kPageBytes;
}

constexpr std::uint64_t alignUp(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

IovaTable::IovaTable() : region_(MappedRegion::anonymous(kPages * sizeof(std::byte*))) {}

/// First of `count` free pages, followed by at least one that is free too; 0 when there are none.
std::uint64_t IovaTable::findFree(std::uint64_t from, std::uint64_t to, std::uint64_t count) const {
  std::uint64_t candidate = alignUp(from, kAlignPages);
  auto mapping = mappings_.upper_bound(candidate);
  if (mapping != mappings_.begin()) --mapping;
  for (; mapping != mappings_.end() && mapping->first < candidate + count + 1; ++mapping) {
    const std::uint64_t end = mapping->first + pagesOf(*mapping->second);
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

std::uint64_t IovaTable::map(std::shared_ptr<platform::HostMemory> memory) {
  const std::uint64_t count = pagesOf(*memory);
  const std::lock_guard lock(mutex_);
  const std::uint64_t first = place(count);
  if (first == 0) {
    throw Error("DMA_MAP_FAILED",
                "no " + std::to_string(memory->size()) +
                    " contiguous bytes of bus addresses are left; free buffers first");
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    std::atomic_ref(table()[first + i])
        .store(memory->data() + i * kPageBytes, std::memory_order_release);
  }
  mappings_.emplace(first, std::move(memory));
  return first * kPageBytes;
}

void IovaTable::unmap(std::uint64_t busAddress) noexcept {
  std::shared_ptr<platform::HostMemory> memory;
  {
    const std::lock_guard lock(mutex_);
    auto node = mappings_.extract(busAddress / kPageBytes);
    if (node.empty()) return;
    memory = std::move(node.mapped());
    for (std::uint64_t i = 0; i < pagesOf(*memory); ++i) {
      std::atomic_ref(table()[node.key() + i]).store(nullptr, std::memory_order_seq_cst);
    }
  }
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
