#include <doctest/doctest.h>

#include "test/support/config_walk.h"
#include "test/support/test_host.h"

using namespace doorbell;
using test::capability;
using test::TestHost;
namespace pci = spec::pci;

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

TEST_CASE("every bit of the header and the capabilities is of its access type") {
  TestHost host(test::freshAddress(), false);
  auto& f = *host.function;
  const auto express = capability(f, pci::kCapExpress);
  const auto pm = capability(f, pci::kCapPowerManagement);
  const auto msi = capability(f, pci::kCapMsi);
  const auto msix = capability(f, pci::kCapMsix);
  struct Register {
    const char* name;
    std::uint32_t offset;
    unsigned width;
    std::uint32_t afterOnes;
    std::uint32_t afterZeros;
  };
  const Register registers[] = {
      {"Command", pci::kCommand, 2, 0x0546, 0x0000},
      {"Status", pci::kStatus, 2, 0x0010, 0x0010},
      {"Cache Line Size", pci::kCacheLineSize, 1, 0xff, 0x00},
      {"Header Type", 0x0e, 1, 0x00, 0x00},
      {"Interrupt Line", pci::kInterruptLine, 1, 0xff, 0x00},
      {"Interrupt Pin", pci::kInterruptPin, 1, 0x01, 0x01},
      {"Power Management Capabilities", pm + 2, 2, 0x0003, 0x0003},
      {"MSI Message Control", msi + pci::kMsiControl, 2, 0x00fb, 0x008a},
      {"MSI Message Address", msi + pci::kMsiAddress, 4, 0xfffffffc, 0},
      {"Device Capabilities", express + 4, 4, 0x10008fe2, 0x10008fe2},
      {"Device Control", express + pci::kExpressDeviceControl, 2, 0x79ff, 0x0000},
      {"Link Capabilities", express + pci::kExpressLinkCapabilities, 4, 0x00423c43, 0x00423c43},
      {"Link Control", express + pci::kExpressLinkControl, 2, 0x00cb, 0x0000},
      {"Link Status", express + pci::kExpressLinkStatus, 2, 0x1043, 0x1043},
      {"Device Control 2", express + pci::kExpressDeviceControl2, 2, 0x041f, 0x0000},
      {"MSI-X Message Control", msix + pci::kMsixControl, 2, 0xc040, 0x0040},
      {"MSI-X Table Offset", msix + pci::kMsixTable, 4, 0x2000, 0x2000},
      {"MSI-X PBA Offset", msix + pci::kMsixPba, 4, 0x3000, 0x3000},
  };
  for (const Register& r : registers) {
    CAPTURE(r.name);
    const bool control = r.offset == express + pci::kExpressDeviceControl;
    // A one in bit 15 of Device Control would reset the function.
    f.configWrite(r.offset, r.width, control ? 0x7fff : 0xffffffff);
    CHECK(f.configRead(r.offset, r.width) == r.afterOnes);
    f.configWrite(r.offset, r.width, 0);
    CHECK(f.configRead(r.offset, r.width) == r.afterZeros);
  }
}

TEST_CASE("power states that do not exist are ignored") {
  TestHost host;
  const auto control = capability(*host.function, pci::kCapPowerManagement) + pci::kPmControl;
  for (const std::uint32_t before : {0U, 3U}) {
    for (const std::uint32_t state : {1U, 2U}) {
      host.function->configWrite(control, 2, before);
      host.function->configWrite(control, 2, state);
      CHECK((host.function->configRead(control, 2) & pci::kPmStateMask) == before);
    }
  }
}

TEST_CASE("in D3hot no command is fetched until D0") {
  TestHost host;
  const auto control = capability(*host.function, pci::kCapPowerManagement) + pci::kPmControl;
  host.function->configWrite(control, 2, 3);
  auto command = TestHost::sqe(spec::AdminOpcode::Identify);
  command.prp1 = host.data.bus();
  command.cdw10 = 1;
  host.admin->submit(command);
  CHECK(host.admin->staysSilent());
  host.function->configWrite(control, 2, 0);
  CHECK(host.admin->await().status() == 0);
}

TEST_CASE("a Function Level Reset keeps what belongs to the link, a hot reset does not") {
  TestHost host;
  auto& f = *host.function;
  const auto express = capability(f, pci::kCapExpress);
  f.configWrite(express + pci::kExpressLinkControl, 2, pci::kAspmMask);
  f.configWrite(express + pci::kExpressDeviceControl, 2, 0x2830);
  SUBCASE("Function Level Reset") {
    f.configWrite(express + pci::kExpressDeviceControl, 2, 0x2830 | pci::kInitiateFlr);
    CHECK(f.configRead(express + pci::kExpressLinkControl, 2) == pci::kAspmMask);
    CHECK((f.configRead(express + pci::kExpressDeviceControl, 2) & pci::kMaxPayloadMask) == 0x20);
  }
  SUBCASE("hot reset") {
    f.reset(platform::ResetKind::Hot);
    CHECK(f.configRead(express + pci::kExpressLinkControl, 2) == 0);
    CHECK((f.configRead(express + pci::kExpressDeviceControl, 2) & pci::kMaxPayloadMask) == 0);
  }
  CHECK_FALSE(host.csts().rdy());
  CHECK((f.configRead(pci::kCommand, 2) & pci::kCommandBusMaster) == 0);
}
