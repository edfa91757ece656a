#include <doctest/doctest.h>

#include "test/support/test_host.h"

using namespace doorbell;
using test::TestHost;
namespace pci = spec::pci;

namespace {

/// Offset of a capability, 0 when the list does not have it.
std::uint32_t capability(platform::PciFunction& function, std::uint8_t id) {
  std::uint32_t at = function.configRead(pci::kCapabilities, 1);
  for (unsigned hops = 0; at != 0 && hops < 16; ++hops) {
    if (function.configRead(at, 1) == id) return at;
    at = function.configRead(at + 1, 1);
  }
  return 0;
}

}  // namespace

TEST_CASE("the header says NVM Express controller with one 64-bit BAR") {
  TestHost host(test::freshAddress(), false);
  auto& f = *host.function;
  CHECK(f.configRead(pci::kClassCode, 1) == 2);
  CHECK(f.configRead(pci::kClassCode + 1, 2) == 0x0108);
  CHECK((f.configRead(pci::kStatus, 2) & pci::kStatusCapabilityList) != 0);
  CHECK((f.configRead(pci::kBar0, 4) & 0xf) == 4);
}

TEST_CASE("BAR0 reports its size to a probe") {
  TestHost host(test::freshAddress(), false);
  auto& f = *host.function;
  const auto before = f.configRead(pci::kBar0, 4);
  f.configWrite(pci::kBar0, 4, 0xffffffff);
  CHECK(~(f.configRead(pci::kBar0, 4) & ~0xfU) + 1 == f.barSize());
  f.configWrite(pci::kBar0, 4, before);
  CHECK(f.configRead(pci::kBar0, 4) == before);
}

TEST_CASE("identity is read-only") {
  TestHost host(test::freshAddress(), false);
  const auto id = host.function->configRead(0, 4);
  host.function->configWrite(0, 4, ~id);
  CHECK(host.function->configRead(0, 4) == id);
}

TEST_CASE("every capability is in the list") {
  TestHost host(test::freshAddress(), false);
  for (const auto id : {pci::kCapPowerManagement, pci::kCapMsi, pci::kCapExpress, pci::kCapMsix}) {
    CHECK(capability(*host.function, id) != 0);
  }
  CHECK(capability(*host.function, 0x42) == 0);
}

TEST_CASE("the MSI-X capability agrees with the function") {
  TestHost host(test::freshAddress(), false);
  const auto msix = capability(*host.function, pci::kCapMsix);
  const auto vectors = (host.function->configRead(msix + pci::kMsixControl, 2) & 0x7ffU) + 1;
  CHECK(vectors == host.function->interruptVectors());
  host.function->enableInterrupts(1);
  CHECK((host.function->configRead(msix + pci::kMsixControl, 2) & pci::kMsixEnable) != 0);
}

TEST_CASE("Initiate Function Level Reset resets the controller and reads as 0") {
  TestHost host;
  const auto control = capability(*host.function, pci::kCapExpress) + pci::kExpressDeviceControl;
  host.function->configWrite(control, 2, pci::kInitiateFlr);
  CHECK((host.function->configRead(control, 2) & pci::kInitiateFlr) == 0);
  CHECK_FALSE(host.csts().rdy());
  CHECK(host.function->read32(spec::reg::kAqa) == 0);
  CHECK((host.function->configRead(pci::kCommand, 2) & pci::kCommandBusMaster) == 0);
  host.enable();
  CHECK(host.identify(spec::Cns::Controller).status() == 0);
}

TEST_CASE("a function that does not decode memory answers all ones") {
  TestHost host(test::freshAddress(), false);
  SUBCASE("Memory Space Enable is clear") { host.function->configWrite(pci::kCommand, 2, 0); }
  SUBCASE("it is in D3hot") {
    const auto pm = capability(*host.function, pci::kCapPowerManagement);
    host.function->configWrite(pm + pci::kPmControl, 2, 3);
  }
  CHECK(host.function->read32(spec::reg::kVs) == 0xffffffff);
  CHECK(host.function->read64(spec::reg::kCap) == 0xffffffffffffffff);
}

TEST_CASE("a controller works on after D3hot and back") {
  TestHost host;
  const auto pm = capability(*host.function, pci::kCapPowerManagement);
  host.function->configWrite(pm + pci::kPmControl, 2, 3);
  host.function->configWrite(pm + pci::kPmControl, 2, 0);
  CHECK(host.csts().rdy());
  CHECK(host.identify(spec::Cns::Controller).status() == 0);
}

TEST_CASE("configuration accesses that are not aligned or outside throw") {
  TestHost host(test::freshAddress(), false);
  CHECK_THROWS_AS(host.function->configRead(1, 2), Error);
  CHECK_THROWS_AS(host.function->configRead(0, 3), Error);
  CHECK_THROWS_AS(host.function->configRead(4096, 4), Error);
}
