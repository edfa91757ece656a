#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "driver/clock.h"
#include "driver/controller_options.h"
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

  /// The eventfds of the function's first `vectors` interrupt vectors, which get masked. Replaces
  /// earlier ones, and ends their being claimed.
  void watchVectors(unsigned vectors, InterruptMode mode);
  void add(const std::shared_ptr<Qpair>& qpair);
  /// A queue pair waits for its vector: it is unmasked while any does.
  void unmask(unsigned vector) noexcept;
  void mask(unsigned vector) noexcept;
  /// A queue pair wants to be poked at `ticks` at the latest.
  void wakeBy(std::uint64_t ticks) noexcept;
  // Vectors in a test's hands. All but isClaimed throw Error{"OUT_OF_RANGE"} for a vector that is
  // not enabled; all claim it: queue pairs that use it are polled from then on.
  [[nodiscard]] bool isClaimed(unsigned vector) noexcept;
  /// Claimed, unmasked and cleared by the first call.
  void claim(unsigned vector);
  /// Messages since it was claimed or cleared.
  [[nodiscard]] std::uint64_t messages(unsigned vector);
  void clear(unsigned vector);
  void setMasked(unsigned vector, bool masked);
  /// The driver may use it again.
  void unclaim(unsigned vector);

  /// Ends the thread and lets go of the function.
  void stop() noexcept;

 private:
  void run(const std::stop_token& stop);
  void sleep(std::uint64_t untilTicks);
  [[nodiscard]] std::vector<std::shared_ptr<Qpair>> qpairs();
  void kick() noexcept;
  [[nodiscard]] bool mayDrain(int fd) const noexcept;
  void closeVectors() noexcept;
  void applyMask(unsigned vector, bool masked) noexcept;
  void checkVector(unsigned vector) const;
  void claimLocked(unsigned vector);
  void collect(unsigned vector) noexcept;

  std::shared_ptr<platform::PciFunction> function_;
  std::shared_ptr<const Clock> clock_;
  int wakeFd_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<Qpair>> qpairs_;
  std::vector<int> fds_;  ///< duplicates, by vector
  struct Vector {
    unsigned waiting = 0;  ///< queue pairs that wait for it
    bool claimed = false;
    std::uint64_t messages = 0;  ///< while claimed
  };
  std::mutex maskMutex_;
  InterruptMode mode_ = InterruptMode::Msix;
  bool masksWhileIdle_ = true;  ///< cheaper than the wake-ups it saves
  std::vector<Vector> vectors_;
  std::atomic<std::uint64_t> wakeAt_{UINT64_MAX};
  std::jthread thread_;
};

}  // namespace doorbell::driver
