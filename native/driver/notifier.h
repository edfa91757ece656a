#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "driver/clock.h"
#include "platform/pci_function.h"

namespace doorbell::driver {

class Qpair;

/// One thread a controller: sleeps on the interrupt eventfds and on the nearest deadline, and pokes
/// queue pairs that wait for something. A queue pair without interrupt is polled while it waits.
/// Costs nothing while none waits.
class Notifier {
 public:
  Notifier(platform::PciFunction& function, const Clock& clock);
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  /// The eventfds of the function's first `vectors` MSI-X vectors (all masked). Replaces earlier
  /// ones.
  void watchVectors(unsigned vectors);
  void add(const std::shared_ptr<Qpair>& qpair);
  /// A queue pair waits for its vector (unmasked while any does) or, without one, to be polled.
  void unmask(unsigned vector) noexcept;
  void mask(unsigned vector) noexcept;
  /// A queue pair wants to be poked at `ticks` at the latest.
  void wakeBy(std::uint64_t ticks) noexcept;
  /// Stops the thread; poke()s end. From the notifier's own thread (a callback) it only asks for
  /// it.
  void stop() noexcept;

 private:
  void run(const std::stop_token& stop);
  void sleep(std::uint64_t untilTicks, std::vector<int>& fds);
  [[nodiscard]] std::vector<std::shared_ptr<Qpair>> qpairs();
  void kick() noexcept;

  platform::PciFunction& function_;
  const Clock& clock_;
  int wakeFd_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<Qpair>> qpairs_;
  std::vector<int> fds_;
  std::mutex maskMutex_;
  std::vector<unsigned> armed_;  ///< by vector: how many wait for it
  std::atomic<std::uint64_t> wakeAt_{0};
  std::jthread thread_;
};

}  // namespace doorbell::driver
