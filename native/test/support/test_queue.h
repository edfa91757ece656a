#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

#include "platform/dma_domain.h"
#include "platform/error.h"
#include "platform/host_memory.h"
#include "platform/pci_function.h"
#include "spec/queue_entry.h"
#include "spec/registers.h"

namespace doorbell::test {

/// Host memory a controller can reach.
class TestMemory {
 public:
  TestMemory(platform::PciFunction& function, std::size_t bytes)
      : mapping_(function.dma(), platform::HostMemory::allocate(bytes)) {}
  [[nodiscard]] std::byte* data() const { return mapping_.data(); }
  [[nodiscard]] std::uint64_t bus() const { return mapping_.busAddress(); }
  [[nodiscard]] std::size_t size() const { return mapping_.memory()->size(); }
  template <class T>
  [[nodiscard]] T as(std::size_t offset = 0) const {
    T value;
    std::memcpy(static_cast<void*>(&value), data() + offset, sizeof(T));
    return value;
  }
  template <class T>
  void put(std::size_t offset, const T& value) const {
    std::memcpy(data() + offset, &value, sizeof(T));
  }
  void fill(int value) const { std::memset(data(), value, size()); }

 private:
  platform::DmaMapping mapping_;
};

/// The least a host needs to talk to one queue pair; no driver in between.
class TestQueue {
 public:
  TestQueue(platform::PciFunction& function, std::uint16_t qid, std::uint32_t entries)
      : function_(function),
        window_(function.doorbells()),
        qid_(qid),
        entries_(entries),
        sq_(function, entries * sizeof(spec::Sqe)),
        cq_(function, entries * sizeof(spec::Cqe)) {}

  [[nodiscard]] std::uint64_t sqBus() const { return sq_.bus(); }
  [[nodiscard]] std::uint64_t cqBus() const { return cq_.bus(); }
  [[nodiscard]] std::uint32_t entries() const { return entries_; }

  void post(const spec::Sqe& sqe) {
    std::memcpy(sq_.data() + tail_ * sizeof(sqe), &sqe, sizeof(sqe));
    tail_ = (tail_ + 1) % entries_;
  }
  void ringTail() { ring(2U * qid_, tail_); }
  void submit(const spec::Sqe& sqe) {
    post(sqe);
    ringTail();
  }

  /// The next completion, if there is one. Frees its entry by the head doorbell unless told not to.
  std::optional<spec::Cqe> reap(bool ringHead = true) {
    auto* slot = reinterpret_cast<std::uint64_t*>(cq_.data() + head_ * sizeof(spec::Cqe));
    const std::uint64_t half = std::atomic_ref(slot[1]).load(std::memory_order_acquire);
    if (((half >> 48U) & 1U) != (phase_ ? 1U : 0U)) return std::nullopt;
    spec::Cqe cqe;
    std::memcpy(static_cast<void*>(&cqe), slot, sizeof(cqe));
    if (++head_ == entries_) {
      head_ = 0;
      phase_ = !phase_;
    }
    if (ringHead) this->ringHead();
    return cqe;
  }
  void ringHead() { ring(2U * qid_ + 1, head_); }

  /// The next completion within 10 s.
  spec::Cqe await() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    for (;;) {
      if (const auto cqe = reap()) return *cqe;
      if (std::chrono::steady_clock::now() > until)
        throw std::runtime_error("no completion in 10 s");
      std::this_thread::yield();
    }
  }

  /// Nothing completes for a while.
  bool staysSilent(std::chrono::milliseconds time = std::chrono::milliseconds(20)) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < until) {
      if (reap()) return false;
      std::this_thread::yield();
    }
    return true;
  }

  void ring(std::uint32_t index, std::uint32_t value) {
    std::atomic_ref(const_cast<std::uint32_t&>(window_.base[index]))
        .store(value, std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    const auto qid = static_cast<std::uint16_t>(index / 2);
    const auto* asleep = window_.asleepFor(qid);
    if (asleep != nullptr && asleep->load(std::memory_order_relaxed) != 0) function_.wake(qid);
  }

 private:
  platform::PciFunction& function_;
  platform::DoorbellWindow window_;
  std::uint16_t qid_;
  std::uint32_t entries_;
  TestMemory sq_;
  TestMemory cq_;
  std::uint32_t tail_ = 0;
  std::uint32_t head_ = 0;
  bool phase_ = true;
};

}  // namespace doorbell::test
