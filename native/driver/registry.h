#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "driver/clock.h"
#include "driver/controller.h"
#include "driver/evidence_file.h"

namespace doorbell::driver {

/// What this process shares: the clock, the evidence file, and which controller is open at which
/// address. The only native static of the driver.
class Registry {
 public:
  using Opener = std::function<std::shared_ptr<platform::PciFunction>(const std::string&)>;

  /// Made at first use, never destroyed (threads may outlive main).
  static Registry& instance();
  Registry();
  ~Registry();

  /// Makes the evidence file; must come before the first open. Throws Error{"EVIDENCE"}.
  void openEvidence(const std::string& path);
  /// Blocks. Opens the controller at an address of driver/platforms.h.
  /// Throws BAD_ADDRESS, CONTROLLER_IN_USE (naming the holder), NOT_SUPPORTED.
  std::shared_ptr<Controller> open(const std::string& address);
  std::shared_ptr<Controller> open(const std::string& address, const Opener& opener);

  /// The controller that is open at that address, by any of its spellings. Throws NOT_OPEN.
  std::shared_ptr<Controller> attach(const std::string& address);

  [[nodiscard]] const Clock& clock() const noexcept { return *clock_; }
  [[nodiscard]] Environment environment();
  /// Stops every open controller's submission and DMA (the watchdog's last act). All together
  /// within the budget.
  void quiesceAll(std::chrono::milliseconds budget) noexcept;

 private:
  void keepTime(const std::stop_token& stop);

  std::shared_ptr<Clock> clock_;
  std::timed_mutex mutex_;
  std::shared_ptr<EvidenceFile> evidence_;
  std::map<std::string, std::weak_ptr<Controller>> controllers_;
  std::mutex sleepMutex_;
  std::condition_variable_any sleep_;
  std::jthread timekeeper_;
};

}  // namespace doorbell::driver
