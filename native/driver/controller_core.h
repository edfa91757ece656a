#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "driver/clock.h"
#include "driver/dma_buffer.h"
#include "driver/driver_event.h"
#include "driver/evidence_file.h"
#include "driver/managed_queue.h"
#include "driver/notifier.h"
#include "driver/queue_resources.h"
#include "platform/pci_function.h"
#include "spec/registers.h"

namespace doorbell::driver {

class Qpair;

/// What every controller of a process shares.
struct Environment {
  std::shared_ptr<const Clock> clock;
  std::shared_ptr<EvidenceFile> evidence;
};

/// The part of a controller that its queue pairs hold on to: function, registers, admin queue, and
/// the list of queue pairs to end when the device goes away. It owns no queue pair but the admin
/// one.
class ControllerCore final : public MalformedSink,
                             public std::enable_shared_from_this<ControllerCore> {
 public:
  static std::shared_ptr<ControllerCore> create(std::shared_ptr<platform::PciFunction> function,
                                                Environment environment);
  ~ControllerCore() override;

  [[nodiscard]] const std::string& address() const noexcept { return address_; }
  [[nodiscard]] std::uint32_t segment() const noexcept { return segment_.id(); }
  [[nodiscard]] const std::shared_ptr<DmaScope>& dmaScope() const noexcept { return scope_; }
  [[nodiscard]] platform::PciFunction& function() noexcept { return *function_; }
  [[nodiscard]] const Clock& clock() const noexcept { return *environment_.clock; }
  [[nodiscard]] Notifier& notifier() noexcept { return notifier_; }
  [[nodiscard]] evidence::ControllerSegment& evidence() noexcept { return segment_.controller(); }
  /// Serialises the verbs that wait for the device.
  [[nodiscard]] std::mutex& operation() noexcept { return operation_; }

  [[nodiscard]] spec::reg::Cap cap() { return {function_->read64(spec::reg::kCap)}; }
  [[nodiscard]] std::uint32_t cc() { return function_->read32(spec::reg::kCc); }
  [[nodiscard]] spec::reg::Csts csts() { return {function_->read32(spec::reg::kCsts)}; }
  /// Waits until (CSTS & mask) == value; false at the time-out, at a loss, or when CSTS reads all
  /// ones.
  [[nodiscard]] bool awaitCsts(std::uint32_t mask, std::uint32_t value, std::uint32_t timeoutMs);
  /// CC.EN = 0 and CSTS.RDY = 0 within CAP.TO.
  [[nodiscard]] bool disableDevice();
  void setBusMaster(bool enabled);

  /// Throws CLOSED, POWER_LOST or REMOVED.
  void throwUnlessReachable() const;
  /// Throws CONTROLLER_NOT_READY as well.
  void throwUnlessReady() const;
  [[nodiscard]] bool lost() const noexcept {
    return loss_.load(std::memory_order_acquire) != Loss::None;
  }
  [[nodiscard]] bool powered() const noexcept;
  void setState(evidence::ControllerState state) noexcept;
  void powerRestored() noexcept;
  void closed() noexcept;

  [[nodiscard]] std::shared_ptr<Qpair> admin() const;
  void setAdmin(std::shared_ptr<Qpair> admin);
  /// Queue resources with the next generation's number, not yet known to the device.
  [[nodiscard]] std::unique_ptr<QueueResources> makeAdminQueue(std::uint32_t depth);
  /// Creates CQ and SQ on the device. Called with operation() held.
  [[nodiscard]] std::unique_ptr<QueueResources> createQueue(const QpairOptions& options,
                                                            const std::string& owner,
                                                            std::size_t maxTransfer);
  /// Deletes SQ and CQ on the device unless they ended with an earlier generation; false when the
  /// device refused to answer (then it may still reach their memory). Called with operation() held.
  /// `afterSq` runs between the two.
  [[nodiscard]] bool deleteQueue(const QueueResources& queue, const std::function<void()>& afterSq);
  /// Throws OUT_OF_RANGE naming the limits.
  void checkDepth(std::uint32_t depth, const char* what);

  /// Makes a queue pair part of halts and ends; one that missed an end is ended at once.
  void attach(const std::shared_ptr<ManagedQueue>& queue, std::uint64_t generation);
  void haltAll() noexcept;
  void resumeAll() noexcept;
  /// Ends every queue pair and begins a new generation.
  void endAll(evidence::Outcome outcome) noexcept;
  [[nodiscard]] std::uint64_t generation() const noexcept {
    return generation_.load(std::memory_order_acquire);
  }

  void setQueueLimits(std::uint32_t ioQueues, std::size_t maxTransfer, unsigned vectors);
  [[nodiscard]] std::size_t maxTransfer() const noexcept { return maxTransfer_; }

  void onEvent(std::function<void(const DriverEvent&)> handler);
  void emit(const DriverEvent& event) noexcept;
  void malformed(std::uint16_t qid, const spec::Cqe& cqe, Malformed reason) noexcept override;
  /// For the watchdog: see Controller::quiesce.
  void quiesce(unsigned budgetMs) noexcept;

 private:
  enum class Loss : std::uint8_t { None, PowerLost, Removed, Closed };
  ControllerCore(std::shared_ptr<platform::PciFunction> function, Environment environment);
  void onLoss(platform::LossReason reason) noexcept;
  [[nodiscard]] std::vector<std::shared_ptr<ManagedQueue>> queues(bool forget);
  [[nodiscard]] QueueRecipe recipe(std::uint16_t qid, std::uint32_t depth,
                                   const std::string& owner);
  [[nodiscard]] std::uint16_t freeQid() const;
  void adminCommand(spec::Sqe& sqe, const std::string& what);

  std::shared_ptr<platform::PciFunction> function_;
  Environment environment_;
  const std::string address_;
  std::shared_ptr<DmaScope> scope_;
  EvidenceSegment segment_;
  Notifier notifier_;
  std::mutex operation_;
  std::atomic<Loss> loss_{Loss::None};
  std::atomic<bool> ready_{false};
  std::atomic<std::uint64_t> generation_{1};

  mutable std::mutex listMutex_;
  std::vector<std::weak_ptr<ManagedQueue>> queues_;
  evidence::Outcome lastEnd_ = evidence::Outcome::Reset;
  std::shared_ptr<Qpair> admin_;
  std::vector<bool> qidTaken_;
  std::size_t maxTransfer_ = 0;
  unsigned vectors_ = 0;

  std::mutex eventMutex_;
  std::function<void(const DriverEvent&)> eventHandler_;
};

}  // namespace doorbell::driver
