#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "driver/io_buffers.h"
#include "driver/io_loop.h"
#include "driver/io_worker_spec.h"
#include "driver/managed_queue.h"
#include "driver/queue_resources.h"

namespace doorbell::driver {

class ControllerCore;

struct IoWorkerCounters {
  std::uint64_t ios = 0;
  std::uint64_t bytes = 0;
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  std::uint64_t errors = 0;   ///< not among the others
  std::uint64_t startNs = 0;  ///< of the clock, when it began; 0 before
};

/// Generated I/O: its own native thread with its own queue pair. Made by Controller::startIoWorker.
class IoWorker final : public ManagedQueue {
 public:
  using Done = std::function<void(const IoWorkerResult&)>;
  /// `buffers` come first into being: nothing may fail once the device knows `queue`.
  IoWorker(std::shared_ptr<ControllerCore> core, std::unique_ptr<QueueResources> queue,
           std::unique_ptr<IoBuffers> buffers, const IoWorkerSpec& spec,
           std::shared_ptr<Verifier> verifier);
  ~IoWorker() override;  ///< stops and joins

  [[nodiscard]] std::uint16_t qid() const noexcept { return qid_; }
  /// Id of the queue's segment in the evidence file.
  [[nodiscard]] std::uint32_t segment() const noexcept { return segment_; }
  /// `done` runs once, on the worker's thread, when the result is known and the queue pair was
  /// deleted (at once, on this thread, when that was before). It must only post to its own thread,
  /// and must not drop the last reference.
  void onDone(Done done);
  /// Ends submission; outstanding commands are awaited (bounded). Does not block.
  void stop() noexcept { signals_.stop.store(true); }
  /// Commands that follow those of a sequence that is open. One thread at a time. Throws
  /// Error{"OUT_OF_RANGE"} for what cannot be sent, Error{"BAD_STATE"} for a sequence that is not.
  void feed(std::vector<IoCommand> commands);
  /// No more will follow: it ends when all are sent.
  void endFeed();
  /// Commands fed and not yet taken.
  [[nodiscard]] std::uint64_t fed() const noexcept;
  /// Completed so far, without error. Any thread.
  [[nodiscard]] IoWorkerCounters counters() const noexcept;

  /// Throws Error{"NOT_SUPPORTED"} when its thread may not run on the CPU asked for.
  void start();
  /// Starts gated ioworkers at one time, once all their threads can be awake.
  static void begin(std::span<const std::shared_ptr<IoWorker>> workers) noexcept;
  void join() noexcept;
  /// Its thread is done and its queue pair is gone from the device.
  [[nodiscard]] bool released() const noexcept {
    return threadDone_.load() && (deleted_.load() || signals_.ended.load() != 0);
  }

  // ManagedQueue
  void halt() noexcept override;
  void resume() noexcept override { signals_.halted.store(false); }
  void end(evidence::Outcome outcome) noexcept override;

 private:
  void run() noexcept;
  void removeQueue() noexcept;
  void finish(IoWorkerResult result) noexcept;

  const std::shared_ptr<ControllerCore> core_;
  const IoWorkerSpec spec_;
  std::unique_ptr<QueueResources> queue_;
  std::unique_ptr<IoBuffers> buffers_;
  std::unique_ptr<CommandSource> source_;
  const std::shared_ptr<Verifier> verifier_;  ///< null = not verified
  const std::uint16_t qid_;
  const std::uint32_t segment_;
  const std::uint64_t generation_;
  std::uint64_t fedUntilNs_ = 0;  ///< due time of the last command fed
  bool feedEnded_ = false;
  IoSignals signals_;
  IoTotals totals_;
  std::atomic<bool> deleted_{false};
  std::atomic<bool> threadDone_{false};
  std::mutex doneMutex_;
  Done done_;
  std::optional<IoWorkerResult> result_;
  std::jthread thread_;
};

}  // namespace doorbell::driver
