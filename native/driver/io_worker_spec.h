#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "driver/histogram.h"
#include "driver/verify/verifier.h"
#include "driver/workload/address_stream.h"
#include "driver/workload/io_command.h"
#include "driver/workload/io_data.h"
#include "driver/workload/replayed_commands.h"

namespace doorbell::driver {

/// An opcode's share of a mix.
struct IoOpShare {
  std::uint8_t opcode = 0;
  std::uint32_t weight = 0;
};

/// `NativeIoWorkerSpec` of testkit/nativeIoWorker.ts.
struct IoWorkerSpec {
  std::uint32_t nsid = 1;
  std::uint32_t lbaBytes = 512;
  std::uint32_t blocks = 8;  ///< a command, 1..65536; unless there are `sizes`
  std::uint64_t regionStart = 0;
  std::uint64_t regionEnd = 0;  ///< LBA after the last
  std::uint32_t randomPercent = 100;
  std::uint32_t readPercent = 100;  ///< the others are writes; unless there are `ops`
  std::uint32_t qdepth = 32;        ///< commands outstanding, 1..CAP.MQES
  std::uint64_t timeMs = 0;
  std::uint64_t ioCount =
      0;  ///< 0 = no limit; with neither limit, and sequential, the region is covered once
  double iops = 0;  ///< 0 = as fast as possible
  std::uint64_t seed = 0;
  std::vector<double> percentiles{};
  std::uint32_t commandTimeoutMs = 10'000;  ///< 0 = none
  std::vector<IoSize> sizes{};
  std::vector<IoOpShare> ops{};
  std::optional<std::uint64_t> lbaStart{};
  std::optional<std::int64_t> lbaStep{};
  std::vector<std::uint32_t> distribution{};
  std::uint32_t fuaPercent = 0;  ///< of reads and writes
  IoData data{};
  std::uint32_t priority = 0;          ///< QPRIO: 0 urgent, 1 high, 2 medium, 3 low
  std::uint32_t intervalMs = 1000;     ///< of the series
  bool continueOnError = false;        ///< a failed command is counted, and that is all
  std::optional<std::uint32_t> cpu{};  ///< its thread runs there only
  bool gated = false;                  ///< it waits for IoWorker::begin()
  /// Played instead of anything generated.
  std::shared_ptr<const IoSequence> sequence{};
  bool logged = true;  ///< in the command log; false only to measure what that costs

  [[nodiscard]] bool coversOnce() const noexcept {
    return timeMs == 0 && ioCount == 0 && !sequence;
  }
  [[nodiscard]] std::vector<IoSize> allSizes() const;
  [[nodiscard]] std::vector<IoOpShare> allOps() const;
  [[nodiscard]] std::vector<IoOp> opTable() const;
  [[nodiscard]] AddressPlan addressPlan() const;
  [[nodiscard]] std::uint32_t mostBlocks() const;
};

/// Of commands that follow those of a sequence. Throws as checkSpec.
void checkCommands(const IoSequence& sequence, std::span<const IoCommand> commands,
                   std::uint64_t notBeforeNs);

/// Throws Error{"OUT_OF_RANGE"} naming the field and its limits.
void checkSpec(const IoWorkerSpec& spec, std::uint32_t mqes);

struct LatencySummary {
  std::uint64_t count = 0;
  double minNs = 0;
  double meanNs = 0;
  double maxNs = 0;
  std::vector<double> percentilesNs;           ///< one for each asked for
  std::shared_ptr<const Histogram> histogram;  ///< all the rest
};

/// Latencies by class of command.
struct ClassLatencies {
  LatencySummary read;
  LatencySummary write;
  LatencySummary other;
  LatencySummary all;
};

/// Commands of one opcode that completed with success.
struct OpCount {
  std::uint8_t opcode = 0;
  std::uint64_t ios = 0;
  std::uint64_t bytes = 0;
  LatencySummary latency;
};

/// Commands and bytes of each interval since the start; the last one may be cut short.
struct IoSeries {
  std::uint32_t intervalMs = 0;
  std::vector<std::uint64_t> ios;
  std::vector<std::uint64_t> bytes;
};

struct IoWorkerResult {
  std::uint16_t qid = 0;
  /// 'completed' | 'stopped' | 'device-error' | 'data-mismatch' | 'timed-out' | 'reset' |
  /// 'power-lost' | 'removed'
  std::string end;
  std::uint64_t errors = 0;  ///< commands that completed with an error status
  std::uint16_t firstErrorStatus = 0;
  std::uint64_t firstErrorSequence = 0;    ///< also of the first command that timed out
  std::optional<DataMismatch> mismatch{};  ///< the first
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  std::uint64_t others = 0;
  std::uint64_t bytesRead = 0;
  std::uint64_t bytesWritten = 0;
  std::vector<OpCount> ops;
  std::uint64_t startNs = 0;    ///< of the driver's clock
  std::uint64_t elapsedNs = 0;  ///< from the start to the last completion
  std::uint64_t windowNs = 0;   ///< from the start to the end of submission
  std::uint64_t cpuNs = 0;
  std::uint64_t maxLagNs = 0;  ///< paced: the most a submission was behind its due time
  std::uint64_t unsent = 0;    ///< paced: commands that were due when it ended, and never sent
  LatencySummary read;
  LatencySummary write;
  LatencySummary other;
  LatencySummary all;
  std::optional<LatencySummary> lag;      ///< paced: from the due time to the submission
  std::optional<ClassLatencies> fromDue;  ///< paced: from the due time instead of the submission
  IoSeries series;
};

}  // namespace doorbell::driver
