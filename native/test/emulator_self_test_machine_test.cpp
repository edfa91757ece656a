#include <doctest/doctest.h>

#include "emulator/admin/self_test_machine.h"

using namespace doorbell;
using emulator::SelfTestMachine;
using emulator::SelfTestRecord;
using spec::SelfTestCode;
using spec::SelfTestOutcome;
namespace status = spec::status;

namespace {

constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kHours = 12;

struct Rig {
  SelfTestRecord record;
  SelfTestMachine machine{record};
  std::uint64_t now = 50 * kMs;

  void start(SelfTestCode code, std::uint32_t nsid = 1) { machine.start(code, nsid, now); }
  bool run(std::uint64_t ms) {
    now += ms * kMs;
    return machine.advance(now);
  }
  spec::Status refusal(std::uint32_t cdw10) const {
    return {static_cast<std::uint16_t>(machine.check(cdw10).status.raw & 0x7ffU)};
  }
  spec::SelfTestResult result(std::size_t index = 0) const {
    return machine.log().results.at(index);
  }
};

}  // namespace

TEST_CASE("a log without results says that its entries are empty") {
  const Rig rig;
  CHECK(rig.machine.log().operation == 0);
  for (const auto& result : rig.machine.log().results) CHECK(int{result.status} == 0x0f);
}

TEST_CASE("a self-test runs in the background, tells its percentage and leaves a result") {
  Rig rig;
  SelfTestCode code{};
  std::uint64_t ms = 0;
  SUBCASE("short") { code = SelfTestCode::Short, ms = 300; }
  SUBCASE("extended") { code = SelfTestCode::Extended, ms = 1000; }
  rig.start(code);
  CHECK(rig.machine.log().operation == static_cast<std::uint8_t>(code));
  CHECK_FALSE(rig.run(ms / 2));
  CHECK(rig.machine.log().completion == 50);
  CHECK(rig.run(ms / 2));
  CHECK(rig.machine.log().operation == static_cast<std::uint8_t>(code));
  rig.machine.finish(std::nullopt, kHours);
  CHECK(rig.machine.log().operation == 0);
  const auto result = rig.result();
  CHECK(int{result.status} == static_cast<int>(code) << 4);
  CHECK(std::uint64_t{result.powerOnHours} == kHours);
  CHECK(int{result.valid} == 0);
  CHECK_FALSE(rig.machine.nextDue().has_value());
}

TEST_CASE("only one self-test runs at a time, and reserved codes are refused") {
  Rig rig;
  for (const std::uint32_t code : {0U, 3U, 0xdU, 0xeU}) {
    CHECK(rig.refusal(code) == status::kInvalidField);
  }
  CHECK(rig.refusal(1).ok());
  rig.start(SelfTestCode::Short);
  CHECK(rig.refusal(1) == status::kSelfTestInProgress);
  CHECK(rig.refusal(2) == status::kSelfTestInProgress);
  CHECK((rig.machine.check(1).status.raw & spec::Status::kDnr) == 0);
  CHECK(rig.refusal(0xf).ok());
}

TEST_CASE("aborting leaves a result, and nothing when nothing runs") {
  Rig rig;
  rig.machine.abort(SelfTestOutcome::AbortedByCommand, kHours);
  CHECK(int{rig.result().status} == 0x0f);
  rig.start(SelfTestCode::Extended);
  rig.machine.abort(SelfTestOutcome::AbortedByCommand, kHours);
  CHECK(int{rig.result().status} == 0x21);
  CHECK_FALSE(rig.machine.inProgress());
}

TEST_CASE("a reset ends a short self-test; an extended one goes on, also without power") {
  Rig rig;
  rig.start(SelfTestCode::Short);
  rig.machine.reset(kHours);
  CHECK(int{rig.result().status} == 0x12);
  rig.start(SelfTestCode::Extended);
  rig.run(400);
  rig.machine.reset(kHours);
  CHECK(rig.machine.inProgress());
  SelfTestRecord kept = rig.record;
  SelfTestMachine after(kept);
  after.resume(3 * kMs);
  CHECK(after.log().completion == 40);
  CHECK_FALSE(after.advance(3 * kMs + 590 * kMs));
  CHECK(after.advance(3 * kMs + 600 * kMs));
}

TEST_CASE("a finding names the segment, and the block when it is about one") {
  Rig rig;
  rig.start(SelfTestCode::Short);
  rig.machine.finish(SelfTestMachine::Finding{.segment = 2, .nsid = 0, .lba = 0, .status = {}},
                     kHours);
  CHECK(int{rig.result().status} == 0x17);
  CHECK(int{rig.result().segment} == 2);
  CHECK(int{rig.result().valid} == 0);
  rig.start(SelfTestCode::Short);
  rig.machine.finish(SelfTestMachine::Finding{7, 3, 0x1234, status::kUnrecoveredReadError}, kHours);
  CHECK(int{rig.result().valid} == 0x0f);
  CHECK(std::uint32_t{rig.result().nsid} == 3);
  CHECK(std::uint64_t{rig.result().failingLba} == 0x1234);
  CHECK(int{rig.result().statusType} == 2);
  CHECK(int{rig.result().statusCode} == 0x81);
}

TEST_CASE("the newest of twenty results comes first") {
  Rig rig;
  for (std::uint64_t i = 0; i < 25; ++i) {
    rig.start(i % 2 == 0 ? SelfTestCode::Short : SelfTestCode::Extended);
    rig.machine.abort(SelfTestOutcome::AbortedByFormat, i);
  }
  CHECK(std::uint64_t{rig.result(0).powerOnHours} == 24);
  CHECK(int{rig.result(0).status} == 0x14);
  CHECK(std::uint64_t{rig.result(19).powerOnHours} == 5);
}
