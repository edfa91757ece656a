#include "driver/io_loop.h"

namespace doorbell::driver {
namespace {

LatencySummary summarise(const Histogram& histogram, const std::vector<double>& percentiles) {
  LatencySummary summary{.count = histogram.count(),
                         .minNs = static_cast<double>(histogram.min()),
                         .meanNs = histogram.mean(),
                         .maxNs = static_cast<double>(histogram.max()),
                         .percentilesNs = {}};
  for (const double percentile : percentiles)
    summary.percentilesNs.push_back(histogram.percentile(percentile));
  return summary;
}

}  // namespace

IoWorkerResult IoLoop::result() const {
  const evidence::QueueSegment& counters = pair_.counters();
  const auto all = std::make_unique<Histogram>(*readLatency_);
  all->merge(*writeLatency_);
  const std::uint64_t last = std::max(lastTicks_, startTicks_);
  return {.qid = pair_.qid(),
          .end = reason_,
          .firstErrorStatus = firstErrorStatus_,
          .firstErrorSequence = firstErrorSequence_,
          .mismatch = mismatch_,
          .reads = counters.readCommands,
          .writes = counters.writeCommands,
          .bytesRead = counters.bytesRead,
          .bytesWritten = counters.bytesWritten,
          .elapsedNs = clock_.toNs(last) - clock_.toNs(startTicks_),
          .cpuNs = cpuNs_,
          .maxLagNs = scale_.toNs(startTicks_ + maxLagTicks_) - scale_.toNs(startTicks_),
          .read = summarise(*readLatency_, spec_.percentiles),
          .write = summarise(*writeLatency_, spec_.percentiles),
          .all = summarise(*all, spec_.percentiles)};
}

}  // namespace doorbell::driver
