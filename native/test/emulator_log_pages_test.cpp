#include <doctest/doctest.h>

#include "test/support/test_host.h"

using namespace doorbell;
using spec::LogPageId;
using test::TestHost;
namespace status = spec::status;

TEST_CASE("the supported pages are those that answer") {
  TestHost host;
  REQUIRE(host.logPage(LogPageId::SupportedLogPages, 1024).status() == 0);
  const auto pages = host.data.as<spec::SupportedLogPagesLog>();
  for (std::uint32_t id = 0; id < 256; ++id) {
    CAPTURE(id);
    const auto cqe = host.logPage(static_cast<LogPageId>(id), 512);
    CHECK((pages[id] & 1) == (TestHost::plain(cqe) == status::kInvalidLogPage ? 0U : 1U));
  }
}

TEST_CASE("an error leaves an entry that names its command, field and status") {
  TestHost host;
  host.openIo();
  auto sqe = host.block(spec::NvmOpcode::Read, 131072, 1);
  sqe.cid = 0x1234;
  host.io->submit(sqe);
  const auto cqe = host.io->await();
  CHECK((cqe.status() & spec::Status::kMore) != 0);
  REQUIRE(host.logPage(LogPageId::ErrorInformation, 128).status() == 0);
  const auto entry = host.data.as<spec::ErrorLogEntry>();
  CHECK(entry.errorCount == 1);
  CHECK(entry.sqId == 1);
  CHECK(entry.cid == 0x1234);
  CHECK((entry.statusPhase >> 1U) == cqe.status());
  CHECK(entry.parameterErrorLocation == 40);
  CHECK(entry.lba == 131072);
  CHECK(entry.nsid == 1);
  CHECK(entry.opcode == 0x02);
  CHECK(entry.logPageVersion == 1);
  CHECK(host.data.as<spec::ErrorLogEntry>(64).errorCount == 0);
}

TEST_CASE("the newest 64 errors are kept, newest first; a reset clears them but not the count") {
  TestHost host;
  host.openIo();
  for (int i = 0; i < 70; ++i) host.ioCommand(host.block(spec::NvmOpcode::Read, 1U << 20U, 1));
  host.logPage(LogPageId::ErrorInformation, 64 * 64);
  CHECK(host.data.as<spec::ErrorLogEntry>(0).errorCount == 70);
  CHECK(host.data.as<spec::ErrorLogEntry>(63 * 64).errorCount == 7);
  host.function->write32(spec::reg::kCc, 0);
  host.enable();
  host.logPage(LogPageId::ErrorInformation, 64);
  CHECK(host.data.as<spec::ErrorLogEntry>(0).errorCount == 0);
  CHECK(host.smart().errorLogEntries.low == 70);
}

TEST_CASE("SMART counts what the host does") {
  TestHost host;
  host.openIo();
  const auto before = host.smart();
  CHECK(before.powerCycles.low == 1);
  CHECK(before.unsafeShutdowns.low == 0);
  CHECK(before.availableSpare == 100);
  for (int i = 0; i < 126; ++i) {
    host.write(0, 8, 1);
    host.ioCommand(host.block(spec::NvmOpcode::Read, 0, 8));
  }
  host.data.fill(1);
  host.ioCommand(host.block(spec::NvmOpcode::Compare, 0, 1));
  const auto after = host.smart();
  CHECK(after.hostWriteCommands.low == 126);
  CHECK(after.hostReadCommands.low == 127);
  CHECK(after.dataUnitsWritten.low == 2);  // 1008 units of 512 bytes, in thousands, rounded up
  CHECK(after.dataUnitsRead.low == 2);
}

TEST_CASE("firmware, effects and feature pages say what there is") {
  TestHost host;
  REQUIRE(host.logPage(LogPageId::FirmwareSlot, 512).status() == 0);
  const auto slots = host.data.as<spec::FirmwareSlotLog>();
  CHECK(slots.activeFirmware == 1);
  host.identify(spec::Cns::Controller);
  CHECK(slots.revisions[0] == host.data.as<spec::IdentifyController>().fr);
  REQUIRE(host.logPage(LogPageId::CommandsSupported, 4096).status() == 0);
  const auto effects = host.data.as<spec::CommandEffectsLog>();
  CHECK((effects.admin[0x06] & 1) == 1);
  CHECK((effects.admin[0x80] & 1) == 1);
  CHECK((effects.admin[0x7c] & 1) == 0);
  CHECK((effects.io[0x01] & 3) == 3);
  REQUIRE(host.logPage(LogPageId::FeaturesSupported, 1024).status() == 0);
  const auto features = host.data.as<spec::FeaturesSupportedLog>();
  for (std::uint32_t id = 0; id < 256; ++id) {
    CAPTURE(id);
    const std::uint32_t nsid = (features[id] & spec::Effects::kScopeNamespace) != 0 ? 1 : 0;
    const bool answers =
        host.getFeature(static_cast<spec::FeatureId>(id), 0, 0, nsid).status() == 0;
    CHECK((features[id] & 1) == (answers ? 1U : 0U));
  }
}

TEST_CASE("offset and length choose a part, and nothing beyond is written") {
  TestHost host;
  host.logPage(LogPageId::SmartHealth, 512);
  const auto whole = host.data.as<std::array<std::uint8_t, 512>>();
  host.data.fill(0xee);
  REQUIRE(host.logPage(LogPageId::SmartHealth, 16, 112).status() == 0);
  CHECK(host.data.as<std::uint64_t>() == 1);  // power cycles
  CHECK(host.data.as<std::uint8_t>(16) == 0xee);
  REQUIRE(host.logPage(LogPageId::SmartHealth, 64, 500).status() == 0);
  CHECK(host.data.as<std::uint8_t>(0) == whole[500]);
  CHECK(host.data.as<std::uint8_t>(63) == 0);
  CHECK(host.data.as<std::uint8_t>(64) == 0xee);
}

TEST_CASE("bad offsets, namespaces and lengths are refused") {
  TestHost host;
  CHECK(TestHost::plain(host.logPage(LogPageId::SmartHealth, 16, 2)) == status::kInvalidField);
  CHECK(host.logPage(LogPageId::SmartHealth, 16, 512).status() == 0);
  CHECK(TestHost::plain(host.logPage(LogPageId::SmartHealth, 16, 516)) == status::kInvalidField);
  CHECK(TestHost::plain(host.logPage(LogPageId::SmartHealth, 16, std::uint64_t{1} << 40U)) ==
        status::kInvalidField);
  CHECK(TestHost::plain(host.logPage(LogPageId::SmartHealth, (2U << 20U) + 4)) ==
        status::kInvalidField);
  auto sqe = TestHost::sqe(spec::AdminOpcode::GetLogPage);
  sqe.prp1 = host.data.bus();
  sqe.cdw10 = 2 | (3U << 16U);
  sqe.nsid = 1;
  CHECK(TestHost::plain(host.adminCommand(sqe)) == status::kInvalidField);
  sqe.nsid = 0;
  CHECK(host.adminCommand(sqe).status() == 0);
  sqe.cdw14 = 1U << 23U;
  CHECK(TestHost::plain(host.adminCommand(sqe)) == status::kInvalidField);
}
