#pragma once

#include <array>
#include <cstdint>

#include "emulator/arbiter.h"
#include "emulator/clock.h"
#include "emulator/limits.h"

namespace doorbell::emulator {

/// The pages of a queue that is not physically contiguous (PC cleared to 0).
struct QueuePages {
  static constexpr std::size_t kMost = kMaxQueueEntries * 64 / 4096;

  std::array<std::uint64_t, kMost> addresses{};
  std::uint32_t pageBytes = 4096;

  [[nodiscard]] std::uint64_t at(std::uint64_t offset) const noexcept {
    return addresses[offset / pageBytes] + offset % pageBytes;
  }
};

/// Where the entries of a queue are.
struct QueueMemory {
  std::uint64_t base = 0;             ///< of all of them, where they are in one piece
  const QueuePages* pages = nullptr;  ///< else

  [[nodiscard]] std::uint64_t at(std::uint64_t offset) const noexcept {
    return pages == nullptr ? base + offset : pages->at(offset);
  }
};

struct alignas(64) CompletionQueue {
  QueueMemory memory;
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
  QueueMemory memory;
  std::uint32_t size = 0;  ///< entries; 0: the queue does not exist
  std::uint32_t head = 0;
  std::uint32_t tail = 0;  ///< the last valid doorbell value
  std::uint16_t id = 0;
  std::uint16_t cqid = 0;
  QueuePriority priority = QueuePriority::Urgent;  ///< of weighted round robin

  [[nodiscard]] bool exists() const noexcept { return size != 0; }
  /// The bus address of the entry at the head.
  [[nodiscard]] std::uint64_t nextEntry() const noexcept {
    return memory.at(std::uint64_t{head} * 64);
  }
};

/// Every queue of the controller; index 0 is the admin queue.
class Queues {
 public:
  [[nodiscard]] CompletionQueue& cq(std::uint32_t qid) noexcept { return cqs_[qid]; }
  [[nodiscard]] const CompletionQueue& cq(std::uint32_t qid) const noexcept { return cqs_[qid]; }
  [[nodiscard]] SubmissionQueue& sq(std::uint32_t qid) noexcept { return sqs_[qid]; }

  /// The shard of a CQ and of every SQ that completes there: so each has one writer.
  [[nodiscard]] unsigned shardOf(std::uint32_t cqid) const noexcept {
    return cqid == 0 ? 0 : (cqid - 1) % shards_;
  }
  void setShards(unsigned shards) noexcept { shards_ = shards; }

  /// Room for the pages of a queue that is going to be made.
  [[nodiscard]] QueuePages& sqPages(std::uint32_t qid) noexcept { return sqPages_[qid]; }
  [[nodiscard]] QueuePages& cqPages(std::uint32_t qid) noexcept { return cqPages_[qid]; }

  /// Who is next among the SQs of a shard, where priorities count.
  [[nodiscard]] Arbiter& arbiter(unsigned shard) noexcept { return served_[shard].arbiter; }
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
    if (sq.id != 0) served.arbiter.add(sq.id, sq.priority);
  }
  void removeSq(std::uint16_t qid) noexcept {
    Served& served = served_[shardOf(sqs_[qid].cqid)];
    --cqs_[sqs_[qid].cqid].users;
    sqs_[qid] = {};
    served.arbiter.remove(qid);
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
    Arbiter arbiter;
  };
  std::array<Served, kMaxShards> served_{};
  std::array<QueuePages, kQueues> sqPages_{};
  std::array<QueuePages, kQueues> cqPages_{};
  unsigned shards_ = 1;
};

}  // namespace doorbell::emulator
