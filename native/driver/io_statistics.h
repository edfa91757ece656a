#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "driver/clock.h"
#include "driver/histogram.h"
#include "driver/io_worker_spec.h"

namespace doorbell::driver {

/// Counts per interval of time. Nothing is allocated within the first `expected` intervals.
class IntervalSeries {
 public:
  IntervalSeries(std::uint64_t startTicks, std::uint64_t intervalTicks, std::size_t expected);

  void add(std::uint64_t ticks, std::uint64_t bytes) noexcept {
    while (ticks >= end_ && ios_.size() < kMost) [[unlikely]] roll();
    ++nowIos_;
    nowBytes_ += bytes;
  }
  /// With the interval that is not over.
  [[nodiscard]] IoSeries series(std::uint32_t intervalMs) const;

 private:
  static constexpr std::size_t kMost = 10'000'000;  ///< what comes later counts into the last
  void roll() noexcept;

  std::uint64_t interval_;
  std::uint64_t end_;
  std::uint64_t nowIos_ = 0;
  std::uint64_t nowBytes_ = 0;
  std::vector<std::uint64_t> ios_;
  std::vector<std::uint64_t> bytes_;
};

/// What an ioworker measures, by opcode. One thread.
class IoStatistics {
 public:
  IoStatistics(const IoWorkerSpec& spec, bool paced);

  /// The time from which intervals count.
  void start(const Clock& clock, std::uint64_t startTicks);
  /// A command completed with success.
  void completed(std::size_t op, std::uint64_t bytes, std::uint64_t ns,
                 std::uint64_t ticks) noexcept {
    Op& of = ops_[op];
    of.latency->record(ns);
    of.bytes += bytes;
    auto& counted = totals_[static_cast<std::size_t>(of.op.opClass)];
    ++counted.ios;
    counted.bytes += bytes;
    series_.add(ticks, bytes);
  }
  /// The same command's latency from its due time on.
  void fromDue(std::size_t op, std::uint64_t ns) noexcept { ops_[op].fromDue->record(ns); }

  /// Paced: a command was sent that long after its due time.
  void sent(std::uint64_t lagNs) noexcept { lag_->record(lagNs); }

  [[nodiscard]] std::uint64_t ios(OpClass of) const noexcept {
    return totals_[static_cast<std::size_t>(of)].ios;
  }
  [[nodiscard]] std::uint64_t bytes() const noexcept {
    return totals_[0].bytes + totals_[1].bytes + totals_[2].bytes;
  }
  /// Sets counts, latencies and series.
  void into(IoWorkerResult& result) const;

 private:
  struct Op {
    IoOp op;
    std::uint64_t bytes = 0;
    std::unique_ptr<Histogram> latency;
    std::unique_ptr<Histogram> fromDue;  ///< null unless paced
  };
  struct Totals {
    std::uint64_t ios = 0;
    std::uint64_t bytes = 0;
  };
  [[nodiscard]] ClassLatencies byClass(bool fromDue) const;
  [[nodiscard]] LatencySummary merged(bool fromDue, const OpClass* only) const;
  [[nodiscard]] LatencySummary summarise(std::shared_ptr<const Histogram> histogram) const;

  std::vector<double> percentiles_;
  std::uint32_t intervalMs_;
  std::uint64_t timeMs_;
  std::vector<Op> ops_;
  std::unique_ptr<Histogram> lag_;  ///< null unless paced
  std::array<Totals, 3> totals_{};
  IntervalSeries series_;
};

}  // namespace doorbell::driver
