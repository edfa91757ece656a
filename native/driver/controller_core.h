#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "driver/clock.h"
#include "driver/controller_memory.h"
#include "driver/controller_options.h"
#include "driver/dma_buffer.h"
#include "driver/driver_event.h"
#include "driver/evidence_file.h"
#include "driver/fair_mutex.h"
#include "driver/managed_queue.h"
#include "driver/notifier.h"
#include "driver/queue_resources.h"
#include "driver/verify/qpair_verification.h"
#include "platform/pci_function.h"
#include "spec/registers.h"

namespace doorbell::driver {

class Qpair;

/// What every controller of a process shares.
struct Environment {
  std::shared_ptr<const Clock> clock;
  std::shared_ptr<EvidenceFile> evidence;
  std::uint32_t adminTimeoutMs = 10'000;  ///< of the driver's own admin commands
};

/// What enabling learned that bounds the queue pairs to come.
struct QueueLimits {
  std::uint32_t ioQueues = 0;
  std::size_t maxTransfer = 0;  ///< bytes a PRP list area is made for
  std::uint32_t shutdownMs = 10'000;
};

struct QueueAddresses {
  std::uint64_t sq = 0;
  std::uint64_t cq = 0;
};

/// The part of a controller that its queue pairs hold on to: function, registers, admin queue, and
/// the list of queue pairs, kept until they were deleted or ended, so that no memory is freed under
/// a device.
class ControllerCore final : public MalformedSink,
                             public std::enable_shared_from_this<ControllerCore> {
 public:
  static std::shared_ptr<ControllerCore> create(std::shared_ptr<platform::PciFunction> function,
                                                Environment environment);

  [[nodiscard]] const std::string& address() const noexcept { return address_; }
  [[nodiscard]] std::uint32_t segment() const noexcept { return segment_.id(); }
  [[nodiscard]] const Clock& clock() const noexcept { return *environment_.clock; }
  [[nodiscard]] Notifier& notifier() noexcept { return notifier_; }
  [[nodiscard]] evidence::ControllerSegment& evidence() noexcept { return segment_.controller(); }
  /// Serialises the verbs that wait for the device; never held while waiting for an ioworker's
  /// thread to end.
  [[nodiscard]] FairMutex& operation() noexcept { return operation_; }

  // Reaching the device. After closing, these throw Error{"CLOSED"}; after a loss registers read
  // all ones.
  [[nodiscard]] std::shared_ptr<platform::PciFunction> function() const;
  /// Null after closing.
  [[nodiscard]] std::shared_ptr<platform::PciFunction> functionIfOpen() const noexcept;
  [[nodiscard]] std::shared_ptr<DmaScope> dmaScope() const;
  [[nodiscard]] spec::reg::Cap cap() const { return {function()->read64(spec::reg::kCap)}; }
  [[nodiscard]] std::uint32_t cc() const { return function()->read32(spec::reg::kCc); }
  [[nodiscard]] spec::reg::Csts csts() const { return {function()->read32(spec::reg::kCsts)}; }
  /// Waits until (CSTS & mask) == value; false at the time-out, at a loss, or once CSTS reads all
  /// ones.
  [[nodiscard]] bool awaitCsts(std::uint32_t mask, std::uint32_t value,
                               std::uint32_t timeoutMs) const;
  /// CC.EN = 0 and CSTS.RDY = 0 within CAP.TO.
  [[nodiscard]] bool disableDevice();
  void setBusMaster(bool enabled);
  /// Needed before any register access: off after power on and after resets.
  void enableMemorySpace();

  // State.
  /// Throws CLOSED, POWER_LOST or REMOVED.
  void throwUnlessReachable() const;
  /// Throws CONTROLLER_NOT_READY as well.
  void throwUnlessReady() const;
  [[nodiscard]] bool lost() const noexcept { return loss_.load() != Loss::None; }
  [[nodiscard]] bool isClosed() const noexcept { return loss_.load() == Loss::Closed; }
  [[nodiscard]] bool powered() const noexcept;
  void setState(evidence::ControllerState state) noexcept;
  /// The supply is back: reachable again, disabled.
  void powerRestored();
  /// Ends every queue pair as Closed and lets go of the function. The last verb.
  void closeDown() noexcept;

  // Queue pairs.
  [[nodiscard]] std::shared_ptr<Qpair> admin() const;
  /// A new admin queue pair, which the device does not know yet.
  QueueAddresses makeAdmin(std::uint32_t depth, std::uint32_t pageBytes);
  void setLimits(const QueueLimits& limits);
  [[nodiscard]] QueueLimits limits() const;
  /// Vectors 0..count-1 are enabled and watched; fewer where the function has fewer.
  void enableVectors(unsigned count, InterruptMode mode);
  /// Keeps a queue identifier from being given to a queue pair of the driver: `wanted`, or any
  /// free one. Throws NO_QUEUES, OUT_OF_RANGE.
  std::uint16_t reserveQid(std::optional<std::uint16_t> wanted);
  void releaseQid(std::uint16_t qid) noexcept { freeQid(qid); }
  /// The evidence of a queue pair that a test runs by itself.
  [[nodiscard]] EvidenceSegment addRawEvidence(std::uint16_t qid, std::uint32_t depth);
  void retireEvidence(std::uint32_t segment) noexcept { environment_.evidence->retire(segment); }
  /// Creates CQ and SQ on the device. operation() held. `maxTransfer` as in QueueRecipe.
  [[nodiscard]] std::unique_ptr<QueueResources> createQueue(const QpairOptions& options,
                                                            const std::string& owner,
                                                            std::size_t maxTransfer);
  /// Deletes SQ and CQ on the device, unless they ended with an earlier generation. False when the
  /// device did not answer: it may still reach their memory. operation() held. `afterSq` runs
  /// between the two. Throws QUEUE_FULL when scripts keep the admin queue full; it may be called
  /// again.
  [[nodiscard]] bool deleteQueue(std::uint16_t qid, std::uint64_t generation,
                                 const std::function<void()>& afterSq);
  /// One admin command, awaited; returns CQE dword 0. Throws COMMAND_FAILED (status in the text),
  /// TIMEOUT, ...
  std::uint32_t adminCommand(const spec::Sqe& sqe, const std::string& what,
                             const std::shared_ptr<DmaBuffer>& buffer = nullptr);
  /// Throws OUT_OF_RANGE naming the limits.
  void checkDepth(std::uint32_t depth) const;

  /// Keeps a queue pair for halts and ends; one that missed an end is ended at once.
  void attach(const std::shared_ptr<ManagedQueue>& queue, std::uint64_t generation);
  void detach(const ManagedQueue& queue);
  void haltAll() noexcept;
  void resumeAll() noexcept;
  /// Ends every queue pair and begins a new generation.
  void endAll(evidence::Outcome outcome) noexcept;
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_.load(); }

  // The Controller Memory Buffer. Thread safe. NOT_SUPPORTED where there is none.
  /// CMBMSC is written, unless that was done. Throws CONTROLLER_MEMORY_REFUSED.
  std::shared_ptr<ControllerMemory> enableMemory();
  /// The controller no longer reaches what lies in it.
  void disableMemory();
  /// Null unless the driver enabled it, and no reset has disabled it since.
  [[nodiscard]] std::shared_ptr<ControllerMemory> memoryIfEnabled() const;
  /// Throws CONTROLLER_MEMORY_DISABLED.
  [[nodiscard]] std::shared_ptr<ControllerMemory> memory() const;

  // Data verification.
  /// Null ends it. Throws NO_MEMORY.
  void setVerification(std::uint32_t nsid, const std::optional<VerifyOptions>& options);
  [[nodiscard]] bool verifies() const noexcept { return verifies_.load(std::memory_order_relaxed); }
  /// Adds those of a namespace: one or none; of the broadcast NSID, all.
  void findVerifiers(std::uint32_t nsid, Verifiers& into) const;

  using EventHandler = std::function<void(const DriverEvent&)>;
  /// Called for every event until forgotten with the number returned.
  std::uint64_t addEventHandler(EventHandler handler);
  void dropEventHandler(std::uint64_t number) noexcept;
  void malformed(std::uint16_t qid, const spec::Cqe& cqe, Malformed reason) noexcept override;
  /// For the watchdog: see Controller::quiesce.
  void quiesce(unsigned budgetMs) noexcept;

 private:
  enum class Loss : std::uint8_t { None, PowerLost, Removed, Closed };
  ControllerCore(std::shared_ptr<platform::PciFunction> function, Environment environment);
  void onLoss(platform::LossReason reason) noexcept;
  void emit(const DriverEvent& event) noexcept;
  /// How what is outstanding ends by the loss; InFlight without one.
  [[nodiscard]] evidence::Outcome lossOutcome() const noexcept;
  [[nodiscard]] std::vector<std::shared_ptr<ManagedQueue>> queues() const;
  [[nodiscard]] std::unique_ptr<QueueResources> makeResources(QueueRecipe recipe);
  /// `leftovers` becomes true while the device may know one of the two queues.
  /// The Controller Memory Buffer, as far as the queues are to lie in it.
  void placeQueues(const QpairOptions& options, QueueRecipe& recipe) const;
  void createOnDevice(const QueueResources& queue, std::uint32_t priority, bool& leftovers);
  [[nodiscard]] std::optional<unsigned> vectorFor(const QpairOptions& options, std::uint16_t qid);
  [[nodiscard]] std::uint16_t takeQid();
  [[nodiscard]] bool hasQueue(std::uint16_t qid) const noexcept;
  void freeQid(std::uint16_t qid) noexcept;

  Environment environment_;
  const std::string address_;
  EvidenceSegment segment_;
  Notifier notifier_;
  FairMutex operation_;
  std::atomic<Loss> loss_{Loss::None};
  std::atomic<bool> ready_{false};
  std::atomic<bool> verifies_{false};
  std::atomic<std::uint64_t> generation_{1};

  mutable std::mutex memoryMutex_;
  std::shared_ptr<ControllerMemory> memory_;  ///< once it was enabled

  mutable std::mutex mutex_;  ///< guards what follows; held for moments only
  std::shared_ptr<platform::PciFunction> function_;
  std::shared_ptr<DmaScope> scope_;
  std::vector<std::shared_ptr<ManagedQueue>> queues_;
  std::vector<std::unique_ptr<QueueResources>> abandoned_;  ///< the device may know them
  evidence::Outcome lastEnd_ = evidence::Outcome::Reset;
  std::shared_ptr<Qpair> admin_;
  std::vector<bool> qidTaken_;
  QueueLimits limits_;
  unsigned vectors_ = 0;
  std::map<std::uint32_t, std::shared_ptr<Verifier>> verifiers_;  ///< by NSID
  std::map<std::uint64_t, EventHandler> eventHandlers_;
  std::uint64_t nextHandler_ = 1;
};

}  // namespace doorbell::driver
