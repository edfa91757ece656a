#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "driver/histogram.h"
#include "driver/managed_queue.h"
#include "driver/queue_resources.h"

namespace doorbell::driver {

class ControllerCore;

/// `NativeIoWorkerSpec` of testkit/nativeSurface.ts.
struct IoWorkerSpec {
  std::uint32_t nsid = 1;
  std::uint32_t lbaBytes = 512;
  std::uint32_t blocks = 8;
  std::uint64_t regionStart = 0;
  std::uint64_t regionEnd = 0;  ///< LBA after the last
  std::uint32_t randomPercent = 100;
  std::uint32_t readPercent = 100;
  std::uint32_t qdepth = 32;
  std::uint64_t timeMs = 0;
  std::uint64_t ioCount = 0;
  double iops = 0;  ///< 0 = as fast as possible
  std::uint64_t seed = 0;
  std::vector<double> percentiles;
  std::uint32_t commandTimeoutMs = 10000;  ///< 0 = none
};

struct LatencySummary {
  std::uint64_t count = 0;
  double minNs = 0;
  double meanNs = 0;
  double maxNs = 0;
  std::vector<double> percentilesNs;
};

struct IoWorkerResult {
  std::uint16_t qid = 0;
  std::string end;  ///< 'completed' | 'stopped' | 'device-error' | 'timed-out' | 'reset' |
                    ///< 'power-lost' | 'removed'
  std::uint16_t firstErrorStatus = 0;
  std::uint64_t firstErrorSequence = 0;
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

struct IoWorkerCounters {
  std::uint64_t ios = 0;
  std::uint64_t bytes = 0;
};

/// Generated I/O: its own native thread with its own queue pair. Made by Controller::startIoWorker.
class IoWorker final : public ManagedQueue {
 public:
  using Done = std::function<void(IoWorkerResult)>;
  IoWorker(std::shared_ptr<ControllerCore> core, std::unique_ptr<QueueResources> queue,
           IoWorkerSpec spec);
  ~IoWorker() override;  ///< stops and joins

  [[nodiscard]] std::uint16_t qid() const noexcept { return qid_; }
  [[nodiscard]] std::uint32_t segment() const noexcept { return segment_; }
  /// `done` runs once, on the worker's thread, when the result is known and the queue pair was
  /// deleted (at once, on this thread, when that was before). It must not throw.
  void onDone(Done done);
  /// Ends submission; outstanding commands are awaited (bounded). Does not block.
  void stop() noexcept { stop_.store(true, std::memory_order_relaxed); }
  /// Completed so far. Any thread.
  [[nodiscard]] IoWorkerCounters counters() const noexcept;

  void start();
  // ManagedQueue
  void halt() noexcept override;
  void resume() noexcept override;
  void end(evidence::Outcome outcome) noexcept override;

 private:
  void run() noexcept;
  void finish(IoWorkerResult result) noexcept;

  const std::shared_ptr<ControllerCore> core_;
  const std::uint16_t qid_;
  const std::uint32_t segment_;
  const IoWorkerSpec spec_;
  std::unique_ptr<QueueResources> queue_;
  std::atomic<bool> stop_{false};
  std::atomic<std::uint32_t> ended_{0};  ///< evidence::Outcome, 0 = open
  std::atomic<bool> halted_{false};
  std::atomic<bool> parked_{true};  ///< rings no doorbell right now
  std::mutex doneMutex_;
  Done done_;
  std::optional<IoWorkerResult> result_;
  std::jthread thread_;
};

}  // namespace doorbell::driver
