#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "driver/verify/verifier.h"

namespace doorbell::driver {

/// `NativeIoWorkerSpec` of testkit/nativeSurface.ts.
struct IoWorkerSpec {
  std::uint32_t nsid = 1;
  std::uint32_t lbaBytes = 512;
  std::uint32_t blocks = 8;  ///< a command, 1..65536
  std::uint64_t regionStart = 0;
  std::uint64_t regionEnd = 0;  ///< LBA after the last
  std::uint32_t randomPercent = 100;
  std::uint32_t readPercent = 100;
  std::uint32_t qdepth = 32;  ///< commands outstanding, 1..CAP.MQES
  std::uint64_t timeMs = 0;
  std::uint64_t ioCount =
      0;  ///< 0 = no limit; with neither limit, and sequential, the region is covered once
  double iops = 0;  ///< 0 = as fast as possible
  std::uint64_t seed = 0;
  std::vector<double> percentiles{};
  std::uint32_t commandTimeoutMs = 10'000;  ///< 0 = none

  [[nodiscard]] bool coversOnce() const noexcept { return timeMs == 0 && ioCount == 0; }
  [[nodiscard]] std::uint64_t ioBytes() const noexcept { return std::uint64_t{blocks} * lbaBytes; }
};

/// Throws Error{"OUT_OF_RANGE"} naming the field and its limits.
void checkSpec(const IoWorkerSpec& spec, std::uint32_t mqes);

struct LatencySummary {
  std::uint64_t count = 0;
  double minNs = 0;
  double meanNs = 0;
  double maxNs = 0;
  std::vector<double> percentilesNs;  ///< one for each asked for
};

struct IoWorkerResult {
  std::uint16_t qid = 0;
  /// 'completed' | 'stopped' | 'device-error' | 'data-mismatch' | 'timed-out' | 'reset' |
  /// 'power-lost' | 'removed'
  std::string end;
  std::uint16_t firstErrorStatus = 0;
  std::uint64_t firstErrorSequence = 0;    ///< also of the first command that timed out
  std::optional<DataMismatch> mismatch{};  ///< the first
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  std::uint64_t bytesRead = 0;
  std::uint64_t bytesWritten = 0;
  std::uint64_t elapsedNs = 0;
  std::uint64_t cpuNs = 0;
  std::uint64_t maxLagNs = 0;  ///< paced: the most a submission was behind its due time
  LatencySummary read;
  LatencySummary write;
  LatencySummary all;
};

}  // namespace doorbell::driver
