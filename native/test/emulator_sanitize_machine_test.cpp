#include <doctest/doctest.h>

#include "emulator/admin/sanitize_machine.h"

using namespace doorbell;
using emulator::SanitizeMachine;
using emulator::SanitizeRecord;
using spec::SanitizeOption;
using spec::SanitizeState;
namespace status = spec::status;

namespace {

constexpr std::uint32_t kExit = 1;
constexpr std::uint32_t kBlockErase = 2;
constexpr std::uint32_t kOverwrite = 3;
constexpr std::uint32_t kCryptoErase = 4;
constexpr std::uint64_t kMs = 1'000'000;

struct Rig {
  SanitizeRecord record;
  SanitizeMachine machine{record};
  std::uint64_t now = 1000 * kMs;

  SanitizeMachine::Step run(std::uint64_t ms) {
    now += ms * kMs;
    return machine.advance(now, 7);
  }
  spec::Status refusal(std::uint32_t cdw10, bool allowDeallocate = false) const {
    return {static_cast<std::uint16_t>(machine.check(cdw10, allowDeallocate).status.raw & 0x7ffU)};
  }
  SanitizeState state() const { return static_cast<SanitizeState>(machine.log(7).status & 7U); }
  void fail(std::uint32_t cdw10) {
    machine.accept(cdw10, 0, now);
    machine.failNext();
    run(20);
  }
};

}  // namespace

TEST_CASE("a sanitize operation runs in the background to its end, and says how far it is") {
  Rig rig;
  CHECK(rig.state() == SanitizeState::NeverStarted);
  CHECK(rig.machine.log(7).progress == 0xffff);
  CHECK(rig.refusal(kBlockErase).ok());
  CHECK(rig.machine.accept(kBlockErase, 0, rig.now));
  CHECK(rig.machine.inProgress());
  CHECK(rig.machine.log(7).progress == 0);
  CHECK(rig.machine.nextDue() == rig.now + 10 * kMs);
  const auto half = rig.run(150);
  CHECK(half.from == 0);
  CHECK(half.to == 32768);
  CHECK_FALSE(half.ended);
  CHECK(rig.machine.log(7).progress == 32768);
  const auto rest = rig.run(150);
  CHECK(rest.from == 32768);
  CHECK(rest.to == 65536);
  CHECK(rest.ended);
  CHECK(rig.state() == SanitizeState::Completed);
  CHECK(rig.machine.log(7).progress == 0xffff);
  CHECK(rig.machine.log(7).cdw10 == kBlockErase);
  CHECK_FALSE(rig.machine.nextDue().has_value());
}

TEST_CASE("actions that do not exist are refused") {
  Rig rig;
  for (const std::uint32_t action : {0U, 5U, 6U, 7U}) {
    CHECK(rig.refusal(action) == status::kInvalidField);
  }
}

TEST_CASE("a second Sanitize command while one runs is refused, and may be retried") {
  Rig rig;
  rig.machine.accept(kCryptoErase, 0, rig.now);
  for (const std::uint32_t action : {kExit, kBlockErase, kOverwrite, kCryptoErase}) {
    CHECK(rig.refusal(action) == status::kSanitizeInProgress);
    CHECK((rig.machine.check(action, false).status.raw & spec::Status::kDnr) == 0);
  }
}

TEST_CASE("Exit Failure Mode without a failure does nothing") {
  Rig rig;
  CHECK(rig.refusal(kExit).ok());
  CHECK_FALSE(rig.machine.accept(kExit, 0, rig.now));
  CHECK(rig.state() == SanitizeState::NeverStarted);
}

TEST_CASE("a restricted failure is left only by a restricted sanitize operation") {
  Rig rig;
  rig.fail(kBlockErase);
  CHECK(rig.machine.failed());
  CHECK(rig.state() == SanitizeState::Failed);
  CHECK(rig.refusal(kExit) == status::kSanitizeFailed);
  CHECK(rig.refusal(kBlockErase | SanitizeOption::kUnrestrictedExit) == status::kSanitizeFailed);
  CHECK(rig.refusal(kCryptoErase).ok());
  rig.machine.accept(kCryptoErase, 0, rig.now);
  CHECK(rig.run(200).ended);
  CHECK(rig.state() == SanitizeState::Completed);
  CHECK_FALSE(rig.machine.failed());
}

TEST_CASE("an unrestricted failure is left by Exit Failure Mode, and the log still tells of it") {
  Rig rig;
  rig.fail(kBlockErase | SanitizeOption::kUnrestrictedExit);
  CHECK(rig.machine.failed());
  CHECK(rig.refusal(kBlockErase | SanitizeOption::kUnrestrictedExit).ok());
  CHECK(rig.refusal(kExit).ok());
  CHECK_FALSE(rig.machine.accept(kExit, 0, rig.now));
  CHECK_FALSE(rig.machine.failed());
  CHECK(rig.state() == SanitizeState::Failed);
}

TEST_CASE("No-Deallocate is refused, or warned of, as Sanitize Config says") {
  Rig rig;
  const std::uint32_t keep = kBlockErase | SanitizeOption::kNoDeallocate;
  CHECK(rig.refusal(keep, false) == status::kInvalidField);
  CHECK(rig.refusal(keep, true).ok());
  CHECK(rig.refusal(kExit | SanitizeOption::kNoDeallocate, false).ok());
  rig.machine.accept(keep, 0, rig.now);
  CHECK(rig.run(300).ended);
  CHECK(rig.state() == SanitizeState::CompletedUnexpectedDeallocate);
  CHECK(rig.machine.deallocatedUnexpectedly());
}

TEST_CASE("completed overwrite passes are counted, 0 asking for 16") {
  Rig rig;
  const auto passes = [&] { return (rig.machine.log(7).status >> 3U) & 0x1fU; };
  rig.machine.accept(kOverwrite | (4U << 4U), 0x12345678, rig.now);
  CHECK(passes() == 0);
  rig.run(210);
  CHECK(passes() == 2);
  rig.run(190);
  CHECK(passes() == 4);
  rig.machine.accept(kOverwrite, 0, rig.now);
  rig.run(400);
  CHECK(passes() == 16);
  rig.machine.accept(kBlockErase | (4U << 4U), 0, rig.now);
  rig.run(300);
  CHECK(passes() == 0);
}

TEST_CASE("what a power loss interrupted goes on where it was") {
  Rig rig;
  rig.machine.accept(kBlockErase, 0, rig.now);
  rig.run(150);
  SanitizeRecord kept = rig.record;
  SanitizeMachine after(kept);
  CHECK(after.inProgress());
  const std::uint64_t later = 5 * kMs;  // the clock of another run
  after.resume(later);
  CHECK(after.advance(later + 140 * kMs, 7).ended == false);
  CHECK(after.advance(later + 150 * kMs, 7).ended);
}

TEST_CASE("Global Data Erased holds until the first write after the operation") {
  Rig rig;
  constexpr auto kErased = spec::SanitizeStatusLog::kGlobalDataErased;
  CHECK((rig.machine.log(0).status & kErased) != 0);
  CHECK((rig.machine.log(1).status & kErased) == 0);
  rig.machine.accept(kBlockErase, 0, rig.now);
  CHECK((rig.machine.log(7).status & kErased) == 0);
  rig.run(300);
  CHECK((rig.machine.log(7).status & kErased) != 0);
  CHECK((rig.machine.log(8).status & kErased) == 0);
}
