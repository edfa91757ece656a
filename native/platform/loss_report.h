#pragma once

#include <functional>
#include <mutex>
#include <utility>

#include "platform/pci_function.h"

namespace doorbell::platform {

/// Tells of the loss of a function once, also when nobody listened yet as it happened.
class LossReport {
 public:
  void listen(std::function<void(LossReason)> handler) {
    std::optional<LossReason> missed;
    {
      const std::lock_guard lock(mutex_);
      handler_ = handler;
      missed = std::exchange(pending_, std::nullopt);
    }
    if (missed && handler) handler(*missed);
  }
  void tell(LossReason reason) noexcept {
    std::function<void(LossReason)> handler;
    {
      const std::lock_guard lock(mutex_);
      handler = handler_;
      if (!handler) pending_ = reason;
    }
    if (handler) handler(reason);
  }

 private:
  std::mutex mutex_;
  std::function<void(LossReason)> handler_;
  std::optional<LossReason> pending_;
};

}  // namespace doorbell::platform
