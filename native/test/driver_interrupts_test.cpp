// Interrupt vectors in a test's hands, on the emulated SSD.
#include <doctest/doctest.h>

#include "driver/registry.h"
#include "platform/msi.h"
#include "spec/pci_config.h"
#include "support/rig.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;

namespace {

struct InterruptRig {
  explicit InterruptRig(InterruptMode mode = InterruptMode::Msix) {
    controller->initialize({.interrupts = mode});
    qpair = controller->createQpair({.depth = 16});
  }
  ~InterruptRig() { controller->close(); }
  InterruptRig(const InterruptRig&) = delete;
  InterruptRig& operator=(const InterruptRig&) = delete;

  void readOnce() {
    qpair->submit(readSqe(), buffer, 0, 512, 1000);
    REQUIRE(reapN(*qpair, 1).size() == 1);
  }
  /// Messages, given the device a moment to send what it owes.
  std::uint64_t messages(std::uint64_t atLeast) {
    for (int i = 0; i < 200 && controller->interrupts().messages(*qpair->vector()) < atLeast; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return controller->interrupts().messages(*qpair->vector());
  }

  std::shared_ptr<Controller> controller = Registry::instance().open("emulated");
  std::shared_ptr<Qpair> qpair;
  std::shared_ptr<DmaBuffer> buffer = DmaBuffer::allocate(4096);
};

void countsMasksAndClears(InterruptRig& rig) {
  Notifier& interrupts = rig.controller->interrupts();
  const unsigned vector = rig.qpair->vector().value();
  interrupts.claim(vector);
  CHECK(interrupts.messages(vector) == 0);
  rig.readOnce();
  CHECK(rig.messages(1) == 1);
  rig.readOnce();
  CHECK(rig.messages(2) == 2);
  interrupts.clear(vector);
  CHECK(interrupts.messages(vector) == 0);
  // Masked: kept back, and delivered once the mask is lifted.
  interrupts.setMasked(vector, true);
  rig.readOnce();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(interrupts.messages(vector) == 0);
  interrupts.setMasked(vector, false);
  CHECK(rig.messages(1) == 1);
}

}  // namespace

TEST_CASE("MSI-X messages of a queue pair are counted, cleared, masked and delivered late") {
  InterruptRig rig;
  countsMasksAndClears(rig);
}

TEST_CASE("The same with MSI") {
  InterruptRig rig(InterruptMode::Msi);
  namespace pci = spec::pci;
  auto& controller = *rig.controller;
  // It is MSI indeed: enabled there, not in MSI-X.
  const auto control = [&](std::uint8_t id) {
    std::uint32_t at = controller.configRead(pci::kCapabilities, 1);
    while (at != 0 && controller.configRead(at, 1) != id) at = controller.configRead(at + 1, 1);
    REQUIRE(at != 0);
    return controller.configRead(at + 2, 2);
  };
  CHECK((control(pci::kCapMsi) & 1U) == 1);
  CHECK((control(pci::kCapMsix) & pci::kMsixEnable) == 0);
  countsMasksAndClears(rig);
}

TEST_CASE("A waiting queue pair is still told when a test takes its vector") {
  InterruptRig rig;
  Notifier& interrupts = rig.controller->interrupts();
  for (const bool claimFirst : {true, false}) {
    CAPTURE(claimFirst);
    std::atomic<bool> told{false};
    if (claimFirst) interrupts.claim(*rig.qpair->vector());
    rig.qpair->notify([&] { told = true; });
    if (!claimFirst) interrupts.claim(*rig.qpair->vector());
    interrupts.setMasked(*rig.qpair->vector(), true);
    rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 1000);
    for (int i = 0; i < 1000 && !told; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    CHECK(told);
    REQUIRE(reapN(*rig.qpair, 1).size() == 1);
    interrupts.unclaim(*rig.qpair->vector());
  }
  // Given back, interrupts serve the driver again.
  std::atomic<bool> told{false};
  rig.qpair->notify([&] { told = true; });
  rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 1000);
  for (int i = 0; i < 1000 && !told; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  CHECK(told);
  REQUIRE(reapN(*rig.qpair, 1).size() == 1);
}

TEST_CASE("A queue pair has the vector it asks for, or none") {
  InterruptRig rig;
  CHECK(rig.controller->createQpair({.depth = 4, .vector = 7})->vector() == 7U);
  CHECK_FALSE(rig.controller->createQpair({.depth = 4, .interrupts = false})->vector());
  CHECK(codeOf([&] { (void)rig.controller->createQpair({.depth = 4, .vector = 2000}); }) ==
        "OUT_OF_RANGE");
  CHECK(codeOf([&] { rig.controller->interrupts().claim(2000); }) == "OUT_OF_RANGE");
  CHECK(codeOf([&] { (void)rig.controller->interrupts().messages(2000); }) == "OUT_OF_RANGE");
}

TEST_CASE("Without interrupts, queue pairs are polled") {
  InterruptRig rig(InterruptMode::None);
  CHECK_FALSE(rig.qpair->vector());
  std::atomic<bool> told{false};
  rig.qpair->notify([&] { told = true; });
  rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 1000);
  for (int i = 0; i < 1000 && !told; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  CHECK(told);
}
