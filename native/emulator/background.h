#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "emulator/clock.h"

namespace doorbell::emulator {

/// Long admin work: a sanitize, a self-test, a format. The first device thread looks after it while
/// no command is processed. What must survive power belongs into a section of PersistentState.
class BackgroundOperation {
 public:
  virtual ~BackgroundOperation() = default;
  /// When tick() wants to be called next; kNever while there is nothing to do.
  [[nodiscard]] virtual std::uint64_t nextDue() const noexcept = 0;
  virtual void tick(std::uint64_t now) noexcept = 0;
  /// A Controller Level Reset.
  virtual void controllerReset() noexcept {}
  virtual void powerLost() noexcept {}
  virtual void powerRestored(std::uint64_t now) noexcept { static_cast<void>(now); }
};

/// The background operations of an SSD.
class Background {
 public:
  /// Once, before the SSD is used; `operation` must live as long as the SSD.
  void add(BackgroundOperation& operation) { operations_.push_back(&operation); }

  [[nodiscard]] std::uint64_t nextDue() const noexcept {
    std::uint64_t due = kNever;
    for (const auto* one : operations_) due = std::min(due, one->nextDue());
    return due;
  }
  void tick(std::uint64_t now) noexcept {
    for (auto* one : operations_) {
      if (one->nextDue() <= now) one->tick(now);
    }
  }
  void controllerReset() noexcept {
    for (auto* one : operations_) one->controllerReset();
  }
  void powerLost() noexcept {
    for (auto* one : operations_) one->powerLost();
  }
  void powerRestored(std::uint64_t now) noexcept {
    for (auto* one : operations_) one->powerRestored(now);
  }

 private:
  std::vector<BackgroundOperation*> operations_;
};

}  // namespace doorbell::emulator
