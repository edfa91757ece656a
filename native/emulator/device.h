#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "emulator/config_space.h"
#include "emulator/controller.h"
#include "emulator/controller_memory.h"
#include "emulator/device_thread.h"
#include "emulator/doorbell_page.h"
#include "emulator/interrupts.h"
#include "emulator/iova_table.h"
#include "emulator/nvm_subsystem.h"
#include "emulator/registers.h"

namespace doorbell::emulator {

/// The SSD as its slot sees it: configuration space, BAR0, supply, and threads that are alive as
/// long as this. Everything here is thread safe.
class Device {
 public:
  /// Takes over a subsystem as it is, also without power; it must outlive the device.
  explicit Device(NvmSubsystem& subsystem);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  [[nodiscard]] std::uint32_t configRead(std::uint32_t offset, unsigned width);
  void configWrite(std::uint32_t offset, unsigned width, std::uint32_t value);
  /// `offset` is a multiple of 4 and lies in BAR0.
  [[nodiscard]] std::uint32_t barRead(std::uint32_t offset);
  void barWrite(std::uint32_t offset, std::uint32_t value);

  [[nodiscard]] FaultPlan& faults() noexcept { return faults_; }
  [[nodiscard]] NvmSubsystem& subsystem() noexcept { return subsystem_; }
  /// Changes, and is notified, when a fault made the device vanish by itself: it has stopped, and
  /// powerOff() is to follow. What vanished() says is the kSelfLossReason bits of it.
  [[nodiscard]] std::atomic<std::uint32_t>& selfLoss() noexcept {
    return controller_.state().selfLoss;
  }

  /// None from powerOn() on.
  [[nodiscard]] SelfLoss vanished() noexcept {
    return static_cast<SelfLoss>(selfLoss().load() & kSelfLossReason);
  }
  /// The device is about to be closed: who waits for selfLoss() looks around.
  void wakeLossWatcher() noexcept;
  /// Controller Fatal Status, out of nothing.
  void failController();
  /// An internal error of the controller, out of nothing.
  void reportInternalError(bool persistent);
  /// The sanitize operation that runs, or else the next one, fails; false: it does not after all.
  void failSanitize(bool fails);
  /// What the sensors say changes between two commands.
  void changeHealth(const std::function<void(Health&)>& change);

  [[nodiscard]] DoorbellPage& doorbells() noexcept { return doorbells_; }
  /// Mappings may outlive the device.
  [[nodiscard]] const std::shared_ptr<IovaTable>& dma() const noexcept { return dma_; }
  [[nodiscard]] const Interrupts& interrupts() const noexcept { return interrupts_; }
  /// Not 0 while the thread sleeps that serves the CQ and the SQs that complete there.
  [[nodiscard]] const std::atomic<std::uint32_t>& asleep(unsigned shard) const noexcept {
    return controller_.shard(shard).asleep;
  }
  [[nodiscard]] unsigned shardCount() const noexcept { return controller_.shardCount(); }
  void wake(std::uint16_t cqid) noexcept {
    controller_.shard(cqid == 0 ? 0 : (cqid - 1U) % shardCount()).wake();
  }

  /// MSI-X on, with the first `count` vectors unmasked.
  void enableInterrupts(unsigned count);
  void maskInterrupt(unsigned vector, bool masked) noexcept {
    interrupts_.setMasked(vector, masked);
  }

  /// A host in another process, which stores into doorbells() and wakes nobody: sleeping threads
  /// have a look every millisecond, sooner after work.
  void serveRemoteDoorbells(bool remote) noexcept { threads_.serveRemoteDoorbells(remote); }
  [[nodiscard]] Interrupts& interrupts() noexcept { return interrupts_; }
  /// The host went away: no DMA to its memory any more, and nothing left of its settings. What it
  /// wrote stays cached, as the supply is still on.
  void detachHost();

  [[nodiscard]] const ControllerMemory& memory() const noexcept { return memory_; }
  [[nodiscard]] const BarLayout& layout() const noexcept { return layout_; }

  /// A reset of the function: everything but the supply.
  void reset(ConfigSpace::Reset kind);
  /// False when it was off already. Cached data is lost unless a shutdown was completed.
  bool powerOff();
  void powerOn();
  [[nodiscard]] bool powered() const noexcept { return powered_.load(); }

 private:
  /// Powered, and not vanished by itself.
  [[nodiscard]] bool present() noexcept { return powered() && vanished() == SelfLoss::None; }
  /// BAR0 is powered and decoded; notes an Unsupported Request where only the first is so.
  [[nodiscard]] bool answers(std::uint32_t offset, bool posted);
  void applyConfig();
  /// Interrupt Status: the state of the interrupt pin, whether or not it is disabled.
  void updateInterruptStatus();
  void resetFunction(ConfigSpace::Reset kind, FirmwareStore::Reset activates);
  void writeRegister(std::uint32_t offset, std::uint32_t value);

  std::mutex mutex_;  ///< configuration space, registers with effects, supply
  std::atomic<bool> powered_;
  bool dmaAllowed_ = false;
  NvmSubsystem& subsystem_;
  const BarLayout layout_{.stride = subsystem_.options().doorbellStride,
                          .memoryBytes = subsystem_.options().controllerMemory};
  ConfigSpace config_{layout_};
  Registers registers_{subsystem_.options()};
  DoorbellPage doorbells_{layout_};
  const std::shared_ptr<IovaTable> dma_ = std::make_shared<IovaTable>();
  ControllerMemory memory_{layout_, *dma_};
  Interrupts interrupts_;
  FaultPlan faults_;
  Controller controller_;
  DeviceThreads threads_;  ///< last: they use all of the above
};

}  // namespace doorbell::emulator
