#include "emulator/controller.h"

namespace doorbell::emulator {

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
  const bool valid = cc.mps() <= kMpsMax && cc.css() == 0 && cc.ams() == 0 &&
                     registers.adminSqEntries() >= 2 && registers.adminCqEntries() >= 2;
  if (!valid) {
    fail();
    return;
  }
  state_.pageBytes = 4096U << cc.mps();
  state_.queues.clear();
  state_.doorbells.closeAll();
  state_.doorbells.openSq(0);
  state_.doorbells.openCq(0);
  state_.queues.cq(0) = {
      .base = registers.adminCq(), .size = registers.adminCqEntries(), .interrupts = true};
  state_.queues.addSq({.base = registers.adminSq(), .size = registers.adminSqEntries()});
  running_ = true;
  registers.raiseCsts(Registers::kCstsReady);
}

void Controller::stop() noexcept {
  running_ = false;
  state_.queues.clear();
  state_.doorbells.closeAll();
  state_.events.reset();
  state_.errors.clear();
  state_.features.reset();
  state_.timestamp = {};
  state_.reportedWarnings = 0;
}

void Controller::disable() noexcept {
  stop();
  state_.registers.resetController();
}

void Controller::reset() noexcept {
  stop();
  state_.registers.resetAll();
}

void Controller::shutDown() noexcept {
  running_ = false;
  state_.subsystem.flushAll();
  shutDown_ = true;
  state_.registers.raiseCsts(Registers::kCstsShutdownComplete);
}

/// Controller Fatal Status: nothing is processed until a reset.
void Controller::fail() noexcept {
  running_ = false;
  state_.registers.raiseCsts(Registers::kCstsFatal);
}

}  // namespace doorbell::emulator
