#include <doctest/doctest.h>

#include "platform/pci_function.h"
#include "test/support/config_walk.h"
#include "test/support/test_host.h"

using namespace doorbell;
using test::TestHost;
namespace pci = spec::pci;

namespace {

/// A function in the slot, with nothing enabled, and where its capabilities are.
struct Slot {
  TestHost host{test::freshAddress(), false};
  platform::PciFunction& f = *host.function;
  std::uint32_t pm = test::capability(f, pci::kCapPowerManagement);
  std::uint32_t express = test::capability(f, pci::kCapExpress);
  std::uint32_t errors = test::extendedCapability(f, pci::kExtCapErrorReporting);

  std::uint32_t deviceStatus() { return f.configRead(express + pci::kExpressDeviceStatus, 2); }
  std::uint32_t uncorrectable() { return f.configRead(errors + pci::kAerUncorrectableStatus, 4); }
  std::uint32_t correctable() { return f.configRead(errors + pci::kAerCorrectableStatus, 4); }
  void sleep() { f.configWrite(pm + pci::kPmControl, 2, pci::kPmStateD3Hot); }
};

constexpr std::uint32_t kUnsupportedRequest = 1U << pci::kAerUnsupportedRequestBit;

}  // namespace

TEST_CASE("every extended capability is in the list") {
  Slot slot;
  CHECK(slot.errors == pci::kExtendedCapabilities);
  CHECK(test::extendedCapability(slot.f, pci::kExtCapLatencyTolerance) != 0);
  CHECK(test::extendedCapability(slot.f, pci::kExtCapSecondaryExpress) != 0);
  CHECK(test::extendedCapability(slot.f, 0x0042) == 0);
  CHECK(((slot.f.configRead(slot.errors, 4) >> 16U) & 0xfU) == 2);
}

TEST_CASE("a read that nothing decodes is an advisory non-fatal Unsupported Request") {
  Slot slot;
  slot.sleep();
  CHECK(slot.f.read32(spec::reg::kVs) == 0xffffffff);
  CHECK(slot.deviceStatus() == (pci::kCorrectableDetected | pci::kUnsupportedRequestDetected));
  CHECK(slot.correctable() == pci::kAerAdvisoryNonFatal);
  CHECK(slot.uncorrectable() == kUnsupportedRequest);
  CHECK((slot.f.configRead(slot.errors + pci::kAerControl, 4) & 0x1fU) ==
        pci::kAerUnsupportedRequestBit);
  const auto bar = slot.f.configRead(pci::kBar0, 4) & ~0xfU;
  CHECK(slot.f.configRead(slot.errors + pci::kAerHeaderLog + 8, 4) == bar + spec::reg::kVs);
}

TEST_CASE("a write that nothing decodes is a non-fatal error, and fatal where severity says so") {
  Slot slot;
  bool fatal = false;
  SUBCASE("as it is") {}
  SUBCASE("made fatal") { fatal = true; }
  const auto severity = slot.errors + pci::kAerUncorrectableSeverity;
  if (fatal) {
    slot.f.configWrite(severity, 4, slot.f.configRead(severity, 4) | kUnsupportedRequest);
  }
  slot.f.configWrite(pci::kCommand, 2, pci::kCommandSystemError);
  slot.f.write32(spec::reg::kAqa, 1);
  CHECK(slot.deviceStatus() == (pci::kUnsupportedRequestDetected |
                                (fatal ? pci::kFatalDetected : pci::kNonFatalDetected)));
  CHECK(slot.correctable() == 0);
  CHECK((slot.f.configRead(pci::kStatus, 2) & pci::kStatusSignaledSystemError) != 0);
}

TEST_CASE("error bits are cleared by writing ones, and by nothing else") {
  Slot slot;
  slot.sleep();
  slot.f.read32(spec::reg::kVs);
  slot.f.configWrite(slot.errors + pci::kAerUncorrectableStatus, 4, 0);
  slot.f.configWrite(slot.express + pci::kExpressDeviceStatus, 2, 0);
  CHECK(slot.uncorrectable() == kUnsupportedRequest);
  CHECK(slot.deviceStatus() != 0);
  slot.f.configWrite(slot.errors + pci::kAerUncorrectableStatus, 4, kUnsupportedRequest);
  slot.f.configWrite(slot.errors + pci::kAerCorrectableStatus, 4, 0xffffffff);
  slot.f.configWrite(slot.express + pci::kExpressDeviceStatus, 2, 0xffff);
  CHECK(slot.uncorrectable() == 0);
  CHECK(slot.correctable() == 0);
  CHECK(slot.deviceStatus() == 0);
}

TEST_CASE("a masked error leaves no header") {
  Slot slot;
  slot.f.configWrite(slot.errors + pci::kAerUncorrectableMask, 4, kUnsupportedRequest);
  slot.sleep();
  slot.f.read32(spec::reg::kVs);
  CHECK(slot.uncorrectable() == kUnsupportedRequest);
  CHECK(slot.f.configRead(slot.errors + pci::kAerHeaderLog, 4) == 0);
}

TEST_CASE("error records survive resets and end with the supply; everything else is reset") {
  Slot slot;
  slot.sleep();
  slot.f.read32(spec::reg::kVs);
  slot.f.configWrite(slot.errors + pci::kAerUncorrectableMask, 4, 0x00100000);
  SUBCASE("hot reset") {
    slot.f.reset(platform::ResetKind::Hot);
    CHECK(slot.uncorrectable() == kUnsupportedRequest);
    CHECK(slot.f.configRead(slot.errors + pci::kAerUncorrectableMask, 4) == 0x00100000);
  }
  SUBCASE("Function Level Reset") {
    slot.f.configWrite(slot.express + pci::kExpressDeviceControl, 2, pci::kInitiateFlr);
    CHECK(slot.uncorrectable() == kUnsupportedRequest);
  }
  SUBCASE("power cycle") {
    slot.f.power()->off();
    CHECK(slot.f.configRead(slot.errors, 4) == 0xffffffff);
    slot.f.power()->on();
    CHECK(slot.uncorrectable() == 0);
    CHECK(slot.f.configRead(slot.errors + pci::kAerUncorrectableMask, 4) == 0);
  }
  CHECK(slot.deviceStatus() == 0);
  CHECK((slot.f.configRead(slot.pm + pci::kPmControl, 2) & pci::kPmStateMask) == 0);
}
