#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "emulator/faults/fault_effects.h"
#include "platform/fault_injector.h"
#include "spec/queue_entry.h"

namespace doorbell::emulator {

/// The faults a test wants, and how often each fired. Thread safe; a device without faults only
/// looks at armed().
class FaultPlan {
 public:
  /// Throws Error{"BAD_FAULT"} naming what is wrong with the description.
  std::uint64_t add(const platform::Fault& fault);
  bool remove(std::uint64_t id);
  void clear();
  [[nodiscard]] std::optional<platform::FaultReport> find(std::uint64_t id) const;
  [[nodiscard]] std::vector<platform::FaultReport> list() const;

  /// Are there any faults? Device threads look before every command.
  [[nodiscard]] bool armed() const noexcept { return armed_.load(std::memory_order_relaxed); }
  /// A command was fetched from SQ `qid`: what is to happen to it.
  [[nodiscard]] FaultEffects take(std::uint16_t qid, const spec::Sqe& sqe) noexcept;

 private:
  void disarmIfEmpty() noexcept { armed_.store(!faults_.empty(), std::memory_order_relaxed); }

  mutable std::mutex mutex_;
  std::vector<platform::FaultReport> faults_;
  std::uint64_t lastId_ = 0;
  std::atomic<bool> armed_{false};
};

}  // namespace doorbell::emulator
