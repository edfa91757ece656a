#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>

namespace doorbell::driver {

/// What is known of one logical block. A token of 0 means: nothing.
struct BlockRecord {
  std::uint64_t token = 0;     ///< of the newest write
  std::uint64_t oldToken = 0;  ///< of the newest write that was durable when that one came
  std::uint32_t crc = 0;
  std::uint32_t oldCrc = 0;
  std::uint64_t doneAt : 48 = 0;    ///< sequence at which the newest write completed
  std::uint64_t pending : 8 = 0;    ///< writes outstanding
  std::uint64_t uncertain : 1 = 0;  ///< old or new: a write failed, or two overlapped
  std::uint64_t many : 1 = 0;       ///< writes between the old one and the newest
  std::uint64_t forced : 1 = 0;     ///< durable once completed (FUA, or no volatile write cache)
};
static_assert(sizeof(BlockRecord) == 32);

/// Records of a namespace's blocks, sparse: memory for those touched only, in chunks.
class BlockStore {
 public:
  static constexpr std::size_t kChunkBlocks = 64;

  /// A run of blocks and the lock that guards it.
  class Chunk {
   public:
    void lock() noexcept {
      while (locked_.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
    }
    void unlock() noexcept { locked_.clear(std::memory_order_release); }
    [[nodiscard]] BlockRecord& operator[](std::size_t index) noexcept { return records_[index]; }

   private:
    std::atomic_flag locked_;
    std::array<BlockRecord, kChunkBlocks> records_{};
  };

  /// Throws Error{"NO_MEMORY"} when not even addresses for so many blocks are to be had.
  explicit BlockStore(std::uint64_t blocks);
  ~BlockStore();
  BlockStore(const BlockStore&) = delete;
  BlockStore& operator=(const BlockStore&) = delete;

  /// Calls `onBlock(BlockRecord&, lba)` for each block of the range below the store's end, chunk by
  /// chunk under its lock. With `create` false, chunks never touched are skipped.
  template <class OnBlock>
  void each(std::uint64_t first, std::uint64_t count, bool create, OnBlock&& onBlock) {
    const std::uint64_t end = count > blocks_ - std::min(first, blocks_) ? blocks_ : first + count;
    while (first < end) {
      const std::uint64_t next = std::min(end, (first / kChunkBlocks + 1) * kChunkBlocks);
      if (Chunk* chunk = find(first / kChunkBlocks, create)) {
        const std::scoped_lock lock(*chunk);
        for (; first < next; ++first) onBlock((*chunk)[first % kChunkBlocks], first);
      }
      first = next;
    }
  }
  [[nodiscard]] std::uint64_t blocks() const noexcept { return blocks_; }
  /// Bytes of chunks made so far.
  [[nodiscard]] std::size_t chunkBytes() const;

 private:
  using Slot = std::atomic<Chunk*>;
  [[nodiscard]] Chunk* find(std::uint64_t index, bool create) {
    Chunk* chunk = table_[index].load(std::memory_order_acquire);
    return chunk != nullptr || !create ? chunk : make(index);
  }
  Chunk* make(std::uint64_t index);

  std::uint64_t blocks_;
  std::size_t tableBytes_;
  Slot* table_ = nullptr;  ///< of addresses only: pages appear when touched
  mutable std::mutex mutex_;
  std::deque<Chunk> chunks_;
};

}  // namespace doorbell::driver
