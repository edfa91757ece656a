#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "driver/workload/io_command.h"

namespace doorbell::driver {

/// Commands on their way from the thread that reads a recording to the ioworker that plays it, so
/// that a recording need not be in memory as a whole. One thread appends, another takes; neither
/// waits for the other.
class CommandStream {
 public:
  CommandStream() = default;
  CommandStream(const CommandStream&) = delete;
  CommandStream& operator=(const CommandStream&) = delete;
  ~CommandStream() {
    for (const Chunk* chunk = head_; chunk != nullptr;) {
      const Chunk* next = chunk->next.load(std::memory_order_relaxed);
      delete chunk;
      chunk = next;
    }
  }

  void append(std::vector<IoCommand> commands) {
    auto* chunk = new Chunk{std::move(commands)};
    pending_.fetch_add(chunk->commands.size(), std::memory_order_relaxed);
    tail_->next.store(chunk, std::memory_order_release);
    tail_ = chunk;
  }
  /// Nothing will be appended any more.
  void close() noexcept { closed_.store(true, std::memory_order_release); }
  /// Commands appended and not taken.
  [[nodiscard]] std::uint64_t pending() const noexcept {
    return pending_.load(std::memory_order_relaxed);
  }

  /// As many as there are and fit. A chunk is freed when the next one begins, not for a command.
  [[nodiscard]] std::size_t take(std::span<IoCommand> into) noexcept {
    std::size_t count = 0;
    while (count < into.size() && available()) {
      into[count++] = head_->commands[next_++];
    }
    pending_.fetch_sub(count, std::memory_order_relaxed);
    return count;
  }
  /// Everything was taken and no more will come. Of the thread that takes.
  [[nodiscard]] bool drained() noexcept {
    const bool closed = closed_.load(std::memory_order_acquire);
    return closed && !available();
  }

 private:
  struct Chunk {
    std::vector<IoCommand> commands{};
    std::atomic<Chunk*> next{nullptr};
  };

  [[nodiscard]] bool available() noexcept {
    while (next_ == head_->commands.size()) {
      Chunk* next = head_->next.load(std::memory_order_acquire);
      if (next == nullptr) return false;
      delete head_;
      head_ = next;
      next_ = 0;
    }
    return true;
  }

  Chunk* head_ = new Chunk;  ///< of the thread that takes
  std::size_t next_ = 0;     ///< in it
  Chunk* tail_ = head_;      ///< of the thread that appends
  std::atomic<bool> closed_{false};
  std::atomic<std::uint64_t> pending_{0};
};

}  // namespace doorbell::driver
