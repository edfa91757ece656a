#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "emulator/controller.h"

namespace doorbell::emulator {

/// The thread that is the SSD's processor. It polls while there is work, spins briefly when there
/// is none, then sleeps until a doorbell or a task wakes it.
class DeviceThread {
 public:
  explicit DeviceThread(Controller& controller);
  ~DeviceThread();
  DeviceThread(const DeviceThread&) = delete;
  DeviceThread& operator=(const DeviceThread&) = delete;

  /// Runs `task` between two commands and returns when it is done. Any thread but this one.
  void run(const std::function<void()>& task);

  /// What the one who rings must look at: not 0 while the thread sleeps.
  [[nodiscard]] const std::atomic<std::uint32_t>& asleep() const noexcept { return asleep_; }
  void wake() noexcept;

 private:
  void loop() noexcept;
  void runTask() noexcept;
  void sleep() noexcept;
  /// Spins until there is work (true) or patience ends.
  bool spin() noexcept;
  /// The time since the last account was spent on work.
  void account(std::uint64_t untilNs) noexcept;
  [[nodiscard]] bool dueSoon(std::uint64_t now) const noexcept;
  void sleepUntil(std::uint64_t dueNs) noexcept;

  Controller& controller_;
  Shard& shard_;
  std::mutex taskMutex_;
  std::atomic<const std::function<void()>*> task_{nullptr};
  std::atomic<bool> stopping_{false};
  alignas(64) std::atomic<std::uint32_t> asleep_{0};
  bool barrier_;  ///< membarrier works here
  std::uint64_t accountedNs_;
  std::thread thread_;
};

}  // namespace doorbell::emulator
