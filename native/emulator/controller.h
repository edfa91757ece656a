#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "emulator/command.h"

namespace doorbell::emulator {

/// The NVMe controller: its life from CC.EN to CSTS.SHST, and the loop that takes commands from its
/// queues. What takes a Shard is that shard's thread's; everything else runs while no command is
/// processed.
class Controller {
 public:
  Controller(NvmSubsystem& subsystem, Registers& registers, DoorbellPage& doorbells, IovaTable& dma,
             Interrupts& interrupts, FaultPlan& faults);
  ~Controller() { state_.subsystem.admin().controller = nullptr; }
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  [[nodiscard]] unsigned shardCount() const noexcept { return state_.shardCount; }
  [[nodiscard]] Shard& shard(unsigned index) const noexcept { return *shards_[index]; }
  [[nodiscard]] ControllerState& state() noexcept { return state_; }

  void writeCc(std::uint32_t value) noexcept;
  /// A Controller Level Reset other than Controller Reset.
  void reset(FirmwareStore::Reset kind) noexcept;
  /// Controller Fatal Status: nothing is processed until a reset.
  void fail() noexcept;
  /// An error that is no command's fault: an entry in the error log, and its event.
  void internalError(spec::ErrorEvent kind) noexcept { uncausedError(*shards_[0], kind); }
  /// Bus Master Enable and power state: without it the controller neither reads nor writes memory.
  void allowDma(bool allowed) noexcept { dmaAllowed_ = allowed; }
  /// A shutdown was completed since the controller was last enabled.
  [[nodiscard]] bool isShutDown() const noexcept { return shutDown_; }

  /// One turn over the queues of the shard; true when there was anything to do.
  bool poll(Shard& shard) noexcept;
  /// What only matters once in a while: doorbells rung wrongly. True when poll() has work
  /// afterwards.
  bool patrol(Shard& shard) noexcept;
  /// Uses the time of a shard without work; true while there is more to do.
  bool useIdleTime(const Shard& shard) noexcept;
  /// When the shard has something to do, even if nobody rings; kNever for never.
  [[nodiscard]] std::uint64_t nextDue(const Shard& shard) const noexcept;
  /// Entries wait in a completion queue with interrupts: what a pin-based interrupt stands for.
  /// While no command is processed.
  [[nodiscard]] bool completionsWait() const noexcept;
  /// Before an SQ is deleted: its held commands end as aborted for it.
  void endHeldOf(std::uint16_t sqid) noexcept;
  /// Background work that is due.
  void tick(const Shard& shard, std::uint64_t now) noexcept;

 private:
  void enable(Cc cc) noexcept;
  void disable() noexcept;
  void shutDown() noexcept;
  void stop(FirmwareStore::Reset kind) noexcept;

  [[nodiscard]] bool active() const noexcept {
    return state_.running.load(std::memory_order_relaxed) && dmaAllowed_;
  }
  std::uint32_t serve(Shard& shard, SubmissionQueue& sq, std::uint32_t most) noexcept;
  bool serveByPriority(Shard& shard) noexcept;
  std::uint32_t take(Shard& shard, SubmissionQueue& sq, std::uint32_t most) noexcept;
  void foresee(const Shard& shard, const SubmissionQueue& sq) noexcept;
  bool acceptTail(Shard& shard, SubmissionQueue& sq) noexcept;
  void perform(Command& command, SubmissionQueue& sq) noexcept;
  void executeAlone(Command& command, SubmissionQueue& sq) noexcept;
  Outcome execute(Command& command) noexcept;
  void finish(Command& command, Outcome outcome) noexcept;

  // Fused operations (nvm/fused_commands.cpp).
  void executeFused(Command& first, SubmissionQueue& sq) noexcept;
  void executePair(Command& compare, Command& write) noexcept;
  void executePairLate(Command& compare, Command& write, const Outcome* unfit) noexcept;
  void refuse(Command& command, const Outcome& outcome) noexcept;
  void finishSecond(Command& command, Outcome outcome) noexcept;

  void recordError(const Command& command, Outcome& outcome) noexcept;
  void uncausedError(Shard& shard, spec::ErrorEvent kind) noexcept;
  void report(Shard& shard, const ErrorMail::Letter& letter) noexcept;
  void keep(const ErrorMail::Letter& letter) noexcept;
  void readMail() noexcept;
  bool answerEvents() noexcept;

  // Completions (completions.cpp).
  void acceptHead(Shard& shard, std::uint16_t cqid) noexcept;
  [[nodiscard]] bool roomIn(Shard& shard, std::uint16_t cqid) noexcept;
  void complete(Shard& shard, const SubmissionQueue& sq, std::uint16_t cid,
                const Outcome& outcome) noexcept;
  [[nodiscard]] std::byte* nextSlot(CompletionQueue& cq, spec::Cqe& cqe, bool phase) noexcept;
  void post(CompletionQueue& cq, spec::Cqe cqe, bool stalePhase) noexcept;
  /// Entries were posted: interrupts, now or when Interrupt Coalescing has it.
  void announce(Shard& shard, CompletionQueue& cq) noexcept {
    if (!cq.interrupts) return;
    if (state_.features.coalesces()) [[unlikely]] {
      announceLater(shard, cq);
    } else {
      state_.interrupts.signal(cq.vector);
    }
  }
  void announceLater(Shard& shard, CompletionQueue& cq) noexcept;
  bool announceDue(Shard& shard) noexcept;

  // Commands that complete later, or not as they should (late_commands.cpp).
  [[nodiscard]] bool plain() const noexcept {
    return state_.timing == nullptr && !state_.faults.armed() && !state_.power.rests() &&
           state_.thermal.throttling() == 0;
  }
  struct Ending {
    bool good = false;     ///< with success
    std::uint64_t ns = 0;  ///< when
  };
  /// `decided`: how it ends, without being executed. Completes not before `notBefore`; 0: when it
  /// will.
  Ending executeLate(Command& command, const Outcome* decided,
                     std::uint64_t notBefore = 0) noexcept;
  bool endsBefore(const FaultEffects& effects) noexcept;
  bool completeDue(Shard& shard) noexcept;
  void completeHeld(Shard& shard, const HeldCommand& held) noexcept;
  void postHeld(const HeldCommand& held) noexcept;

  ControllerState state_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::atomic<bool> captureDue_{
      false};  ///< CSTS.CFS was set: telemetry is captured before the reset
  bool dmaAllowed_ = false;
  bool shutDown_ = false;
};

}  // namespace doorbell::emulator
