#include <doctest/doctest.h>

#include "emulator/device.h"
#include "emulator/held_commands.h"
#include "test/support/test_device.h"
#include "test/support/zoned_host.h"

using namespace doorbell;
using emulator::HeldCommands;
using test::TestDevice;
using test::TestHost;
namespace status = spec::status;

namespace {

constexpr std::uint64_t kMs = 1'000'000;

platform::Fault delayed(std::uint64_t ns, spec::NvmOpcode opcode) {
  platform::Fault fault;
  fault.kind = platform::FaultKind::Delay;
  fault.delayNs = ns;
  fault.when.opcode = static_cast<std::uint8_t>(opcode);
  fault.when.admin = false;
  fault.when.times = 0;
  return fault;
}

}  // namespace

TEST_CASE("held commands come by due time, of the same time in their order") {
  HeldCommands held;
  for (std::uint16_t cid = 1; cid <= 4; ++cid) {
    held.hold({.dueNs = cid == 3 ? 5U : 10U, .sqid = 1, .cid = cid});
  }
  CHECK(held.dueNs() == 5);
  CHECK(held.take(1, 2)->cid == 2);
  CHECK_FALSE(held.take(1, 2).has_value());
  CHECK(held.takeNext().cid == 3);
  CHECK(held.takeNext().cid == 1);
  CHECK(held.takeOf(1)->cid == 4);
  CHECK(held.empty());
  CHECK(held.dueNs() == emulator::kNever);
}

TEST_CASE("a delayed command completes when its time has come, others pass it") {
  TestDevice device;
  TestHost& host = device.host;
  host.openIo();
  device.faults().add(delayed(50 * kMs, spec::NvmOpcode::Read));
  auto slow = host.block(spec::NvmOpcode::Read, 0, 1);
  slow.cid = 0x100;
  const auto begin = std::chrono::steady_clock::now();
  host.io->submit(slow);
  const auto flushed = host.ioCommand(host.block(spec::NvmOpcode::Flush, 0, 1));
  CHECK(flushed.cid != 0x100);
  CHECK(flushed.status() == 0);
  const auto cqe = host.io->await();
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(cqe.cid == 0x100);
  CHECK(cqe.status() == 0);
  CHECK(took >= std::chrono::milliseconds(50));
}

TEST_CASE("Abort finds a command that is still held") {
  TestDevice device;
  TestHost& host = device.host;
  host.openIo();
  device.faults().add(delayed(60'000 * kMs, spec::NvmOpcode::Read));
  auto slow = host.block(spec::NvmOpcode::Read, 0, 1);
  slow.cid = 0x100;
  host.io->submit(slow);
  CHECK(host.io->staysSilent());
  auto abort = TestHost::sqe(spec::AdminOpcode::Abort);
  abort.cdw10 = (0x100U << 16U) | 1U;
  const auto answer = host.adminCommand(abort);
  CHECK(answer.status() == 0);
  CHECK((answer.dw0 & 1U) == 0);
  CHECK(TestHost::plain(host.io->await()) == status::kAbortRequested);
  CHECK((host.adminCommand(abort).dw0 & 1U) == 1);
}

TEST_CASE("however many I/O commands are held, admin commands go on and complete") {
  TestDevice device("size=64M&namespaces=2");
  TestHost& host = device.host;
  device.faults().add(delayed(600'000 * kMs, spec::NvmOpcode::Read));
  std::vector<std::unique_ptr<test::TestQueue>> queues;
  constexpr std::uint32_t kEntries = 1024;
  for (std::uint16_t qid = 1; qid <= 5; ++qid) {
    queues.push_back(host.makeQueue(qid, kEntries));
    for (std::uint16_t cid = 0; cid < kEntries - 1; ++cid) {
      auto read = host.block(spec::NvmOpcode::Read, 0, 1);
      read.cid = cid;
      queues.back()->post(read);
    }
    queues.back()->ringTail();
  }
  REQUIRE(test::eventually(
      [&] { return host.function->faults()->list().front().fired >= HeldCommands::kMost; }));
  auto format = TestHost::sqe(spec::AdminOpcode::FormatNvm);
  format.nsid = 2;
  CHECK(host.adminCommand(format).status() == 0);
  auto abort = TestHost::sqe(spec::AdminOpcode::Abort);
  abort.cdw10 = (7U << 16U) | 1U;
  CHECK((host.adminCommand(abort).dw0 & 1U) == 0);
  CHECK(TestHost::plain(queues.front()->await()) == status::kAbortRequested);
}

TEST_CASE("a late completion has both of its dwords") {
  // An SSD so large that the LBA of its last zones needs the second dword.
  test::ZonedHost host("&zoneSize=16G&zoneCapacity=1M", "size=4T");
  constexpr std::uint64_t kZone = (std::uint64_t{16} << 30U) / 512;
  constexpr std::uint64_t kLba = 200 * kZone;
  REQUIRE(kLba > 0xffffffff);
  platform::Fault fault;
  fault.kind = platform::FaultKind::Delay;
  fault.delayNs = kMs;
  fault.when.opcode = 0x7d;
  host.function->faults()->add(fault);
  const auto cqe = host.append(kLba, 1, 3);
  CHECK(cqe.status() == 0);
  CHECK(test::ZonedHost::lbaOf(cqe) == kLba);
}

TEST_CASE("resets and power loss drop held commands") {
  TestDevice device;
  TestHost& host = device.host;
  host.openIo();
  device.faults().add(delayed(30 * kMs, spec::NvmOpcode::Read));
  host.io->submit(host.block(spec::NvmOpcode::Read, 0, 1));
  CHECK(host.io->staysSilent(std::chrono::milliseconds(5)));
  SUBCASE("controller reset") { host.function->write32(spec::reg::kCc, 0); }
  SUBCASE("power loss") {
    host.function->power()->off();
    host.function->power()->on();
  }
  CHECK(host.io->staysSilent(std::chrono::milliseconds(60)));
}

TEST_CASE("deleting the SQ ends its held commands first") {
  TestDevice device;
  TestHost& host = device.host;
  host.openIo();
  device.faults().add(delayed(60'000 * kMs, spec::NvmOpcode::Read));
  host.io->submit(host.block(spec::NvmOpcode::Read, 0, 1));
  CHECK(host.io->staysSilent());
  CHECK(host.deleteQueue(spec::AdminOpcode::DeleteIoSq, 1).status() == 0);
  CHECK(TestHost::plain(host.io->await()) == status::kAbortedSqDeletion);
}

TEST_CASE("of durable writes that did not complete a power loss leaves old or new") {
  unsigned old = 0;
  unsigned fresh = 0;
  for (unsigned round = 0; round < 4; ++round) {
    TestDevice device;
    TestHost& host = device.host;
    host.openIo();
    constexpr std::uint32_t kForceUnitAccess = 1U << 30U;
    for (std::uint64_t i = 0; i < 16; ++i) {
      REQUIRE(host.write(i * 8, 8, 1, kForceUnitAccess).status() == 0);
    }
    device.faults().add(delayed(60'000 * kMs, spec::NvmOpcode::Write));
    host.data.fill(2);
    for (std::uint64_t i = 0; i < 16; ++i) {
      auto write = host.block(spec::NvmOpcode::Write, i * 8, 8);
      write.cdw12 |= kForceUnitAccess;
      host.io->submit(write);
    }
    CHECK(host.io->staysSilent());
    device.faults().clear();
    host.function->power()->off();
    host.function->power()->on();
    host.enable();
    host.openIo();
    for (std::uint64_t i = 0; i < 16; ++i) {
      const int first = host.readFill(i * 8);
      for (std::uint64_t b = 1; b < 8; ++b) REQUIRE(host.readFill(i * 8 + b) == first);
      REQUIRE((first == 1 || first == 2));
      ++(first == 1 ? old : fresh);
    }
  }
  CHECK(old > 0);
  CHECK(fresh > 0);
}

TEST_CASE("a command of an SSD that its host's thermal limits throttle takes longer") {
  TestHost host;
  host.openIo();
  const auto least = [&host](std::uint32_t light, std::uint32_t heavy) {
    REQUIRE(
        host.setFeature(spec::FeatureId::HostControlledThermalManagement, (light << 16U) | heavy)
            .status() == 0);
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 20; ++i) {
      CHECK(host.ioCommand(host.block(spec::NvmOpcode::Read, 0, 1)).status() == 0);
    }
    return (std::chrono::steady_clock::now() - begin) / 20;
  };
  host.function->faults()->setHealth({.temperatureKelvin = 330});
  CHECK(least(320, 340) >= std::chrono::microseconds(50));
  CHECK(least(310, 320) >= std::chrono::microseconds(500));
  CHECK(host.smart().thermalTransitions == std::array<std::uint32_t, 2>{1, 1});
}

TEST_CASE("a late durable write is durable once it completed") {
  TestDevice device;
  TestHost& host = device.host;
  host.openIo();
  device.faults().add(delayed(kMs, spec::NvmOpcode::Write));
  REQUIRE(host.write(8, 8, 5, 1U << 30U).status() == 0);
  host.function->power()->off();
  host.function->power()->on();
  host.enable();
  host.openIo();
  CHECK(host.readFill(8) == 5);
}

TEST_CASE("no more Abort commands are outstanding than Identify allows") {
  TestDevice device;
  TestHost& host = device.host;
  REQUIRE(host.identify(spec::Cns::Controller).status() == 0);
  const unsigned limit = host.data.as<spec::IdentifyController>().acl + 1U;
  auto slow = delayed(60'000 * kMs, spec::NvmOpcode::Read);
  slow.when.opcode = static_cast<std::uint8_t>(spec::AdminOpcode::Abort);
  slow.when.admin = true;
  slow.when.times = limit;
  device.faults().add(slow);
  auto abort = TestHost::sqe(spec::AdminOpcode::Abort);
  for (unsigned i = 0; i < limit; ++i) {
    abort.cid = static_cast<std::uint16_t>(0x200 + i);
    host.admin->submit(abort);
  }
  const auto refused = host.adminCommand(abort);
  CHECK(TestHost::plain(refused) == status::kAbortLimitExceeded);
  CHECK((refused.status() & spec::Status::kDnr) == 0);
}
