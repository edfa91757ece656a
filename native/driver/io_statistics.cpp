#include "driver/io_statistics.h"

#include <algorithm>
#include <new>

namespace doorbell::driver {
namespace {

constexpr std::uint64_t kNsPerMs = 1'000'000;
constexpr std::size_t kReservedUnknown = 4096;    // of a run whose time nobody knows
constexpr std::size_t kReservedMost = 1'000'000;  // 8 MB

}  // namespace

IntervalSeries::IntervalSeries(std::uint64_t startTicks, std::uint64_t intervalTicks,
                               std::size_t expected)
    : interval_(std::max<std::uint64_t>(intervalTicks, 1)), end_(startTicks + interval_) {
  ios_.reserve(expected);
  bytes_.reserve(expected);
}

/// Without memory for more, the rest counts into the last interval: nothing is lost.
void IntervalSeries::roll() noexcept {
  try {
    bytes_.push_back(nowBytes_);
    ios_.push_back(nowIos_);
  } catch (const std::bad_alloc&) {
    bytes_.resize(ios_.size());
    end_ = UINT64_MAX;
    return;
  }
  nowIos_ = 0;
  nowBytes_ = 0;
  end_ += interval_;
}

IoSeries IntervalSeries::series(std::uint32_t intervalMs) const {
  IoSeries made{.intervalMs = intervalMs, .ios = ios_, .bytes = bytes_};
  made.ios.push_back(nowIos_);
  made.bytes.push_back(nowBytes_);
  return made;
}

IoStatistics::IoStatistics(const IoWorkerSpec& spec, bool paced)
    : percentiles_(spec.percentiles),
      intervalMs_(spec.intervalMs),
      timeMs_(spec.timeMs),
      lag_(paced ? std::make_unique<Histogram>() : nullptr),
      series_(0, 1, 0) {
  for (const IoOp& op : spec.opTable()) {
    ops_.push_back(
        {op, 0, std::make_unique<Histogram>(), paced ? std::make_unique<Histogram>() : nullptr});
  }
}

void IoStatistics::start(const Clock& clock, std::uint64_t startTicks) {
  const std::size_t expected = timeMs_ == 0 ? kReservedUnknown
                                            : static_cast<std::size_t>(std::min<std::uint64_t>(
                                                  timeMs_ / intervalMs_ + 2, kReservedMost));
  series_ = IntervalSeries(startTicks, clock.toTicks(intervalMs_ * kNsPerMs), expected);
}

LatencySummary IoStatistics::summarise(std::shared_ptr<const Histogram> histogram) const {
  LatencySummary summary{.count = histogram->count(),
                         .minNs = static_cast<double>(histogram->min()),
                         .meanNs = histogram->mean(),
                         .maxNs = static_cast<double>(histogram->max()),
                         .percentilesNs = {},
                         .histogram = nullptr};
  for (const double percentile : percentiles_)
    summary.percentilesNs.push_back(histogram->percentile(percentile));
  summary.histogram = std::move(histogram);
  return summary;
}

LatencySummary IoStatistics::merged(bool fromDue, const OpClass* only) const {
  const auto sum = std::make_shared<Histogram>();
  for (const Op& op : ops_) {
    if (only == nullptr || op.op.opClass == *only) sum->merge(fromDue ? *op.fromDue : *op.latency);
  }
  return summarise(sum);
}

ClassLatencies IoStatistics::byClass(bool fromDue) const {
  const auto of = [&](OpClass wanted) { return merged(fromDue, &wanted); };
  return {.read = of(OpClass::Read),
          .write = of(OpClass::Write),
          .other = of(OpClass::Other),
          .all = merged(fromDue, nullptr)};
}

void IoStatistics::into(IoWorkerResult& result) const {
  result.reads = ios(OpClass::Read);
  result.writes = ios(OpClass::Write);
  result.others = ios(OpClass::Other);
  result.bytesRead = totals_[static_cast<std::size_t>(OpClass::Read)].bytes;
  result.bytesWritten = totals_[static_cast<std::size_t>(OpClass::Write)].bytes;
  for (const Op& op : ops_) {
    result.ops.push_back({op.op.opcode, op.latency->count(), op.bytes,
                          summarise(std::make_shared<Histogram>(*op.latency))});
  }
  auto latencies = byClass(false);
  result.read = std::move(latencies.read);
  result.write = std::move(latencies.write);
  result.other = std::move(latencies.other);
  result.all = std::move(latencies.all);
  const bool paced =
      std::all_of(ops_.begin(), ops_.end(), [](const Op& op) { return op.fromDue != nullptr; });
  if (paced) result.fromDue = byClass(true);
  if (lag_) result.lag = summarise(std::make_shared<Histogram>(*lag_));
  result.series = series_.series(intervalMs_);
}

}  // namespace doorbell::driver
