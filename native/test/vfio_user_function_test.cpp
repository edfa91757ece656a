// Our client on our server: the driver's platform as a whole.
#include <doctest/doctest.h>

#include <poll.h>

#include "driver/registry.h"
#include "support/rig.h"
#include "test/support/served.h"

using namespace doorbell;
using test::Served;
using test::TestHost;

namespace {

bool readable(int fd, int timeoutMs) {
  pollfd polled{fd, POLLIN, 0};
  return ::poll(&polled, 1, timeoutMs) == 1;
}

}  // namespace

TEST_CASE("a served SSD takes commands by mapped doorbells and by messages") {
  for (const bool mapped : {true, false}) {
    CAPTURE(mapped);
    const Served served(mapped);
    TestHost host(served.open());
    host.openIo();
    for (int i = 1; i < 200; ++i) {
      const auto lba = static_cast<std::uint64_t>(i);
      REQUIRE(host.write(lba, 8, i).status() == 0);
      REQUIRE(host.readFill(lba) == i);
    }
  }
}

TEST_CASE("data and settings of the medium outlive clients, memory and queues do not") {
  const Served served;
  {
    TestHost host(served.open());
    host.openIo();
    REQUIRE(host.write(9, 1, 0x11).status() == 0);
  }
  for (int client = 0; client < 5; ++client) {
    TestHost host(served.open(), false);
    CHECK(host.csts().raw == 0);
    CHECK((host.function->configRead(spec::pci::kCommand, 2) & spec::pci::kCommandBusMaster) == 0);
    host.enable();
    host.openIo();
    CHECK(host.readFill(9) == 0x11);
  }
  CHECK(served.server->clients() >= 6);
}

TEST_CASE("interrupts arrive by eventfd, and a masked vector keeps its own") {
  const Served served;
  TestHost host(served.open());
  CHECK(host.function->interruptVectors() == 65);
  host.function->enableInterrupts(65);
  host.openIo();
  const int fd = host.function->interruptFd(1);
  std::uint64_t count = 0;
  REQUIRE(host.write(0, 1, 1).status() == 0);
  REQUIRE(readable(fd, 5000));
  REQUIRE(::read(fd, &count, sizeof(count)) == sizeof(count));
  REQUIRE(host.function->masking() == platform::Masking::Costly);
  host.function->maskInterrupt(1, true);
  REQUIRE(host.write(0, 1, 1).status() == 0);
  CHECK_FALSE(readable(fd, 20));
  host.function->maskInterrupt(1, false);
  CHECK(readable(fd, 5000));
  CHECK_THROWS_AS(host.function->enableInterrupts(66), Error);
  CHECK_THROWS_AS((void)host.function->interruptFd(65), Error);
}

TEST_CASE("interrupts work again after a function reset") {
  const Served served;
  TestHost host(served.open());
  host.function->enableInterrupts(4);
  host.function->reset(platform::ResetKind::FunctionLevel);
  CHECK_FALSE(host.csts().rdy());
  host.enable();
  host.function->enableInterrupts(4);
  host.openIo();
  REQUIRE(host.write(0, 1, 1).status() == 0);
  CHECK(readable(host.function->interruptFd(1), 5000));
  CHECK(test::codeOf([&] { host.function->reset(platform::ResetKind::Hot); }) == "PLATFORM_LIMIT");
}

TEST_CASE("memory that was unmapped is out of reach") {
  const Served served;
  TestHost host(served.open());
  host.openIo();
  std::uint64_t bus = 0;
  {
    const test::TestMemory memory(*host.function, 4096);
    bus = memory.bus();
  }
  auto sqe = host.block(spec::NvmOpcode::Read, 0, 1);
  sqe.prp1 = bus;
  CHECK(TestHost::plain(host.ioCommand(sqe)).raw == spec::status::kDataTransferError.raw);
}

TEST_CASE("registers are checked as on every platform") {
  const Served served;
  const auto function = served.open();
  CHECK(function->barSize() == 0x4000);
  CHECK(test::codeOf([&] { (void)function->read32(2); }) == "OUT_OF_RANGE");
  CHECK(test::codeOf([&] { (void)function->read64(0x4000); }) == "OUT_OF_RANGE");
  CHECK(test::codeOf([&] { (void)function->configRead(4096, 1); }) == "OUT_OF_RANGE");
  CHECK(test::codeOf([&] { function->configWrite(0, 3, 0); }) == "OUT_OF_RANGE");
  CHECK(function->read32(spec::reg::kVs) == 0x00020000);
}

TEST_CASE("a server that dies ends commands at once, and registers read all ones") {
  Served served;
  test::Rig rig;
  const auto controller = std::make_shared<driver::Controller>(
      served.open(), driver::Environment{rig.clock, rig.evidence, 60'000});
  controller->initialize({});
  const auto qpair = controller->createQpair({.depth = 8});
  std::atomic<bool> told{false};
  const auto number = controller->addEventHandler(
      [&](const driver::DriverEvent& event) { told = std::string(event.kind) == "removed"; });
  served.server.reset();
  CHECK(test::eventually([&] { return told.load(); }));
  CHECK(controller->readRegister(spec::reg::kCsts, 4) == 0xffffffff);
  CHECK(test::codeOf([&] { controller->initialize({}); }) == "REMOVED");
  controller->dropEventHandler(number);
  controller->close();
}

TEST_CASE("a second client is told that the SSD is busy, and finds it free afterwards") {
  const Served served;
  auto first = served.open();
  CHECK(test::codeOf([&] { (void)served.open(); }) == "BUSY");
  first.reset();
  CHECK(served.open() != nullptr);
}

TEST_CASE("addresses that lead nowhere say what to do") {
  const test::PrivateFolder folder;
  const auto open = [](const std::string& address) {
    return test::messageOf([&] { (void)platform::vfio_user::openVfioUser(address); });
  };
  CHECK(test::codeOf([] { (void)platform::vfio_user::openVfioUser("vfio-user:"); }) ==
        "BAD_ADDRESS");
  CHECK(open("vfio-user:" + folder.file("none")).find("doorbell serve --socket") !=
        std::string::npos);
  CHECK(open("vfio-user:" + std::string(200, 'x')).find("1 to 107 bytes") != std::string::npos);
}
