#include "emulator/controller.h"

#include "emulator/admin/power_restore.h"
#include "emulator/logs/event_log.h"
#include "emulator/logs/events.h"
#include "emulator/logs/history.h"
#include "emulator/logs/log_pages.h"
#include "emulator/logs/telemetry.h"

namespace doorbell::emulator {

namespace {

using Changed = spec::HealthFlags;

constexpr std::uint32_t kAllCommandSets = 6;  ///< CC.CSS: all supported I/O command sets
constexpr std::uint32_t kWeighted = 1;        ///< CC.AMS: weighted round robin, urgent first

}  // namespace

Controller::Controller(NvmSubsystem& subsystem, Registers& registers, DoorbellPage& doorbells,
                       IovaTable& dma, Interrupts& interrupts, FaultPlan& faults)
    : state_(subsystem, registers, doorbells, dma, interrupts, faults) {
  state_.controller = this;
  state_.timing = subsystem.timing();
  subsystem.admin().controller = &state_;
  for (unsigned i = 0; i < state_.shardCount; ++i) {
    shards_.push_back(std::make_unique<Shard>(i, dma, subsystem.ioCounters(i)));
    state_.shards[i] = shards_.back().get();
  }
}

void Controller::writeCc(std::uint32_t value) noexcept {
  const Cc before = state_.registers.cc();
  Cc cc{value & Cc::kWritable};
  if (before.en() && !cc.en()) {
    disable();
    return;
  }
  if (before.en()) {
    cc.raw = (cc.raw & ~Cc::kFixedWhileEnabled) | (before.raw & Cc::kFixedWhileEnabled);
  }
  state_.registers.setCc(cc.raw);
  if (!before.en() && cc.en()) enable(cc);
  if (before.shn() == 0 && cc.shn() != 0) shutDown();
}

void Controller::enable(Cc cc) noexcept {
  Registers& registers = state_.registers;
  shutDown_ = false;
  const bool valid = cc.mps() <= kMpsMax && (cc.css() == 0 || cc.css() == kAllCommandSets) &&
                     cc.ams() <= kWeighted && registers.adminSqEntries() >= 2 &&
                     registers.adminCqEntries() >= 2;
  if (!valid) {
    fail();
    return;
  }
  state_.pageBytes = 4096U << cc.mps();
  state_.allCommandSets = cc.css() == kAllCommandSets;
  state_.weighted = cc.ams() == kWeighted;
  state_.queues.clear();
  state_.doorbells.closeAll();
  state_.doorbells.openSq(0);
  state_.doorbells.openCq(0);
  state_.queues.cq(0) = {
      .memory = {registers.adminCq()}, .size = registers.adminCqEntries(), .interrupts = true};
  state_.queues.addSq({.memory = {registers.adminSq()}, .size = registers.adminSqEntries()});
  const auto firmware = state_.subsystem.admin().report().activation;
  if (firmware == AdminWork::FirmwareChange::Failed) {
    uncausedError(*shards_[0], spec::ErrorEvent::FirmwareImageLoad);
  }
  state_.running.store(true);
  registers.raiseCsts(Registers::kCstsReady);
  state_.subsystem.admin().management.note(Changed::kReady | Changed::kEnable);
  recordPowerOnOrReset(state_);
}

/// Commands that were to complete later never do.
void Controller::stop(FirmwareStore::Reset kind) noexcept {
  state_.running.store(false);
  if ((state_.registers.csts() & Registers::kCstsReady) != 0) {
    state_.subsystem.admin().management.note(Changed::kReady | Changed::kEnable);
  }
  if (captureDue_.exchange(false)) {
    recordControllerFatal(state_);
    captureControllerTelemetry(state_, "Controller Fatal Status");
  }
  state_.queues.clear();
  state_.doorbells.closeAll();
  ++state_.generation;
  for (const auto& shard : shards_) shard->held.clear();
  state_.mail.drop();
  state_.subsystem.admin().noteWork();
  state_.subsystem.background().controllerReset();
  state_.subsystem.admin().controllerReset(kind);
  state_.events.reset();
  state_.errors.clear();
  state_.eventLog.release();
  state_.hostMemory.disable();
  state_.subsystem.forgetNamelessHost();
  state_.features.reset();
  restorePower(state_);
  state_.timestamp = {};
  state_.reportedWarnings = 0;
  state_.changedNamespaces = 0;
}

void Controller::disable() noexcept {
  stop(FirmwareStore::Reset::Controller);
  state_.registers.resetController();
}

void Controller::reset(FirmwareStore::Reset kind) noexcept {
  stop(kind);
  state_.registers.resetAll();
}

void Controller::shutDown() noexcept {
  state_.running.store(false);
  state_.subsystem.flushAll();
  recordEvent(state_, spec::PersistentEventType::SmartSnapshot, smartLog(state_));
  shutDown_ = true;
  state_.registers.raiseCsts(Registers::kCstsShutdownComplete);
  state_.subsystem.admin().management.note(Changed::kShutdown);
}

/// Controller Fatal Status: nothing is processed until a reset. Other shards are still in the
/// middle of a command: what telemetry says of them is captured when that reset comes.
void Controller::fail() noexcept {
  state_.running.store(false);
  state_.registers.raiseCsts(Registers::kCstsFatal);
  state_.subsystem.admin().management.note(Changed::kFatal);
  captureDue_.store(true);
}

}  // namespace doorbell::emulator
