// Interrupt vectors in a test's hands, and how vectors are masked.
#include <unistd.h>

#include "driver/notifier.h"
#include "platform/error.h"
#include "spec/registers.h"

namespace doorbell::driver {

/// MSI-X has a mask bit a vector; MSI is masked by the controller itself (INTMS, INTMC).
void Notifier::applyMask(unsigned vector, bool masked) noexcept {
  if (!function_) return;
  if (mode_ != InterruptMode::Msi) return function_->maskInterrupt(vector, masked);
  function_->write32(masked ? spec::reg::kIntms : spec::reg::kIntmc, 1U << vector);
}

void Notifier::checkVector(unsigned vector) const {
  if (vector < vectors_.size()) return;
  throw Error("OUT_OF_RANGE", "interrupt vector " + std::to_string(vector) + ": " +
                                  std::to_string(vectors_.size()) + " are enabled");
}

bool Notifier::isClaimed(unsigned vector) noexcept {
  const std::scoped_lock lock(maskMutex_);
  return vector < vectors_.size() && vectors_[vector].claimed;
}

void Notifier::claimLocked(unsigned vector) {
  checkVector(vector);
  if (vectors_[vector].claimed) return;
  vectors_[vector].claimed = true;
  collect(vector);
  vectors_[vector].messages = 0;
  applyMask(vector, false);
  kick();  // who waited for it is polled now
}

/// Adds what its eventfd counted.
void Notifier::collect(unsigned vector) noexcept {
  std::uint64_t count = 0;
  if (read(fds_[vector], &count, sizeof(count)) == sizeof(count))
    vectors_[vector].messages += count;
}

void Notifier::claim(unsigned vector) {
  const std::scoped_lock lock(mutex_, maskMutex_);
  claimLocked(vector);
}

std::uint64_t Notifier::messages(unsigned vector) {
  const std::scoped_lock lock(mutex_, maskMutex_);
  claimLocked(vector);
  collect(vector);
  return vectors_[vector].messages;
}

void Notifier::clear(unsigned vector) {
  const std::scoped_lock lock(mutex_, maskMutex_);
  claimLocked(vector);
  collect(vector);
  vectors_[vector].messages = 0;
}

void Notifier::setMasked(unsigned vector, bool masked) {
  const std::scoped_lock lock(mutex_, maskMutex_);
  if (mode_ == InterruptMode::Msix && function_ &&
      function_->masking() == platform::Masking::None) {
    throw Error("PLATFORM_LIMIT", function_->address() + ": nothing can mask its MSI-X vectors");
  }
  claimLocked(vector);
  applyMask(vector, masked);
}

void Notifier::unclaim(unsigned vector) {
  const std::scoped_lock lock(mutex_, maskMutex_);
  checkVector(vector);
  if (!vectors_[vector].claimed) return;
  vectors_[vector].claimed = false;
  applyMask(vector, masksWhileIdle_ && vectors_[vector].waiting == 0);
  kick();
}

}  // namespace doorbell::driver
