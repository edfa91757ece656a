#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include "emulator/device.h"
#include "platform/fault_injector.h"
#include "platform/pci_function.h"

namespace doorbell::platform {

/// The faults of the emulated SSD, and the thread that reports a loss the SSD brought on itself.
class EmulatedFaults final : public FaultInjector {
 public:
  /// Called on any thread: `lose` cuts the supply and reports why, `vanished` does so for a device
  /// that vanished by itself, if nobody brought it back meanwhile.
  EmulatedFaults(emulator::Device& device, std::function<void(LossReason)> lose,
                 std::function<void()> vanished)
      : device_(device), lose_(std::move(lose)), vanished_(std::move(vanished)) {}
  ~EmulatedFaults() override;
  EmulatedFaults(const EmulatedFaults&) = delete;
  EmulatedFaults& operator=(const EmulatedFaults&) = delete;

  std::uint64_t add(const Fault& fault) override;
  [[nodiscard]] std::optional<FaultReport> find(std::uint64_t id) const override;
  [[nodiscard]] std::vector<FaultReport> list() const override;
  bool remove(std::uint64_t id) override;
  void clear() override;
  void setHealth(const HealthChange& change) override;
  void failController() override;
  void reportInternalError(bool persistent) override;
  void failSanitize() override;
  void removeDevice() override;

 private:
  void watch();
  void watchForLosses();

  emulator::Device& device_;
  const std::function<void(LossReason)> lose_;
  const std::function<void()> vanished_;
  std::mutex watcherMutex_;
  std::atomic<bool> stopping_{false};
  std::thread watcher_;  ///< runs once a fault wants it
};

}  // namespace doorbell::platform
