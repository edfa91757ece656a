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
  Notifier(std::shared_ptr<platform::PciFunction> function, std::shared_ptr<const Clock> clock);
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  /// The eventfds of the function's first `vectors` MSI-X vectors, which get masked. Replaces
  /// earlier ones.
  void watchVectors(unsigned vectors);
  void add(const std::shared_ptr<Qpair>& qpair);
  /// A queue pair waits for its vector: it is unmasked while any does.
  void unmask(unsigned vector) noexcept;
  void mask(unsigned vector) noexcept;
  /// A queue pair wants to be poked at `ticks` at the latest.
  void wakeBy(std::uint64_t ticks) noexcept;
  /// Ends the thread and lets go of the function.
  void stop() noexcept;

 private:
  void run(const std::stop_token& stop);
  void sleep(std::uint64_t untilTicks);
  [[nodiscard]] std::vector<std::shared_ptr<Qpair>> qpairs();
  void kick() noexcept;
  void closeVectors() noexcept;

  std::shared_ptr<platform::PciFunction> function_;
  std::shared_ptr<const Clock> clock_;
  int wakeFd_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<Qpair>> qpairs_;
  std::vector<int> fds_;  ///< duplicates, by vector
  std::mutex maskMutex_;
  std::vector<unsigned> waiting_;  ///< by vector: how many queue pairs wait for it
  std::atomic<std::uint64_t> wakeAt_{UINT64_MAX};
  std::jthread thread_;
};

}  // namespace doorbell::driver
