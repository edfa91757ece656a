#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "emulator/limits.h"
#include "emulator/mapped_region.h"
#include "platform/host_memory.h"

namespace doorbell::emulator {

/// The bus addresses the emulated SSD can reach: one flat table of pages, read by the device
/// threads without a lock while any thread maps and unmaps.
class IovaTable {
 public:
  static constexpr std::uint64_t kPageBytes = 4096;

  IovaTable();
  ~IovaTable();
  IovaTable(const IovaTable&) = delete;
  IovaTable& operator=(const IovaTable&) = delete;

  /// Any thread. Throws Error{"DMA_MAP_FAILED"} when the address space is used up.
  std::uint64_t map(std::shared_ptr<platform::HostMemory> memory);
  /// The same at an address that is given: a host that chooses its own. Whole pages; `owner` keeps
  /// them alive. False when some of the addresses are mapped already. Any thread but the device's.
  bool mapAt(std::uint64_t busAddress, std::span<std::byte> memory,
             std::shared_ptr<const void> owner);
  /// Any thread. Addresses where no memory is, and never will be.
  std::uint64_t reserve(std::size_t bytes);
  /// The controller's own memory: addresses in it lead there, whatever is mapped. No bytes: none.
  /// While no command is processed.
  void setOwn(std::uint64_t busAddress, std::byte* data, std::uint64_t bytes) noexcept {
    ownBase_ = busAddress;
    ownData_ = data;
    ownBytes_ = bytes;
  }
  /// Any thread but the device's. Returns when the device thread can no longer touch the memory.
  void unmap(std::uint64_t busAddress) noexcept;

  /// Device thread, within a Pass: the byte at `busAddress`, null where nothing is mapped. What it
  /// points to is contiguous up to the end of the page only.
  [[nodiscard]] std::byte* at(std::uint64_t busAddress) const noexcept {
    if (busAddress - ownBase_ < ownBytes_) [[unlikely]]
      return ownData_ + (busAddress - ownBase_);
    const std::uint64_t page = busAddress / kPageBytes;
    if (page >= kPages) [[unlikely]]
      return beyond(busAddress);
    std::byte* start = std::atomic_ref(table()[page]).load(std::memory_order_seq_cst);
    return start == nullptr ? nullptr : start + busAddress % kPageBytes;
  }

  /// While one lives, what the device thread got from at() stays mapped.
  class Pass {
   public:
    Pass(IovaTable& table, unsigned shard) noexcept : count_(table.passes_[shard].count) {
      // Sequentially consistent against unmap(): either it sees this pass, or the pass sees the
      // page gone.
      count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_seq_cst);
    }
    ~Pass() { count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

   private:
    std::atomic<std::uint64_t>& count_;
  };

 private:
  static constexpr std::uint64_t kPages = std::uint64_t{1} << 26U;  // 256 GiB of bus addresses
  static constexpr std::uint64_t kFirstPage = 0x100;
  /// Mappings begin at multiples of the largest memory page (CAP.MPSMAX), so that any of them can
  /// hold a queue.
  static constexpr std::uint64_t kAlignPages = 1U << kMpsMax;
  /// New mappings walk through the addresses below this before any is used again, so that a stale
  /// bus address fails instead of finding another buffer.
  static constexpr std::uint64_t kPreferredPages = std::uint64_t{1} << 20U;

  /// What lies above the flat table: hosts whose bus addresses are their virtual ones.
  struct Range {
    std::uint64_t first;
    std::uint64_t bytes;
    std::byte* data;
  };
  using Ranges = std::vector<Range>;  ///< ascending
  struct Mapping {
    std::uint64_t pages;
    std::shared_ptr<const void> owner;
  };

  [[nodiscard]] std::byte* beyond(std::uint64_t busAddress) const noexcept;
  /// Takes over a new list; the old one is freed once no device thread can read it.
  void publish(std::unique_ptr<const Ranges> ranges) noexcept;
  void awaitDevice() const noexcept;
  [[nodiscard]] std::byte** table() const noexcept {
    return reinterpret_cast<std::byte**>(region_.data());
  }
  [[nodiscard]] std::uint64_t findFree(std::uint64_t from, std::uint64_t to,
                                       std::uint64_t count) const;
  [[nodiscard]] std::uint64_t place(std::uint64_t count);
  std::uint64_t add(Mapping mapping, std::byte* data);
  void awaitQuiescence(const std::atomic<std::uint64_t>& passes) const noexcept;

  struct alignas(64) Passes {
    std::atomic<std::uint64_t> count{0};  ///< odd while the shard is in a pass
  };

  MappedRegion region_;
  std::uint64_t ownBase_ = 0;
  std::uint64_t ownBytes_ = 0;
  std::byte* ownData_ = nullptr;
  std::array<Passes, kMaxShards> passes_;
  std::mutex mutex_;
  std::map<std::uint64_t, Mapping> mappings_;  ///< by first page
  std::atomic<const Ranges*> beyond_{nullptr};
  std::uint64_t next_ = kFirstPage;
};

}  // namespace doorbell::emulator
