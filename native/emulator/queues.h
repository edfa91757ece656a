#pragma once

#include <array>
#include <cstdint>

#include "emulator/clock.h"
#include "emulator/limits.h"

namespace doorbell::emulator {

struct alignas(64) CompletionQueue {
  std::uint64_t base = 0;
  std::uint32_t size = 0;  ///< entries; 0: the queue does not exist
  std::uint32_t head = 0;
  std::uint32_t tail = 0;
  std::uint64_t posted = 0;     ///< entries ever: the tail alone may come full circle unnoticed
  std::uint64_t announced = 0;  ///< entries the last interrupt was for
  std::uint64_t announceAtNs = kNever;  ///< interrupt coalescing waits no longer
  std::uint16_t vector = 0;
  bool interrupts = false;
  bool phase = true;
  std::uint16_t users = 0;  ///< SQs that complete here

  [[nodiscard]] bool exists() const noexcept { return size != 0; }
  [[nodiscard]] std::uint32_t used() const noexcept {
    return tail >= head ? tail - head : tail + size - head;
  }
  [[nodiscard]] bool full() const noexcept { return used() == size - 1; }
  void advanceTail() noexcept {
    ++posted;
    if (++tail == size) {
      tail = 0;
      phase = !phase;
    }
  }
};

struct alignas(64) SubmissionQueue {
  std::uint64_t base = 0;
  std::uint32_t size = 0;  ///< entries; 0: the queue does not exist
  std::uint32_t head = 0;
  std::uint32_t tail = 0;  ///< the last valid doorbell value
  std::uint16_t id = 0;
  std::uint16_t cqid = 0;

  [[nodiscard]] bool exists() const noexcept { return size != 0; }
};

/// Every queue of the controller; index 0 is the admin queue.
class Queues {
 public:
  [[nodiscard]] CompletionQueue& cq(std::uint32_t qid) noexcept { return cqs_[qid]; }
  [[nodiscard]] SubmissionQueue& sq(std::uint32_t qid) noexcept { return sqs_[qid]; }

  /// The shard of a CQ and of every SQ that completes there: so each has one writer.
  [[nodiscard]] unsigned shardOf(std::uint32_t cqid) const noexcept {
    return cqid == 0 ? 0 : (cqid - 1) % shards_;
  }
  void setShards(unsigned shards) noexcept { shards_ = shards; }

  /// SQs of a shard that exist, in the order they are served.
  [[nodiscard]] std::uint32_t served(unsigned shard) const noexcept { return served_[shard].count; }
  [[nodiscard]] SubmissionQueue& servedAt(unsigned shard, std::uint32_t index) noexcept {
    return sqs_[served_[shard].order[index]];
  }

  void addSq(const SubmissionQueue& sq) noexcept {
    sqs_[sq.id] = sq;
    ++cqs_[sq.cqid].users;
    Served& served = served_[shardOf(sq.cqid)];
    served.order[served.count++] = sq.id;
  }
  void removeSq(std::uint16_t qid) noexcept {
    Served& served = served_[shardOf(sqs_[qid].cqid)];
    --cqs_[sqs_[qid].cqid].users;
    sqs_[qid] = {};
    std::uint32_t kept = 0;
    for (std::uint32_t i = 0; i < served.count; ++i) {
      if (served.order[i] != qid) served.order[kept++] = served.order[i];
    }
    served.count = kept;
  }
  [[nodiscard]] bool anyIo() const noexcept {
    for (std::uint32_t qid = 1; qid < kQueues; ++qid) {
      if (cqs_[qid].exists()) return true;
    }
    return false;
  }
  void clear() noexcept {
    sqs_ = {};
    cqs_ = {};
    served_ = {};
  }

 private:
  std::array<SubmissionQueue, kQueues> sqs_{};
  std::array<CompletionQueue, kQueues> cqs_{};
  struct alignas(64) Served {
    std::array<std::uint16_t, kQueues> order{};
    std::uint32_t count = 0;
  };
  std::array<Served, kMaxShards> served_{};
  unsigned shards_ = 1;
};

}  // namespace doorbell::emulator
