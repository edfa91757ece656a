#include "platform/emulated/emulated_faults.h"

#include "platform/error.h"

namespace doorbell::platform {

using emulator::SelfLoss;

namespace {

constexpr std::uint8_t kFull = 100;  ///< per cent

void apply(emulator::Health& health, const HealthChange& change) {
  if (change.temperatureKelvin) health.temperatureKelvin = *change.temperatureKelvin;
  if (change.availableSpare) health.availableSpare = *change.availableSpare;
  if (change.percentageUsed) health.percentageUsed = *change.percentageUsed;
  if (change.reliabilityDegraded) health.reliabilityDegraded = *change.reliabilityDegraded;
  if (change.readOnly) health.readOnly = *change.readOnly;
  if (change.backupFailed) health.backupFailed = *change.backupFailed;
}

}  // namespace

EmulatedFaults::~EmulatedFaults() {
  const std::lock_guard lock(watcherMutex_);
  if (!watcher_.joinable()) return;
  stopping_.store(true);
  device_.wakeLossWatcher();
  watcher_.join();
}

std::uint64_t EmulatedFaults::add(const Fault& fault) {
  if (fault.kind == FaultKind::PowerLoss || fault.kind == FaultKind::Removal) watchForLosses();
  return device_.faults().add(fault);
}

std::optional<FaultReport> EmulatedFaults::find(std::uint64_t id) const {
  return device_.faults().find(id);
}

std::vector<FaultReport> EmulatedFaults::list() const { return device_.faults().list(); }

bool EmulatedFaults::remove(std::uint64_t id) { return device_.faults().remove(id); }

void EmulatedFaults::clear() {
  device_.faults().clear();
  device_.failSanitize(false);
  device_.changeHealth([](emulator::Health& health) { health.clear(); });
}

void EmulatedFaults::setHealth(const HealthChange& change) {
  if (change.availableSpare && *change.availableSpare > kFull) {
    throw Error("BAD_FAULT", "the available spare is at most 100 per cent");
  }
  device_.changeHealth([&change](emulator::Health& health) { apply(health, change); });
}

void EmulatedFaults::failController() { device_.failController(); }

void EmulatedFaults::reportInternalError(bool persistent) {
  device_.reportInternalError(persistent);
}

void EmulatedFaults::failSanitize() { device_.failSanitize(true); }

void EmulatedFaults::removeDevice() { lose_(LossReason::Removed); }

void EmulatedFaults::watchForLosses() {
  const std::lock_guard lock(watcherMutex_);
  if (!watcher_.joinable()) watcher_ = std::thread([this] { watch(); });
}

/// A device thread cannot cut its own supply: this one does it for it.
void EmulatedFaults::watch() {
  auto& loss = device_.selfLoss();
  for (std::uint32_t seen = loss.load(); !stopping_.load(); seen = loss.load()) {
    if (device_.vanished() != SelfLoss::None) vanished_();
    loss.wait(seen);
  }
}

}  // namespace doorbell::platform
