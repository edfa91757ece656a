#include <doctest/doctest.h>

#include "emulator/admin/power_states.h"

using namespace doorbell::emulator;

namespace {

constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kUs = 1'000;

constexpr std::uint64_t entry(std::uint64_t target, std::uint64_t idleMs) {
  return (target << 3U) | (idleMs << 8U);
}

struct Resting : PowerStates {
  Resting() {
    reset(1, 0);
    TransitionData data{};
    data[1] = entry(3, 100);
    data[3] = entry(4, 1000);
    configure(data, true, 0);
  }
};

}  // namespace

TEST_CASE("idle time leads from state to state, each with its own time") {
  const Resting power;
  CHECK(power.at(100 * kMs - 1) == 1);
  CHECK(power.at(100 * kMs) == 3);
  CHECK(power.at(1100 * kMs - 1) == 3);
  CHECK(power.at(1100 * kMs) == 4);
}

TEST_CASE("I/O wakes the most recent operational state after the exit latency") {
  Resting power;
  CHECK(power.serve(2000 * kMs) == 2000 * kMs + 5000 * kUs);
  CHECK(power.at(2000 * kMs) == 1);
  CHECK(power.serve(2001 * kMs) == 2005 * kMs);
  CHECK(power.serve(2006 * kMs) == 2006 * kMs);
}

TEST_CASE("I/O begins the idle time anew") {
  Resting power;
  power.serve(90 * kMs);
  CHECK(power.at(180 * kMs) == 1);
  CHECK(power.at(190 * kMs) == 3);
}

TEST_CASE("a non-operational state that the host chose is left by I/O too") {
  PowerStates power;
  power.reset(2, 0);
  CHECK_FALSE(power.rests());
  power.select(4, 10);
  CHECK(power.rests());
  CHECK(power.at(1'000'000'000) == 4);
  CHECK(power.serve(1'000'000'000) == 1'000'000'000 + 5000 * kUs);
  CHECK(power.at(1'000'000'000) == 2);
}

TEST_CASE("a transition may only lead to a non-operational state, from a state that exists") {
  TransitionData data{};
  CHECK_FALSE(PowerStates::invalidEntry(data).has_value());
  data[0] = entry(2, 1);
  CHECK(PowerStates::invalidEntry(data) == 0);
  data[0] = entry(5, 1);
  CHECK(PowerStates::invalidEntry(data) == 0);
  data[0] = entry(2, 0);
  CHECK_FALSE(PowerStates::invalidEntry(data).has_value());
  data[9] = entry(3, 1);
  CHECK(PowerStates::invalidEntry(data) == 9);
}

TEST_CASE("a table that leads in a circle does not hang") {
  PowerStates power;
  power.reset(0, 0);
  TransitionData data{};
  data[0] = entry(3, 1);
  data[3] = entry(4, 1);
  data[4] = entry(3, 1);
  power.configure(data, true, 0);
  CHECK(power.at(1'000'000 * kMs) >= 3);
}

TEST_CASE("suspended transitions do not happen, and idle time starts over afterwards") {
  Resting power;
  power.suspend(true, 50 * kMs);
  CHECK(power.at(5000 * kMs) == 1);
  power.suspend(true, 5000 * kMs);
  power.suspend(false, 6000 * kMs);
  CHECK(power.at(6099 * kMs) == 1);
  CHECK(power.at(6100 * kMs) == 3);
}

TEST_CASE("transitions are suspended in the state they led to") {
  Resting power;
  power.suspend(true, 150 * kMs);
  CHECK(power.at(5000 * kMs) == 3);
}
