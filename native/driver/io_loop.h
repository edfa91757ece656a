#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "driver/clock.h"
#include "driver/io_buffers.h"
#include "driver/io_statistics.h"
#include "driver/io_worker_spec.h"
#include "driver/queue_pair.h"
#include "driver/verify/io_verification.h"
#include "driver/workload/command_source.h"

namespace doorbell::driver {

/// What other threads tell an ioworker's thread.
struct IoSignals {
  std::atomic<bool> stop{false};
  std::atomic<bool> halted{false};
  std::atomic<bool> parked{true};       ///< answer: it rings no doorbell until resumed
  std::atomic<std::uint32_t> ended{0};  ///< evidence::Outcome once the queue pair ended
  std::atomic<std::uint64_t> begin{0};  ///< of a gated one: ticks at which it begins
};

/// What an ioworker's thread tells others while it runs.
struct IoTotals {
  std::atomic<std::uint64_t> ios{0};
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<std::uint64_t> reads{0};
  std::atomic<std::uint64_t> writes{0};
  std::atomic<std::uint64_t> errors{0};
  std::atomic<std::uint64_t> startNs{0};  ///< of the clock, when it began
};

/// The inner loop of an ioworker: fill the queue, ring once, reap, record. One thread; nothing here
/// allocates, locks or makes a system call while commands flow.
class IoLoop {
 public:
  IoLoop(const IoWorkerSpec& spec, CommandSource& source, QueuePair& pair, IoBuffers& buffers,
         const Clock& clock, IoSignals& signals, IoTotals& totals,
         std::shared_ptr<Verifier> verifier = nullptr);

  void run() noexcept;
  [[nodiscard]] IoWorkerResult result() const;

 private:
  /// A command in the hands of the device.
  struct Issued {
    std::uint64_t dueTicks = 0;
    std::uint32_t bytes = 0;
    std::uint8_t op = 0;
  };
  [[nodiscard]] bool awaitBegin() noexcept;
  void begin(std::uint64_t startTicks) noexcept;
  void loop() noexcept;
  [[nodiscard]] unsigned submit(std::uint64_t now) noexcept;
  [[nodiscard]] bool issue(const IoCommand& command, std::uint64_t now) noexcept;
  void post(std::uint16_t cid, const IoCommand& command, std::uint64_t now) noexcept;
  [[nodiscard]] const IoCommand* nextCommand() noexcept;
  [[nodiscard]] unsigned reap(std::uint64_t now) noexcept;
  void completed(const Completion& completion) noexcept;
  void succeeded(const Completion& completion) noexcept;
  void failed(const Completion& completion, const char* reason) noexcept;
  void ended(evidence::Outcome outcome) noexcept;
  void stopSubmitting(const char* reason, std::uint64_t ticks) noexcept;
  [[nodiscard]] bool finished(std::uint64_t now) noexcept;
  [[nodiscard]] bool park() noexcept;
  void idle(std::uint64_t now) noexcept;
  void publish() noexcept;
  [[nodiscard]] std::uint64_t windowNs() const noexcept;
  /// A duration.
  [[nodiscard]] std::uint64_t nsOf(std::uint64_t ticks) const noexcept {
    return static_cast<std::uint64_t>(
        (static_cast<Int128>(ticks) * static_cast<Int128>(scale_.mult)) >> 32U);
  }
  [[nodiscard]] std::uint64_t ticksOf(std::uint64_t ns) const noexcept {
    return static_cast<std::uint64_t>(
        (static_cast<Int128>(ns) * static_cast<Int128>(ticksPerNs_)) >> 32U);
  }

  const IoWorkerSpec& spec_;
  CommandSource& source_;
  QueuePair& pair_;
  IoBuffers& buffers_;
  const Clock& clock_;
  IoSignals& signals_;
  IoTotals& totals_;
  CommandFeed feed_;
  const bool paced_;
  IoStatistics statistics_;
  TickScale scale_;
  std::uint64_t ticksPerNs_;  ///< 32.32 fixed point
  std::uint64_t timeoutTicks_;
  std::vector<IoOp> ops_;
  std::vector<spec::Sqe> templates_;  ///< by op: opcode and NSID
  std::vector<Issued> issued_;        ///< by CID
  std::uint64_t startTicks_ = 0;
  std::uint64_t beganTicks_ = 0;  ///< later than that when there was no CPU for it
  std::uint64_t endTicks_ = UINT64_MAX;
  std::uint64_t stopTicks_ = 0;  ///< when submission ended
  std::uint64_t dueTicks_ = 0;   ///< of the next command
  std::uint64_t submitted_ = 0;
  bool hasNext_ = false;
  bool submitting_ = true;
  const char* reason_ = "completed";
  bool failed_ = false;
  std::uint64_t drainUntil_ = UINT64_MAX;
  std::uint64_t idleSince_ = 0;
  std::uint64_t lastTicks_ = 0;
  std::uint64_t maxLagTicks_ = 0;
  std::uint64_t cpuNs_ = 0;
  std::uint64_t errors_ = 0;
  std::uint16_t firstErrorStatus_ = 0;
  std::uint64_t firstErrorSequence_ = 0;
  std::optional<IoVerification> verification_;
  std::optional<DataMismatch> mismatch_;
};

}  // namespace doorbell::driver
