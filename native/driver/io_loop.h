#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "driver/clock.h"
#include "driver/histogram.h"
#include "driver/io_buffers.h"
#include "driver/io_pattern.h"
#include "driver/io_worker_spec.h"
#include "driver/queue_pair.h"
#include "driver/verify/io_verification.h"

namespace doorbell::driver {

/// What other threads tell an ioworker's thread.
struct IoSignals {
  std::atomic<bool> stop{false};
  std::atomic<bool> halted{false};
  std::atomic<bool> parked{true};       ///< answer: it rings no doorbell until resumed
  std::atomic<std::uint32_t> ended{0};  ///< evidence::Outcome once the queue pair ended
};

/// What an ioworker's thread tells others while it runs.
struct IoTotals {
  std::atomic<std::uint64_t> ios{0};
  std::atomic<std::uint64_t> bytes{0};
};

/// The inner loop of an ioworker: fill the queue, ring once, reap, record. One thread; nothing here
/// allocates, locks or makes a system call while commands flow.
class IoLoop {
 public:
  IoLoop(const IoWorkerSpec& spec, QueuePair& pair, IoBuffers& buffers, const Clock& clock,
         IoSignals& signals, IoTotals& totals, std::shared_ptr<Verifier> verifier = nullptr);

  void run() noexcept;
  [[nodiscard]] IoWorkerResult result() const;

 private:
  [[nodiscard]] unsigned submit(std::uint64_t now) noexcept;
  [[nodiscard]] bool issue(std::uint64_t now) noexcept;
  [[nodiscard]] unsigned reap(std::uint64_t now) noexcept;
  void completed(const Completion& completion) noexcept;
  void failed(const Completion& completion, const char* reason) noexcept;
  void ended(evidence::Outcome outcome) noexcept;
  void stopSubmitting(const char* reason) noexcept;
  [[nodiscard]] bool finished(std::uint64_t now) noexcept;
  [[nodiscard]] bool park() noexcept;
  void idle(std::uint64_t now) noexcept;
  void publish() noexcept;

  const IoWorkerSpec& spec_;
  QueuePair& pair_;
  IoBuffers& buffers_;
  const Clock& clock_;
  IoSignals& signals_;
  IoTotals& totals_;
  IoPattern pattern_;
  std::uint64_t startTicks_;
  IoPacer pacer_;
  TickScale scale_;
  std::uint64_t endTicks_;
  std::uint64_t left_;
  std::uint64_t timeoutTicks_;
  std::vector<spec::Sqe> reads_;  ///< by CID, all but the LBA filled in
  std::vector<spec::Sqe> writes_;
  std::vector<std::uint8_t> isRead_;
  std::unique_ptr<Histogram> readLatency_ = std::make_unique<Histogram>();
  std::unique_ptr<Histogram> writeLatency_ = std::make_unique<Histogram>();
  bool submitting_ = true;
  const char* reason_ = "completed";
  bool failed_ = false;
  std::uint64_t drainUntil_ = UINT64_MAX;
  std::uint64_t idleSince_ = 0;
  std::uint64_t lastTicks_ = 0;
  std::uint64_t maxLagTicks_ = 0;
  std::uint64_t cpuNs_ = 0;
  std::uint16_t firstErrorStatus_ = 0;
  std::uint64_t firstErrorSequence_ = 0;
  std::optional<IoVerification> verification_;
  std::optional<IoPattern::Next> held_;  ///< waits for a command it overlaps
  std::optional<DataMismatch> mismatch_;
};

}  // namespace doorbell::driver
