#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "emulator/controller.h"

namespace doorbell::emulator {

/// One processor of the SSD: the thread of a shard. It polls while there is work, spins briefly
/// when there is none, then sleeps until a doorbell wakes it or something is due.
class DeviceThread {
 public:
  /// While `remoteDoorbells` is set, doorbells may be rung by one who wakes nobody.
  DeviceThread(Controller& controller, Shard& shard, const std::atomic<bool>& remoteDoorbells);
  ~DeviceThread();
  DeviceThread(const DeviceThread&) = delete;
  DeviceThread& operator=(const DeviceThread&) = delete;

 private:
  void loop() noexcept;
  void sleep() noexcept;
  /// Spins until there is work (true) or patience ends.
  bool spin() noexcept;
  /// The time since the last account was spent on work.
  void account(std::uint64_t untilNs) noexcept;
  [[nodiscard]] bool interrupted() const noexcept {
    return gate_.closed() || stopping_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] bool dueSoon(std::uint64_t now) const noexcept;
  void sleepUntil(std::uint64_t dueNs) noexcept;

  Controller& controller_;
  Shard& shard_;
  Gate& gate_;
  const std::atomic<bool>& remoteDoorbells_;
  std::uint64_t lookEveryNs_ = 0;  ///< while asleep, with remote doorbells
  std::atomic<bool> stopping_{false};
  bool barrier_;  ///< membarrier works here
  std::uint64_t accountedNs_;
  std::thread thread_;
};

/// The device threads of an SSD.
class DeviceThreads {
 public:
  explicit DeviceThreads(Controller& controller);

  /// Runs `task` while every device thread waits between two commands. Any other thread.
  template <class Task>
  void run(Task task) {
    Gate& gate = controller_.state().gate;
    gate.close(Gate::kOutside);
    task();
    gate.open(Gate::kOutside);
    wakeAll();  // the task may have given them work
  }
  void wakeAll() noexcept;
  void serveRemoteDoorbells(bool remote) noexcept {
    remoteDoorbells_.store(remote);
    wakeAll();
  }

 private:
  Controller& controller_;
  std::atomic<bool> remoteDoorbells_{false};
  std::vector<std::unique_ptr<DeviceThread>> threads_;
};

}  // namespace doorbell::emulator
