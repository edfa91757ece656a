#include "driver/io_worker_spec.h"

#include <cmath>

#include "platform/error.h"

namespace doorbell::driver {
namespace {

void require(bool condition, const std::string& message) {
  if (!condition) throw Error("OUT_OF_RANGE", "ioworker: " + message);
}

}  // namespace

void checkSpec(const IoWorkerSpec& spec, std::uint32_t mqes) {
  const auto text = [](std::uint64_t value) { return std::to_string(value); };
  require(spec.qdepth >= 1 && spec.qdepth <= mqes,
          "qdepth is 1 to " + text(mqes) + " (CAP.MQES) commands, not " + text(spec.qdepth));
  require(spec.blocks >= 1 && spec.blocks <= 65536,
          "1 to 65536 blocks a command, not " + text(spec.blocks));
  require(spec.lbaBytes >= 512 && spec.lbaBytes <= 65536,
          "a block of 512 to 65536 bytes, not " + text(spec.lbaBytes));
  require(spec.regionStart < spec.regionEnd && spec.regionEnd - spec.regionStart >= spec.blocks,
          "the region from LBA " + text(spec.regionStart) + " to " + text(spec.regionEnd) +
              " (not included) holds no command of " + text(spec.blocks) + " blocks");
  require(spec.randomPercent <= 100, "randomPercent is 0 to 100, not " + text(spec.randomPercent));
  require(spec.readPercent <= 100, "readPercent is 0 to 100, not " + text(spec.readPercent));
  require(std::isfinite(spec.iops) && spec.iops >= 0 && spec.iops <= 1e9,
          "iops is 0 (no pace) to 10^9");
  require(!spec.coversOnce() || spec.randomPercent == 0,
          "random I/O has no end of its own: give timeMs or ioCount");
  for (const double percentile : spec.percentiles) {
    require(percentile >= 0 && percentile <= 100,
            "a percentile is 0 to 100, not " + std::to_string(percentile));
  }
}

}  // namespace doorbell::driver
