// The durability contract: what survives a power loss, whenever it comes.
#include <doctest/doctest.h>

#include <cstdlib>

#include "test/support/power_load.h"

using namespace doorbell;
using test::PowerLoad;

namespace {

/// DOORBELL_LONG=1: ten times as many. DOORBELL_SEED: the workload of another run.
std::uint32_t cuts(std::uint32_t usual) {
  return std::getenv("DOORBELL_LONG") == nullptr ? usual : usual * 10;
}

std::uint64_t seed() {
  const char* wanted = std::getenv("DOORBELL_SEED");
  return wanted == nullptr ? 20240607 : std::strtoull(wanted, nullptr, 0);
}

enum class Cache { On, Off, Both };

void cutAtRandom(PowerLoad& load, std::uint32_t cuts, Cache cache) {
  auto& power = *load.host.function->power();
  auto smart = load.host.smart();
  for (std::uint32_t cut = 0; cut < cuts; ++cut) {
    CAPTURE(cut);
    load.run(1 + load.random(80), cache == Cache::On || (cache == Cache::Both && load.chance(2)));
    const bool shutDown = load.chance(16);
    if (shutDown) load.shutDown();
    for (std::uint32_t turn = load.random(200); turn > 0; --turn) load.reapAll();
    power.off();
    power.on();
    REQUIRE(load.verify() == "");
    const auto after = load.host.smart();
    REQUIRE(after.powerCycles.low == smart.powerCycles.low + 1);
    REQUIRE(after.unsafeShutdowns.low == smart.unsafeShutdowns.low + (shutDown ? 0 : 1));
    smart = after;
  }
}

platform::Fault cutAt(PowerLoad& load, platform::CutMoment moment) {
  platform::Fault fault;
  fault.kind = platform::FaultKind::PowerLoss;
  fault.when.admin = false;
  fault.when.opcode = static_cast<std::uint8_t>(spec::NvmOpcode::Write);
  fault.when.nth = 1 + load.random(30);
  fault.moment = moment;
  fault.blocks = 1 + load.random(PowerLoad::kMostBlocks - 1);
  return fault;
}

void report(const PowerLoad& load, std::uint32_t cuts) {
  const auto& seen = load.ledger.seen();
  MESSAGE(cuts << " cuts, " << load.submitted << " commands; blocks: " << seen.durable
               << " durable, " << seen.kept << " new, " << seen.lost
               << " old; writes: " << seen.torn << " in part, " << seen.atomic << " atomic");
}

}  // namespace

TEST_CASE("the contract holds with the write cache on") {
  const auto count = cuts(300);
  CAPTURE(seed());
  PowerLoad load(test::freshAddress("size=16M&seed=" + std::to_string(seed())), seed());
  cutAtRandom(load, count, Cache::On);
  report(load, count);
  CHECK(load.ledger.seen().durable > 0);
  CHECK(load.ledger.seen().kept > 0);
  CHECK(load.ledger.seen().lost > 0);
}

TEST_CASE("the contract holds with the write cache off") {
  const auto count = cuts(200);
  CAPTURE(seed());
  PowerLoad load(test::freshAddress("size=16M"), seed() + 1);
  cutAtRandom(load, count, Cache::Off);
  report(load, count);
  CHECK(load.ledger.seen().durable > 0);
}

TEST_CASE("the contract holds while the write cache is switched, with blocks of 4 KiB") {
  const auto count = cuts(100);
  CAPTURE(seed());
  PowerLoad load(test::freshAddress("size=16M&lbaSize=4096"), seed() + 2);
  cutAtRandom(load, count, Cache::Both);
  report(load, count);
  CHECK(load.ledger.seen().durable > 0);
  CHECK(load.ledger.seen().lost > 0);
}

TEST_CASE("the contract holds when the supply fails at a chosen moment of a command") {
  using platform::CutMoment;
  const auto count = cuts(400);
  CAPTURE(seed());
  PowerLoad load(test::freshAddress("size=16M"), seed() + 3);
  auto& power = *load.host.function->power();
  std::array<unsigned, 4> fired{};
  for (std::uint32_t cut = 0; cut < count; ++cut) {
    CAPTURE(cut);
    const auto moment = static_cast<CutMoment>(cut % 4);
    const auto id = load.host.function->faults()->add(cutAt(load, moment));
    load.run(80, load.chance(2));
    const bool hit = load.host.function->faults()->find(id)->fired != 0;
    if (hit) REQUIRE(test::eventually([&] { return !power.isOn(); }));
    fired[static_cast<std::size_t>(moment)] += hit ? 1 : 0;
    load.host.function->faults()->clear();
    power.off();
    power.on();
    REQUIRE(load.verify() == "");
  }
  report(load, count);
  for (const unsigned times : fired) CHECK(times > count / 8);
  CHECK(load.ledger.seen().durable > 0);
  CHECK(load.ledger.seen().kept > 0);
  CHECK(load.ledger.seen().lost > 0);
}
