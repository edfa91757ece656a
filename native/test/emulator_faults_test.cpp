// Injected faults, as a host sees them.
#include <doctest/doctest.h>

#include "test/support/faulty_host.h"

using namespace doorbell;
using platform::CutMoment;
using platform::Fault;
using platform::FaultKind;
using spec::NvmOpcode;
using test::FaultyHost;
using test::kRead;
using test::kWrite;
using test::of;
using test::TestHost;
namespace status = spec::status;

TEST_CASE("a command fails with the chosen status and is not executed") {
  FaultyHost host;
  REQUIRE(host.write(0, 1, 1).status() == 0);
  auto fault = of(FaultKind::Status, kWrite);
  fault.status = status::kWriteFault.withMore().withDnr();
  const auto id = host.inject(fault);
  const auto errors = host.smart().errorLogEntries.low;
  const auto cqe = host.write(0, 1, 2);
  CHECK(cqe.status() == fault.status.raw);
  CHECK(host.fired(id) == 1);
  CHECK(host.readFill(0) == 1);
  CHECK(host.smart().errorLogEntries.low == errors + 1);
  CHECK(host.write(0, 1, 2).status() == 0);
}

TEST_CASE("a chosen status without More leaves no error log entry") {
  FaultyHost host;
  auto fault = of(FaultKind::Status);
  fault.status = status::kCommandInterrupted;
  host.inject(fault);
  CHECK(host.read(0).status() == status::kCommandInterrupted.raw);
  CHECK(host.smart().errorLogEntries.low == 0);
}

TEST_CASE("admin commands fail as well") {
  FaultyHost host;
  Fault fault;
  fault.when.opcode = static_cast<std::uint8_t>(spec::AdminOpcode::Identify);
  fault.when.admin = true;
  fault.status = status::kInternalError;
  host.inject(fault);
  CHECK(TestHost::plain(host.identify(spec::Cns::Controller)) == status::kInternalError);
  CHECK(host.identify(spec::Cns::Controller).status() == 0);
}

TEST_CASE("a media error names its block until it is removed") {
  FaultyHost host;
  auto fault = of(FaultKind::MediaError);
  fault.when = {.firstLba = 5, .lastLba = 6, .times = 0};
  const auto id = host.inject(fault);
  CHECK(TestHost::plain(host.read(0, 8)) == status::kUnrecoveredReadError);
  host.logPage(spec::LogPageId::ErrorInformation, 64);
  CHECK(host.data.as<spec::ErrorLogEntry>().lba == 5);
  CHECK(host.smart().mediaErrors.low == 1);
  CHECK(host.write(5, 1, 1).status() == 0);
  CHECK(TestHost::plain(host.read(6)) == status::kUnrecoveredReadError);
  CHECK(host.read(7).status() == 0);
  CHECK(host.faults().remove(id));
  CHECK(host.readFill(5) == 1);
}

TEST_CASE("data is corrupted on its way to the host, the medium keeps it") {
  FaultyHost host;
  REQUIRE(host.write(0, 8, 7).status() == 0);
  auto fault = of(FaultKind::CorruptData);
  fault.offset = 1000;
  fault.mask = 0x80;
  host.inject(fault);
  CHECK(host.read(0, 8).status() == 0);
  CHECK(host.data.as<std::uint8_t>(999) == 7);
  CHECK(host.data.as<std::uint8_t>(1000) == (7 ^ 0x80));
  CHECK(host.data.as<std::uint8_t>(1001) == 7);
  CHECK(host.readFill(1) == 7);
}

TEST_CASE("data is corrupted on its way to the medium") {
  FaultyHost host;
  auto fault = of(FaultKind::CorruptData, kWrite);
  fault.offset = 4100;
  host.inject(fault);
  CHECK(host.write(4, 16, 7).status() == 0);
  CHECK(host.read(12).status() == 0);
  CHECK(host.data.as<std::uint8_t>(4) == (7 ^ 0xff));
  CHECK(host.readFill(11) == 7);
}

TEST_CASE("a completion is dropped, its command was executed") {
  FaultyHost host;
  host.inject(of(FaultKind::DropCompletion, kWrite));
  host.data.fill(9);
  host.io->submit(host.block(NvmOpcode::Write, 3, 1));
  CHECK(host.io->staysSilent());
  CHECK(host.readFill(3) == 9);
}

TEST_CASE("a completion says what it should not") {
  FaultyHost host;
  auto fault = of(FaultKind::WrongCid);
  fault.value = 0xabcd;
  spec::Cqe expected;
  expected.cid = 77;
  expected.sqId = 1;
  expected.sqHead = 1;
  SUBCASE("another CID") { expected.cid = 0xabcd; }
  SUBCASE("another SQ identifier") {
    fault.kind = FaultKind::WrongSqId;
    expected.sqId = 0xabcd;
  }
  SUBCASE("an SQ head that is out of range") {
    fault.kind = FaultKind::SqHeadOutOfRange;
    expected.sqHead = 64;
  }
  host.inject(fault);
  host.submitRead(77);
  const auto cqe = host.io->await();
  CHECK(cqe.cid == expected.cid);
  CHECK(cqe.sqId == expected.sqId);
  CHECK(cqe.sqHead == expected.sqHead);
  CHECK(cqe.status() == 0);
  host.submitRead(78);
  CHECK(host.io->await().cid == 78);
}

TEST_CASE("a command completes twice") {
  FaultyHost host;
  host.inject(of(FaultKind::DuplicateCompletion));
  host.submitRead(5);
  CHECK(host.io->await().cid == 5);
  CHECK(host.io->await().cid == 5);
  CHECK(host.io->staysSilent());
}

TEST_CASE("a completion without its phase toggle is not seen, although it is there") {
  FaultyHost host;
  host.inject(of(FaultKind::StalePhase));
  host.submitRead(5);
  CHECK(host.io->staysSilent());
}

TEST_CASE("a completion comes in another queue") {
  FaultyHost host;
  const auto other = host.makeQueue(2, 8);
  auto fault = of(FaultKind::UnexpectedQueue);
  fault.value = 2;
  host.inject(fault);
  host.submitRead(5);
  const auto cqe = other->await();
  CHECK(cqe.cid == 5);
  CHECK(cqe.sqId == 1);
  CHECK(host.io->staysSilent());
}

TEST_CASE("the controller fails fatally at a command, and recovers by a reset") {
  FaultyHost host;
  SUBCASE("at a command") {
    host.inject(of(FaultKind::ControllerFatal));
    host.submitRead(1);
  }
  SUBCASE("out of nothing") { host.faults().failController(); }
  CHECK(test::eventually([&] { return host.csts().cfs(); }));
  CHECK(host.io->staysSilent());
  host.function->write32(spec::reg::kCc, 0);
  CHECK_FALSE(host.csts().cfs());
  host.enable();
  host.openIo();
  CHECK(host.read(0).status() == 0);
}

TEST_CASE("the device is gone, says so, and comes back when it is plugged in") {
  FaultyHost host;
  std::atomic<int> removed{0};
  host.function->onLoss(
      [&](platform::LossReason reason) { removed += reason == platform::LossReason::Removed; });
  SUBCASE("at a command") {
    host.inject(of(FaultKind::Removal));
    host.submitRead(1);
  }
  SUBCASE("out of nothing") { host.faults().removeDevice(); }
  CHECK(host.loses());
  CHECK(test::eventually([&] { return removed == 1; }));
  CHECK(host.function->read32(spec::reg::kCsts) == 0xffffffff);
  host.recover();
  CHECK(host.smart().unsafeShutdowns.low == 1);
  host.function->onLoss(nullptr);
}

TEST_CASE("the supply fails at a command") {
  constexpr std::uint32_t kForceUnitAccess = 1U << 30U;
  FaultyHost host;
  for (const std::uint64_t slba : {0, 16}) {
    REQUIRE(host.write(slba, 16, 1, kForceUnitAccess).status() == 0);
  }
  auto fault = of(FaultKind::PowerLoss, kWrite);
  fault.when.nth = 2;
  const auto cutAt = [&](CutMoment moment, std::uint32_t blocks) {
    fault.moment = moment;
    fault.blocks = blocks;
    host.inject(fault);
    REQUIRE(host.write(64, 1, 9, kForceUnitAccess).status() == 0);
    host.data.fill(2);
    auto write = host.block(NvmOpcode::Write, 0, 16);
    write.cdw12 |= kForceUnitAccess;
    host.io->submit(write);
    REQUIRE(host.loses());
    CHECK(host.io->staysSilent(std::chrono::milliseconds(1)));
    host.recover();
    std::string found;
    for (std::uint64_t lba = 0; lba < 18; ++lba) found += std::to_string(host.readFill(lba));
    CHECK(host.readFill(64) == 9);
    return found;
  };
  SUBCASE("before it") { CHECK(cutAt(CutMoment::Before, 0) == "111111111111111111"); }
  SUBCASE("between two of its blocks") {
    CHECK(cutAt(CutMoment::BetweenBlocks, 8) == "222222221111111111");
  }
  SUBCASE("after its data, before its completion") {
    CHECK(cutAt(CutMoment::BeforeCompletion, 0) == "222222222222222211");
  }
}

TEST_CASE("the supply fails in the middle of a program: pages are old or new") {
  unsigned old = 0;
  unsigned fresh = 0;
  for (int round = 0; round < 8; ++round) {
    FaultyHost host("size=64M&seed=" + std::to_string(round));
    REQUIRE(host.write(0, 16, 1, 1U << 30U).status() == 0);
    auto fault = of(FaultKind::PowerLoss, kWrite);
    fault.moment = CutMoment::MidProgram;
    host.inject(fault);
    host.data.fill(2);
    const auto write = host.block(NvmOpcode::Write, 0, 16);
    host.io->submit(write);
    REQUIRE(host.loses());
    host.recover();
    for (std::uint64_t lba = 0; lba < 16; ++lba) {
      const int found = host.readFill(lba);
      REQUIRE((found == 1 || found == 2));
      ++(found == 1 ? old : fresh);
    }
  }
  CHECK(old > 0);
  CHECK(fresh > 0);
}

TEST_CASE("clearing forgets faults and what sensors were made to say") {
  FaultyHost host;
  auto fault = of(FaultKind::Status);
  fault.status = status::kInternalError;
  const auto id = host.inject(fault);
  host.faults().setHealth({.temperatureKelvin = 400, .availableSpare = 5});
  auto smart = host.smart();
  CHECK(smart.compositeTemperature[0] + 256 * smart.compositeTemperature[1] == 400);
  CHECK(smart.availableSpare == 5);
  CHECK((smart.criticalWarning & 3) == 3);
  host.faults().clear();
  smart = host.smart();
  CHECK(smart.criticalWarning == 0);
  CHECK(smart.availableSpare == 100);
  CHECK_FALSE(host.faults().find(id));
  CHECK(host.read(0).status() == 0);
}
