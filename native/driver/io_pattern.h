#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "driver/io_worker_spec.h"
#include "driver/random.h"

namespace doorbell::driver {

/// Where and what the next command is: deterministic per seed.
class IoPattern {
 public:
  struct Next {
    std::uint64_t slba = 0;
    std::uint32_t blocks = 0;
    bool read = true;
  };

  explicit IoPattern(const IoWorkerSpec& spec) noexcept
      : random_(spec.seed),
        start_(spec.regionStart),
        end_(spec.regionEnd),
        blocks_(spec.blocks),
        slots_((spec.regionEnd - spec.regionStart) / spec.blocks),
        randomPercent_(spec.randomPercent),
        readPercent_(spec.readPercent),
        once_(spec.coversOnce()),
        position_(spec.regionStart) {}

  /// True when the region was covered once and that was all there is to do.
  [[nodiscard]] bool done() const noexcept { return once_ && position_ >= end_; }

  [[nodiscard]] Next next() noexcept {
    const bool read = chance(readPercent_);
    if (chance(randomPercent_)) return {start_ + random_.below(slots_) * blocks_, blocks_, read};
    // Only a single pass ends with a short command; otherwise every command has the size asked for.
    if (!once_ && position_ + blocks_ > end_) position_ = start_;
    const std::uint64_t slba = position_;
    position_ += blocks_;
    return {slba, static_cast<std::uint32_t>(std::min<std::uint64_t>(blocks_, end_ - slba)), read};
  }

 private:
  [[nodiscard]] bool chance(std::uint32_t percent) noexcept {
    return percent == 100 || (percent != 0 && random_.below(100) < percent);
  }

  Random random_;
  std::uint64_t start_;
  std::uint64_t end_;
  std::uint32_t blocks_;
  std::uint64_t slots_;
  std::uint32_t randomPercent_;
  std::uint32_t readPercent_;
  bool once_;
  std::uint64_t position_;
};

/// When commands are due: the k-th (from 0) at start + k / iops, whatever happened to those before
/// it.
class IoPacer {
 public:
  IoPacer(double iops, std::uint64_t ticksPerSecond, std::uint64_t start) noexcept
      : ticksPerIo_(iops > 0 ? static_cast<double>(ticksPerSecond) / iops : 0),
        start_(start),
        due_(start) {}

  [[nodiscard]] bool paced() const noexcept { return ticksPerIo_ > 0; }
  [[nodiscard]] bool isDue(std::uint64_t now) const noexcept { return !paced() || now >= due_; }
  /// Ticks at which the next command is due.
  [[nodiscard]] std::uint64_t due() const noexcept { return due_; }
  void submitted() noexcept {
    if (paced())
      due_ = start_ + static_cast<std::uint64_t>(static_cast<double>(++count_) * ticksPerIo_);
  }

 private:
  double ticksPerIo_;
  std::uint64_t start_;
  std::uint64_t due_;
  std::uint64_t count_ = 0;
};

}  // namespace doorbell::driver
