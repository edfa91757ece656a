#include "driver/verify/block_store.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "platform/error.h"

namespace doorbell::driver {

BlockStore::BlockStore(std::uint64_t blocks)
    : blocks_(blocks), tableBytes_((blocks / kChunkBlocks + 1) * sizeof(Slot)) {
  void* table = mmap(nullptr, tableBytes_, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (table == MAP_FAILED) {
    throw Error("NO_MEMORY", "verification of " + std::to_string(blocks) + " blocks: " +
                                 std::strerror(errno) + "; limit it to a region of the namespace");
  }
  static_assert(Slot::is_always_lock_free && sizeof(Slot) == sizeof(Chunk*));
  table_ = static_cast<Slot*>(table);  // zero bytes are null pointers
}

BlockStore::~BlockStore() { munmap(table_, tableBytes_); }

BlockStore::Chunk* BlockStore::make(std::uint64_t index) {
  const std::scoped_lock lock(mutex_);
  if (Chunk* made = table_[index].load(std::memory_order_acquire)) return made;
  Chunk* chunk = &chunks_.emplace_back();
  table_[index].store(chunk, std::memory_order_release);
  return chunk;
}

std::size_t BlockStore::chunkBytes() const {
  const std::scoped_lock lock(mutex_);
  return chunks_.size() * sizeof(Chunk);
}

}  // namespace doorbell::driver
