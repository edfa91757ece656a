#include "test/support/historian.h"

using namespace doorbell;
using platform::FaultKind;
using spec::AdminOpcode;
using test::formatSqe;
using test::Historian;
using Type = spec::PersistentEventType;
namespace status = spec::status;

namespace {

constexpr std::uint32_t kReplaceAtReset = 1U << 3U;

platform::Fault ofAdmin(FaultKind kind, AdminOpcode opcode) {
  auto fault = test::of(kind, static_cast<std::uint8_t>(opcode));
  fault.when.admin = true;
  return fault;
}

}  // namespace

TEST_CASE("every Firmware Commit is recorded with its status") {
  Historian host;
  CHECK(host.adminCommand(host.commit(kReplaceAtReset | 2)).status() != 0);
  auto event = host.newest().as<spec::FirmwareCommitEvent>();
  CHECK(int{event.statusType} == 1);
  CHECK(int{event.statusCode} == 7);
  CHECK(int{event.slot} == 2);
  host.download("NEW-1");
  CHECK(host.adminCommand(host.commit(kReplaceAtReset | 2)).status() == 0);
  event = host.newest().as<spec::FirmwareCommitEvent>();
  CHECK(int{event.statusCode} == 0);
  CHECK(int{event.action} == 1);
  CHECK(std::string(event.newRevision.data(), 8) == "NEW-1   ");
  host.function->write32(spec::reg::kCc, 0);
  host.enable();
  const auto reset = host.newest().as<spec::PowerOnOrResetEvent>();
  CHECK(int{reset.firmwareActivation} == 1);
  CHECK(std::string(reset.revision.data(), 8) == "NEW-1   ");
}

TEST_CASE("power that fails while an image is written leaves the old one in the slot") {
  Historian host;
  host.download("OLD");
  CHECK(host.adminCommand(host.commit(2)).status() == 0);
  CHECK(host.inSlot2() == "OLD     ");
  host.download("NEW");
  auto fault = ofAdmin(FaultKind::PowerLoss, AdminOpcode::FirmwareCommit);
  std::string expected = "OLD     ";
  SUBCASE("in the middle") { fault.moment = platform::CutMoment::MidProgram; }
  SUBCASE("before") { fault.moment = platform::CutMoment::Before; }
  SUBCASE("after it, before its completion") {
    fault.moment = platform::CutMoment::BeforeCompletion;
    expected = "NEW     ";
  }
  host.inject(fault);
  host.admin->submit(host.commit(2));
  REQUIRE(host.loses());
  host.recover();
  CHECK(host.inSlot2() == expected);
}

TEST_CASE("a fault at a command that takes its time acts when its work is over") {
  Historian host;
  auto fault = ofAdmin(FaultKind::Delay, AdminOpcode::FormatNvm);
  fault.delayNs = 20'000'000;
  host.write(0, 1, 0x55, 1U << 30U);
  SUBCASE("delay") {
    const auto id = host.inject(fault);
    CHECK(host.adminCommand(formatSqe()).status() == 0);
    CHECK(host.fired(id) == 1);
    CHECK(host.newest().type == Type::FormatCompletion);
    CHECK(host.readFill(0) == 0);
  }
  SUBCASE("dropped completion") {
    fault.kind = FaultKind::DropCompletion;
    host.inject(fault);
    host.admin->submit(formatSqe());
    REQUIRE(test::eventually([&] { return host.newest().type == Type::FormatCompletion; }));
    CHECK(host.readFill(0) == 0);
  }
}

TEST_CASE("a sanitize operation ends a Firmware Commit that is under way") {
  Historian host;
  host.download("NEW");
  auto commit = host.commit(2);
  commit.cid = 0x700;
  host.admin->submit(commit);
  auto sanitize = Historian::sqe(AdminOpcode::Sanitize);
  sanitize.cdw10 = 2;
  sanitize.cid = 0x701;
  host.admin->submit(sanitize);
  auto first = host.admin->await();
  auto second = host.admin->await();
  if (first.cid == 0x701) std::swap(first, second);
  CHECK(test::TestHost::plain(first) == status::kSanitizeInProgress);
  CHECK(second.status() == 0);
  CHECK(test::eventually(
      [&] { return host.logPage(spec::LogPageId::FirmwareSlot, 512).status() == 0; }));
  CHECK(host.inSlot2().empty());
}
