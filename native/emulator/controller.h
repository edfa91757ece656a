#pragma once

#include <chrono>
#include <cstdint>

#include "emulator/command.h"

namespace doorbell::emulator {

/// The NVMe controller: its life from CC.EN to CSTS.SHST, and the loop that takes commands from its
/// queues. Device thread only.
class Controller {
 public:
  Controller(NvmSubsystem& subsystem, Registers& registers, DoorbellPage& doorbells, IovaTable& dma,
             Interrupts& interrupts) noexcept
      : state_(subsystem, registers, doorbells, dma, interrupts),
        shard_(0, dma, subsystem.ioCounters(0)) {}

  void writeCc(std::uint32_t value) noexcept;
  /// A Controller Level Reset other than Controller Reset.
  void reset() noexcept;
  /// Bus Master Enable and power state: without it the controller neither reads nor writes memory.
  void allowDma(bool allowed) noexcept { dmaAllowed_ = allowed; }
  /// A shutdown was completed since the controller was last enabled.
  [[nodiscard]] bool isShutDown() const noexcept { return shutDown_; }

  /// For the Controller Busy Time of the SMART / Health log.
  void addBusyTime(std::chrono::microseconds time) noexcept {
    shard_.counters.busyMicroseconds.add(static_cast<std::uint64_t>(time.count()));
  }

  /// One turn over all queues; true when there was anything to do.
  bool poll() noexcept;
  /// What only matters once in a while: doorbells rung wrongly. True when poll() has work
  /// afterwards.
  bool patrol() noexcept;

 private:
  void enable(Cc cc) noexcept;
  void disable() noexcept;
  void shutDown() noexcept;
  void fail() noexcept;
  void stop() noexcept;

  bool serve(SubmissionQueue& sq) noexcept;
  bool acceptTail(SubmissionQueue& sq) noexcept;
  void acceptHead(std::uint16_t cqid) noexcept;
  [[nodiscard]] bool roomIn(std::uint16_t cqid) noexcept;
  Outcome execute(const SubmissionQueue& sq, const spec::Sqe& sqe) noexcept;
  void complete(const SubmissionQueue& sq, std::uint16_t cid, const Outcome& outcome) noexcept;
  void recordError(const SubmissionQueue& sq, const spec::Sqe& sqe, Outcome& outcome) noexcept;
  bool answerEvents() noexcept;
  void invalidDoorbell(spec::ErrorEvent kind) noexcept;

  ControllerState state_;
  Shard shard_;
  bool running_ = false;  ///< commands are taken
  bool dmaAllowed_ = false;
  bool shutDown_ = false;
};

}  // namespace doorbell::emulator
