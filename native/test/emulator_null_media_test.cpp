// media=null: the device without its data.
#include <doctest/doctest.h>

#include "platform/error.h"
#include "test/support/test_host.h"

using namespace doorbell;
using spec::NvmOpcode;
using test::TestHost;

TEST_CASE("a medium that keeps nothing takes every write and transfers nothing for a read") {
  TestHost host(test::freshAddress("media=null&size=64M"));
  host.openIo();
  CHECK(host.write(8, 8, 0x11).status() == 0);
  host.data.fill(0xee);
  CHECK(host.ioCommand(host.block(NvmOpcode::Read, 8, 8)).status() == 0);
  CHECK(host.data.as<std::uint8_t>() == 0xee);
  const auto smart = host.smart();
  CHECK(smart.hostReadCommands.low == 1);
  CHECK(smart.hostWriteCommands.low == 1);
}

TEST_CASE("a medium that keeps nothing refuses what any other refuses") {
  TestHost host(test::freshAddress("media=null&size=64M"));
  host.openIo();
  const auto blocks = (64U << 20U) / 512;
  CHECK(TestHost::plain(host.ioCommand(host.block(NvmOpcode::Read, blocks, 1))) ==
        spec::status::kLbaOutOfRange);
  auto unmapped = host.block(NvmOpcode::Write, 0, 8);
  unmapped.prp1 = 0x7000'0000'0000;
  CHECK(TestHost::plain(host.ioCommand(unmapped)) == spec::status::kDataTransferError);
}

TEST_CASE("the address says what goes with media=null") {
  for (const char* bad : {"emulated:/dev/shm/never-made?media=null", "emulated?media=null&zns=1",
                          "emulated?media=null&lbaSize=512+8", "emulated?media=paper"}) {
    CHECK_THROWS_WITH_AS((void)platform::openEmulated(bad), doctest::Contains("media="), Error);
  }
}
