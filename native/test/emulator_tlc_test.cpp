// The profile tlc, as a host sees it: what takes time takes at least that. How long exactly is up
// to the machine the test runs on; the model itself is tested in virtual time.
#include <doctest/doctest.h>

#include "emulator/flash/tlc_timing.h"
#include "test/support/test_device.h"

using namespace doorbell;
using emulator::TlcTiming;
using spec::NvmOpcode;
using test::TestDevice;

namespace {

using namespace std::chrono_literals;
constexpr std::uint32_t kForceUnitAccess = 1U << 30U;

struct TlcDevice : TestDevice {
  TlcDevice() : TestDevice("size=64M&profile=tlc") { host.openIo(); }
  [[nodiscard]] emulator::flash::Statistics statistics() const {
    const auto* timing = dynamic_cast<TlcTiming*>(device().subsystem().timing());
    REQUIRE(timing != nullptr);
    return timing->statistics();
  }
  template <class Action>
  static std::chrono::steady_clock::duration took(Action action) {
    const auto begin = std::chrono::steady_clock::now();
    action();
    return std::chrono::steady_clock::now() - begin;
  }
};

}  // namespace

TEST_CASE("a drive of the profile tlc takes its time") {
  TlcDevice device;
  auto& host = device.host;
  CHECK(TlcDevice::took([&] { CHECK(host.write(0, 8, 1, kForceUnitAccess).status() == 0); }) >=
        150us);
  CHECK(TlcDevice::took([&] { CHECK(host.readFill(0) == 1); }) >= 20us);
  CHECK(host.write(8, 8, 2).status() == 0);
  CHECK(TlcDevice::took([&] {
          CHECK(host.ioCommand(host.block(NvmOpcode::Flush, 0, 1)).status() == 0);
        }) >= 150us);
  const auto counted = device.statistics();
  CHECK(counted.hostWritten == 2);
  CHECK(counted.hostRead == 1);
  CHECK(counted.slcProgrammed == counted.programmed);
  CHECK(counted.programmed >= 2);
}

TEST_CASE("commands pass each other where they need different parts of the drive") {
  TlcDevice device;
  auto& host = device.host;
  REQUIRE(host.write(0, 8, 1, kForceUnitAccess).status() == 0);
  auto write = host.block(NvmOpcode::Write, 64, 8);
  write.cdw12 |= kForceUnitAccess;
  write.cid = 0x100;
  host.io->post(write);
  auto read = host.block(NvmOpcode::Read, 4096, 1);  // never written: no page is read
  read.cid = 0x101;
  host.io->post(read);
  host.io->ringTail();  // both at once: the write must not end while the read is on its way
  CHECK(host.io->await().cid == 0x101);
  CHECK(host.io->await().cid == 0x100);
}

TEST_CASE("what is deallocated or formatted takes no page read any more") {
  TlcDevice device;
  auto& host = device.host;
  REQUIRE(host.write(0, 16, 1, kForceUnitAccess).status() == 0);
  auto deallocate = host.block(NvmOpcode::DatasetManagement, 0, 1);
  host.data.put<std::uint64_t>(0, std::uint64_t{8} << 32U);
  host.data.put<std::uint64_t>(8, 0);
  deallocate.cdw11 = 4;
  REQUIRE(host.ioCommand(deallocate).status() == 0);
  CHECK(device.statistics().mapped == 1);
  device.device().subsystem().formatNamespace(1, {});
  CHECK(device.statistics().mapped == 0);
}

TEST_CASE("errors and admin commands end as on any other drive, and power comes back") {
  TlcDevice device;
  auto& host = device.host;
  CHECK(test::TestHost::plain(host.ioCommand(host.block(NvmOpcode::Read, 1U << 30U, 1))) ==
        spec::status::kLbaOutOfRange);
  CHECK(host.identify(spec::Cns::Controller).status() == 0);
  host.data.fill(3);
  for (std::uint64_t i = 0; i < 32; ++i) {
    host.io->submit(host.block(NvmOpcode::Write, i * 16, 16));
  }
  host.function->power()->off();
  host.function->power()->on();
  host.enable();
  host.openIo();
  CHECK(host.write(0, 8, 4, kForceUnitAccess).status() == 0);
  CHECK(host.readFill(0) == 4);
}

TEST_CASE("the profile fast has no timing model") {
  const TestDevice device("size=64M");
  CHECK(device.device().subsystem().timing() == nullptr);
}
