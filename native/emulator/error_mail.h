#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>

#include "spec/feature.h"
#include "spec/log_page.h"

namespace doorbell::emulator {

/// What the other shards tell the first, which alone keeps the error log and raises events.
class ErrorMail {
 public:
  struct Letter {
    spec::ErrorLogEntry entry;
    std::optional<spec::ErrorEvent> event;
  };

  /// The oldest letter is dropped when nobody reads for long.
  void send(const Letter& letter) noexcept {
    const std::lock_guard lock(mutex_);
    letters_[(first_ + count_) % letters_.size()] = letter;
    if (count_ < letters_.size()) {
      ++count_;
    } else {
      first_ = (first_ + 1) % letters_.size();
    }
    any_.store(true, std::memory_order_relaxed);
  }
  [[nodiscard]] bool any() const noexcept { return any_.load(std::memory_order_relaxed); }
  template <class Read>
  void readAll(Read read) noexcept {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < count_; ++i) read(letters_[(first_ + i) % letters_.size()]);
    clear();
  }
  void drop() noexcept {
    const std::lock_guard lock(mutex_);
    clear();
  }

 private:
  void clear() noexcept {
    count_ = 0;
    any_.store(false, std::memory_order_relaxed);
  }

  std::mutex mutex_;
  std::array<Letter, 256> letters_{};
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::atomic<bool> any_{false};
};

}  // namespace doorbell::emulator
