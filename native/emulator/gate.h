#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

#include "emulator/limits.h"

namespace doorbell::emulator {

/// Lets one thread have the controller to itself: the others wait at the gate, between two
/// commands. A shard that sleeps counts as waiting.
class Gate {
 public:
  static constexpr unsigned kOutside = kMaxShards;  ///< not a shard

  explicit Gate(unsigned shards) noexcept : shards_(shards) {}

  /// Shards look between two commands and then wait(): the way is closed.
  [[nodiscard]] bool closed() const noexcept {
    return closed_.load(std::memory_order_relaxed) != 0;
  }
  void wait(unsigned shard) noexcept {
    stepAside(shard);
    comeBack(shard);
  }

  /// From here to comeBack() the shard touches nothing that others may.
  void stepAside(unsigned shard) noexcept { aside_[shard].value.store(1); }
  void comeBack(unsigned shard) noexcept {
    for (;;) {
      // Sequentially consistent with close(): either it sees this shard, or this shard the gate.
      aside_[shard].value.store(0);
      if (closed_.load() == 0) return;
      aside_[shard].value.store(1);
      closed_.wait(1);
    }
  }

  /// Returns once every other shard waits. `self` is the calling shard, or kOutside.
  void close(unsigned self) noexcept {
    if (self != kOutside) stepAside(self);
    turn_.lock();
    closed_.store(1);
    for (unsigned i = 0; i < shards_; ++i) {
      if (i != self) awaitAside(i);
    }
    closer_.store(self, std::memory_order_relaxed);
  }
  /// Did this shard close it?
  [[nodiscard]] bool closedBy(unsigned self) const noexcept {
    return closer_.load(std::memory_order_relaxed) == self;
  }
  void open(unsigned self) noexcept {
    closer_.store(kNobody, std::memory_order_relaxed);
    closed_.store(0);
    closed_.notify_all();
    turn_.unlock();
    if (self != kOutside) comeBack(self);
  }

 private:
  static constexpr unsigned kNobody = kMaxShards + 1;

  struct alignas(64) Aside {
    std::atomic<std::uint32_t> value{0};
  };

  void awaitAside(unsigned shard) const noexcept;

  const unsigned shards_;
  alignas(64) std::atomic<std::uint32_t> closed_{0};
  std::atomic<unsigned> closer_{kNobody};
  std::array<Aside, kMaxShards> aside_;
  std::mutex turn_;
};

}  // namespace doorbell::emulator
