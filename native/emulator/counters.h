#pragma once

#include <atomic>
#include <cstdint>

#include "emulator/limits.h"

namespace doorbell::emulator {

/// Counted by one thread, read by any.
class Counter {
 public:
  void add(std::uint64_t amount = 1) noexcept {
    std::atomic_ref(value_).store(value_ + amount, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t get() const noexcept {
    return std::atomic_ref(const_cast<std::uint64_t&>(value_)).load(std::memory_order_relaxed);
  }

 private:
  std::uint64_t value_ = 0;
};

/// What one shard counts for the SMART / Health log. A cache line of its own: no shard writes what
/// another writes.
struct alignas(64) IoCounters {
  Counter unitsRead;     ///< of 512 bytes
  Counter unitsWritten;  ///< of 512 bytes
  Counter hostReads;
  Counter hostWrites;
  Counter mediaErrors;
  Counter busyMicroseconds;
};

/// Life-time counters that change between commands only.
struct Counters {
  std::uint64_t powerCycles = 0;
  std::uint64_t unsafeShutdowns = 0;
  std::uint64_t errorCount = 0;  ///< of the newest error log entry
  std::uint64_t poweredSeconds = 0;
};

/// The IoCounters of all shards together.
struct IoTotals {
  std::uint64_t unitsRead = 0;
  std::uint64_t unitsWritten = 0;
  std::uint64_t hostReads = 0;
  std::uint64_t hostWrites = 0;
  std::uint64_t mediaErrors = 0;
  std::uint64_t busyMicroseconds = 0;
};

}  // namespace doorbell::emulator
