#include <doctest/doctest.h>

#include "emulator/faults/fault_plan.h"
#include "spec/opcode.h"
#include "test/support/rig.h"

using namespace doorbell;
using emulator::FaultPlan;
using platform::CutMoment;
using platform::Fault;
using platform::FaultKind;

namespace {

constexpr std::uint8_t kRead = 0x02;
constexpr std::uint8_t kWrite = 0x01;

Fault failing(const platform::FaultTrigger& when = {}) {
  return {.kind = FaultKind::Status, .when = when, .status = spec::status::kInternalError};
}

std::string refusal(const Fault& fault) {
  FaultPlan plan;
  CHECK(test::codeOf([&] { plan.add(fault); }) == "BAD_FAULT");
  CHECK_FALSE(plan.armed());
  return test::messageOf([&] { plan.add(fault); });
}

}  // namespace

TEST_CASE("a plan is armed as long as it has faults") {
  FaultPlan plan;
  CHECK_FALSE(plan.armed());
  const auto first = plan.add(failing());
  const auto second = plan.add(failing());
  CHECK(plan.armed());
  CHECK(plan.list().size() == 2);
  CHECK(plan.remove(first));
  CHECK_FALSE(plan.remove(first));
  CHECK(plan.armed());
  CHECK(plan.find(second));
  plan.clear();
  CHECK_FALSE(plan.armed());
  CHECK_FALSE(plan.find(second));
}

TEST_CASE("a fault acts on the nth matching command and on as many as it says") {
  FaultPlan plan;
  const auto id = plan.add(failing({.opcode = kRead, .nth = 2, .times = 2}));
  std::string acted;
  for (int i = 0; i < 5; ++i) {
    acted += plan.take(1, test::readSqe()).status ? '1' : '0';
    CHECK_FALSE(plan.take(1, test::writeSqe()).any);
  }
  CHECK(acted == "01100");
  CHECK(plan.find(id)->matched == 5);
  CHECK(plan.find(id)->fired == 2);
}

TEST_CASE("a fault with times 0 acts on every command from the nth on") {
  FaultPlan plan;
  const auto id = plan.add(failing({.nth = 3, .times = 0}));
  for (int i = 0; i < 10; ++i) CHECK(plan.take(0, spec::Sqe{}).any == (i >= 2));
  CHECK(plan.find(id)->fired == 8);
}

TEST_CASE("what a trigger names must match") {
  const auto acts = [](const platform::FaultTrigger& when, std::uint16_t qid,
                       const spec::Sqe& sqe) {
    FaultPlan plan;
    plan.add(failing(when));
    return plan.take(qid, sqe).any;
  };
  CHECK(acts({.admin = true}, 0, test::readSqe()));
  CHECK_FALSE(acts({.admin = true}, 1, test::readSqe()));
  CHECK_FALSE(acts({.admin = false}, 0, test::readSqe()));
  CHECK(acts({.qid = std::uint16_t{3}}, 3, test::readSqe()));
  CHECK_FALSE(acts({.qid = std::uint16_t{3}}, 2, test::readSqe()));
  CHECK_FALSE(acts({.opcode = kWrite}, 1, test::readSqe()));
  CHECK_FALSE(acts({.nsid = 2}, 1, test::readSqe()));
  CHECK(acts({.nsid = 1}, 1, test::readSqe()));
}

TEST_CASE("blocks match where the command touches them") {
  const auto acts = [](const spec::Sqe& sqe) {
    FaultPlan plan;
    plan.add(failing({.firstLba = 100, .lastLba = 107}));
    return plan.take(1, sqe).any;
  };
  CHECK(acts(test::readSqe(100, 1)));
  CHECK(acts(test::readSqe(107, 8)));
  CHECK(acts(test::writeSqe(93, 8)));
  CHECK_FALSE(acts(test::writeSqe(92, 8)));
  CHECK_FALSE(acts(test::readSqe(108, 8)));
  spec::Sqe flush = test::readSqe(100, 1);
  flush.opcode = 0;
  CHECK_FALSE(acts(flush));
}

TEST_CASE("a media error names the first bad block that is read") {
  FaultPlan plan;
  plan.add({.kind = FaultKind::MediaError, .when = {.firstLba = 10, .lastLba = 20, .times = 0}});
  CHECK(*plan.take(1, test::readSqe(0, 16)).badLba == 10);
  CHECK(*plan.take(1, test::readSqe(15, 1)).badLba == 15);
  CHECK_FALSE(plan.take(1, test::writeSqe(15, 1)).any);
  CHECK_FALSE(plan.take(0, test::readSqe(15, 1)).any);
}

TEST_CASE("several faults act together on one command") {
  FaultPlan plan;
  plan.add({.kind = FaultKind::Delay, .delayNs = 5});
  plan.add({.kind = FaultKind::Delay, .delayNs = 7});
  plan.add({.kind = FaultKind::WrongCid, .value = 0x1234});
  plan.add({.kind = FaultKind::DuplicateCompletion});
  const auto effects = plan.take(1, test::readSqe());
  CHECK(effects.delayNs == 12);
  CHECK(*effects.completion.cid == 0x1234);
  CHECK(effects.completion.duplicate);
  CHECK_FALSE(effects.completion.drop);
}

TEST_CASE("a description that cannot work is refused, saying why") {
  CHECK(refusal({.kind = FaultKind::Status}).find("Successful") != std::string::npos);
  CHECK(refusal(failing({.nth = 0})).find("nth") != std::string::npos);
  CHECK(refusal(failing({.qid = std::uint16_t{65}})).find("64") != std::string::npos);
  CHECK(refusal(failing({.admin = true, .qid = std::uint16_t{1}})).find("differ") !=
        std::string::npos);
  CHECK(refusal(failing({.firstLba = 1})).find("last") != std::string::npos);
  CHECK(refusal(failing({.firstLba = 2, .lastLba = 1})).find("ends before") != std::string::npos);
  CHECK(refusal(failing({.admin = true, .firstLba = 1, .lastLba = 1})).find("admin") !=
        std::string::npos);
  CHECK(refusal(failing({.opcode = std::uint8_t{9}, .firstLba = 1, .lastLba = 1})).find("SLBA") !=
        std::string::npos);
  CHECK(refusal({.kind = FaultKind::MediaError}).find("when.lba") != std::string::npos);
  CHECK(refusal({.kind = FaultKind::CorruptData}).find("opcode") != std::string::npos);
  CHECK(refusal({.kind = FaultKind::CorruptData, .when = {.opcode = kRead}, .mask = 0})
            .find("mask") != std::string::npos);
  CHECK(refusal({.kind = FaultKind::Delay}).find("delay") != std::string::npos);
  CHECK(refusal({.kind = FaultKind::WrongCid, .value = 0x10000}).find("16 bits") !=
        std::string::npos);
  CHECK(refusal({.kind = FaultKind::UnexpectedQueue, .value = 65}).find("64") != std::string::npos);
  CHECK(refusal({.kind = FaultKind::PowerLoss,
                 .when = {.opcode = kRead},
                 .moment = CutMoment::BetweenBlocks,
                 .blocks = 1})
            .find("opcode") != std::string::npos);
  CHECK(refusal({.kind = FaultKind::PowerLoss,
                 .when = {.opcode = kWrite},
                 .moment = CutMoment::BetweenBlocks})
            .find("at least one") != std::string::npos);
}
