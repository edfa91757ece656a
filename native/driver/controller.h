#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "driver/controller_core.h"
#include "driver/dma_buffer.h"
#include "driver/driver_event.h"
#include "driver/enable_sequence.h"
#include "driver/io_worker.h"
#include "driver/qpair.h"
#include "driver/raw_queue.h"

namespace doorbell::driver {

enum class ShutdownKind { Normal, Abrupt };
enum class ControllerReset { FunctionLevel, Hot, Subsystem };

/// One NVMe controller. Verbs marked "blocks" wait for the device (always bounded): call them off
/// the JavaScript thread. They are serialised among themselves; all verbs are thread safe. After
/// close() all throw CLOSED.
class Controller {
 public:
  /// Usually made by Registry::open.
  Controller(std::shared_ptr<platform::PciFunction> function, Environment environment);
  ~Controller();  ///< closes
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  [[nodiscard]] const std::string& address() const noexcept { return core_->address(); }
  /// Id of the controller's segment in the evidence file.
  [[nodiscard]] std::uint32_t segment() const noexcept { return core_->segment(); }
  /// For DmaBuffer::busAddress.
  [[nodiscard]] std::shared_ptr<DmaScope> dmaScope() const { return core_->dmaScope(); }

  /// BAR0; `width` is 4 or 8 bytes. Do not block. Throw OUT_OF_RANGE. After a loss all ones are
  /// read.
  [[nodiscard]] std::uint64_t readRegister(std::uint64_t offset, unsigned width) const;
  void writeRegister(std::uint64_t offset, unsigned width, std::uint64_t value);
  /// `width` is 1, 2 or 4 bytes, `offset` naturally aligned and < 4096.
  [[nodiscard]] std::uint32_t configRead(std::uint32_t offset, unsigned width) const;
  void configWrite(std::uint32_t offset, unsigned width, std::uint32_t value);

  /// Blocks. Every earlier queue pair ends (Reset), the controller is disabled if needed and
  /// enabled anew. Throws INIT_FAILED (saying the step, CAP, CC, CSTS), OUT_OF_RANGE, POWER_LOST,
  /// REMOVED.
  ControllerInfo initialize(const InitOptions& options);
  // The pieces of initialize(), for an initialisation of the test's own, in this order or another:
  // disable(), prepareAdmin(), AQA, ASQ, ACQ and CC written as registers, awaitCsts(), adopt().
  /// Blocks. Memory for an admin queue pair, admin() from now on; earlier ones end (Reset). Throws
  /// OUT_OF_RANGE, CONTROLLER_ENABLED.
  AdminQueueRegisters prepareAdmin(const AdminQueueOptions& options);
  /// Blocks until (CSTS & mask) == value; returns CSTS. Throws TIMEOUT, POWER_LOST, REMOVED.
  std::uint32_t awaitCsts(std::uint32_t mask, std::uint32_t value, std::uint32_t timeoutMs);
  /// Blocks. Identify, profile, queues. Throws INIT_FAILED, CONTROLLER_NOT_READY.
  ControllerInfo adopt(const AdoptOptions& options);

  /// Blocks. CC.EN = 0, CSTS.RDY = 0 awaited; outstanding commands end as Reset. Throws TIMEOUT.
  void disable();
  /// Blocks. CC.SHN, CSTS.SHST = complete awaited; then every queue pair ends (Reset). Throws
  /// TIMEOUT.
  void shutdown(ShutdownKind kind);
  /// The admin queue pair of the last initialize(). Throws CONTROLLER_NOT_READY before the first.
  [[nodiscard]] std::shared_ptr<Qpair> admin() const { return core_->admin(); }
  /// Blocks. Throws OUT_OF_RANGE (depth), NO_QUEUES, CONTROLLER_NOT_READY, COMMAND_FAILED (status
  /// in the text).
  std::shared_ptr<Qpair> createQpair(const QpairOptions& options);
  // The Controller Memory Buffer. All throw NOT_SUPPORTED where there is none.
  /// CMBMSC is written; nothing, once it is enabled. Throws CONTROLLER_MEMORY_REFUSED.
  void enableMemory() { (void)core_->enableMemory(); }
  void disableMemory() { core_->disableMemory(); }
  /// Null while it is not enabled, or where there is none.
  [[nodiscard]] std::shared_ptr<ControllerMemory> memory() const {
    return core_->memoryIfEnabled();
  }
  /// A zeroed buffer in it, from a memory page (CC.MPS) on. Throws CONTROLLER_MEMORY_DISABLED,
  /// NO_MEMORY.
  [[nodiscard]] std::shared_ptr<DmaBuffer> allocateInMemory(std::size_t size) const;
  /// Verifies every read of a namespace from now on (see Verifier); null ends it. Given again with
  /// the same region and format, what is known stays known. Throws OUT_OF_RANGE, NO_MEMORY.
  void setVerification(std::uint32_t nsid, const std::optional<VerifyOptions>& options) {
    core_->setVerification(nsid, options);
  }
  /// Keeps a queue identifier from the driver, for a queue the test makes by itself: `wanted`, or
  /// any free one. Throws NO_QUEUES, OUT_OF_RANGE, CONTROLLER_NOT_READY.
  std::uint16_t reserveQid(std::optional<std::uint16_t> wanted) {
    return core_->reserveQid(wanted);
  }
  void releaseQid(std::uint16_t qid) noexcept { core_->releaseQid(qid); }
  /// The evidence of such a queue.
  std::shared_ptr<RawQueue> addRawQueue(std::uint16_t qid, std::uint32_t depth) {
    return std::make_shared<RawQueue>(core_, qid, depth);
  }
  /// Interrupt vectors in the test's hands. Throws OUT_OF_RANGE (vector).
  [[nodiscard]] Notifier& interrupts() noexcept { return core_->notifier(); }
  /// Blocks until its queue pair exists and its thread runs. Throws as createQpair, OUT_OF_RANGE
  /// (naming the field).
  std::shared_ptr<IoWorker> startIoWorker(const IoWorkerSpec& spec);
  /// Blocks. Outstanding commands end as Reset; the controller is disabled afterwards.
  /// Throws NOT_SUPPORTED (subsystem without CAP.NSSRS), TIMEOUT.
  void reset(ControllerReset kind);
  /// Block. Throw PLATFORM_LIMIT where nothing can switch the supply. After power on: initialize().
  void powerOff();
  void powerOn();
  [[nodiscard]] bool powered() const noexcept { return core_->powered(); }
  /// Makes the device misbehave; holds it open. Throws PLATFORM_LIMIT where nothing can.
  [[nodiscard]] std::shared_ptr<platform::FaultInjector> faults() const;
  /// On any thread, several at once possible; it must only post to its own thread. Returns the
  /// number to forget it by.
  std::uint64_t addEventHandler(std::function<void(const DriverEvent&)> handler) {
    return core_->addEventHandler(std::move(handler));
  }
  void dropEventHandler(std::uint64_t number) noexcept { core_->dropEventHandler(number); }
  /// Blocks (bounded). Ends ioworkers and queue pairs (Closed), disables the controller, clears Bus
  /// Master Enable. A second close is nothing.
  void close() noexcept;
  [[nodiscard]] bool isClosed() const noexcept { return core_->isClosed(); }
  /// For the watchdog: waits for no other verb, bounded by `budgetMs`.
  void quiesce(unsigned budgetMs) noexcept { core_->quiesce(budgetMs); }

 private:
  void pruneWorkers();
  [[nodiscard]] std::shared_ptr<Verifier> verifierFor(const IoWorkerSpec& spec) const;
  [[nodiscard]] platform::PowerSwitch& powerSwitch(platform::PciFunction& function) const;

  std::shared_ptr<ControllerCore> core_;
  std::mutex workersMutex_;
  std::vector<std::shared_ptr<IoWorker>> workers_;
};

}  // namespace doorbell::driver
