#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "emulator/limits.h"

namespace doorbell::emulator {

/// Queue Priority (QPRIO of Create I/O Submission Queue).
enum class QueuePriority : std::uint8_t { Urgent = 0, High = 1, Medium = 2, Low = 3 };

/// Weighted Round Robin with Urgent Priority Class (NVMe Base 2.0, "Command Arbitration"): the
/// admin queue before all others, urgent queues before weighted ones, and of these as many commands
/// a round as their class has weight.
class Arbiter {
 public:
  struct Weights {
    std::uint32_t burst;   ///< commands from one queue before the next has its turn
    std::uint32_t high;    ///< commands a round
    std::uint32_t medium;  ///< the same
    std::uint32_t low;     ///< the same
  };

  void add(std::uint16_t qid, QueuePriority priority) noexcept {
    Class& to = of(priority);
    to.queues[to.count++] = qid;
  }
  void remove(std::uint16_t qid) noexcept {
    for (Class& one : classes_) one.remove(qid);
  }
  void clear() noexcept { classes_ = {}; }

  /// One round. `serve(qid, limit)` executes up to `limit` commands and says how many it did;
  /// queue 0 is the admin queue. True when anything was served.
  template <class Serve>
  bool round(const Weights& weights, Serve serve) noexcept {
    bool worked = serveStrict(weights.burst, serve);
    worked |= serveClass(QueuePriority::High, weights.high, weights.burst, serve);
    worked |= serveClass(QueuePriority::Medium, weights.medium, weights.burst, serve);
    worked |= serveClass(QueuePriority::Low, weights.low, weights.burst, serve);
    return worked;
  }

 private:
  struct Class {
    std::array<std::uint16_t, kQueues> queues{};
    std::uint32_t count = 0;
    std::uint32_t next = 0;  ///< whose turn it is

    void remove(std::uint16_t qid) noexcept {
      auto* const end = queues.begin() + count;
      auto* const kept = std::remove(queues.begin(), end, qid);
      count = static_cast<std::uint32_t>(kept - queues.begin());
      if (next >= count) next = 0;
    }
  };

  [[nodiscard]] Class& of(QueuePriority priority) noexcept {
    return classes_[static_cast<std::size_t>(priority)];
  }

  /// Until neither the admin queue nor an urgent queue has a command left.
  template <class Serve>
  bool serveStrict(std::uint32_t burst, Serve& serve) noexcept {
    bool worked = false;
    Class& urgent = of(QueuePriority::Urgent);
    for (std::uint32_t idle = 0; idle <= urgent.count;) {
      bool any = serve(std::uint16_t{0}, burst) != 0;
      if (urgent.count != 0) any |= serve(takeTurn(urgent), burst) != 0;
      worked |= any;
      idle = any ? 0 : idle + 1;
    }
    return worked;
  }

  template <class Serve>
  bool serveClass(QueuePriority priority, std::uint32_t credits, std::uint32_t burst,
                  Serve& serve) noexcept {
    Class& queues = of(priority);
    bool worked = false;
    for (std::uint32_t idle = 0; idle < queues.count && credits > 0;) {
      const std::uint32_t done = serve(takeTurn(queues), std::min(burst, credits));
      credits -= std::min(credits, done);
      idle = done != 0 ? 0 : idle + 1;
      if (done == 0) continue;
      worked = true;
      serveStrict(burst, serve);  // what came meanwhile goes first
    }
    return worked;
  }

  static std::uint16_t takeTurn(Class& queues) noexcept {
    const std::uint16_t qid = queues.queues[queues.next];
    queues.next = queues.next + 1 == queues.count ? 0 : queues.next + 1;
    return qid;
  }

  std::array<Class, 4> classes_{};
};

}  // namespace doorbell::emulator
