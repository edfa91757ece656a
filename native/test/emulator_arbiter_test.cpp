#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "emulator/arbiter.h"

using namespace doorbell::emulator;
using Priority = QueuePriority;

namespace {

/// Queues with commands waiting, and the order in which they were served.
struct Bench {
  Arbiter arbiter;
  std::map<std::uint16_t, std::uint32_t> waiting;
  std::vector<std::uint16_t> served;
  std::map<std::size_t, std::uint16_t> arrivals;  ///< after so many commands, one more for a queue

  void add(std::uint16_t qid, Priority priority, std::uint32_t commands) {
    arbiter.add(qid, priority);
    waiting[qid] = commands;
  }
  bool round(Arbiter::Weights weights) {
    return arbiter.round(weights, [this](std::uint16_t qid, std::uint32_t limit) {
      const std::uint32_t count = std::min(limit, waiting[qid]);
      waiting[qid] -= count;
      for (std::uint32_t i = 0; i < count; ++i) {
        served.push_back(qid);
        const auto arrival = arrivals.find(served.size());
        if (arrival != arrivals.end()) ++waiting[arrival->second];
      }
      return count;
    });
  }
  [[nodiscard]] auto count(std::uint16_t qid) const {
    return std::count(served.begin(), served.end(), qid);
  }
};

}  // namespace

TEST_CASE("a round serves each class as many commands as its weight") {
  Bench bench;
  bench.add(1, Priority::High, 1000);
  bench.add(2, Priority::Medium, 1000);
  bench.add(3, Priority::Low, 1000);
  for (int i = 0; i < 10; ++i) CHECK(bench.round({1, 8, 4, 1}));
  CHECK(bench.count(1) == 80);
  CHECK(bench.count(2) == 40);
  CHECK(bench.count(3) == 10);
}

TEST_CASE("queues of one class share its weight evenly, a burst at a time") {
  Bench bench;
  bench.add(1, Priority::High, 1000);
  bench.add(2, Priority::High, 1000);
  bench.add(3, Priority::High, 1000);
  bench.round({2, 7, 1, 1});
  CHECK(bench.served == std::vector<std::uint16_t>{1, 1, 2, 2, 3, 3, 1});
  for (int i = 0; i < 29; ++i) bench.round({2, 7, 1, 1});
  CHECK(bench.served.size() == 210);
  CHECK(bench.count(2) >= 60);
  CHECK(bench.count(2) <= 80);
}

TEST_CASE("urgent commands go before weighted ones, admin commands before all, also late ones") {
  Bench bench;
  bench.add(1, Priority::Low, 3);
  bench.add(2, Priority::Urgent, 2);
  bench.waiting[0] = 1;
  bench.arrivals[4] = 2;
  bench.arrivals[5] = 0;
  while (bench.round({1, 1, 1, 1})) {
  }
  CHECK(bench.served == std::vector<std::uint16_t>{0, 2, 2, 1, 2, 0, 1, 1});
}

TEST_CASE("what a class does not use is not kept for the next round") {
  Bench bench;
  bench.add(1, Priority::High, 0);
  bench.add(2, Priority::Low, 100);
  for (int i = 0; i < 5; ++i) bench.round({1, 10, 1, 2});
  CHECK(bench.count(2) == 10);
  bench.waiting[1] = 100;
  bench.served.clear();
  bench.round({1, 10, 1, 2});
  CHECK(bench.count(1) == 10);
}

TEST_CASE("a removed queue is served no more; nothing waiting is no work") {
  Bench bench;
  bench.add(1, Priority::High, 5);
  bench.add(2, Priority::High, 5);
  bench.round({1, 1, 1, 1});
  bench.arbiter.remove(1);
  bench.served.clear();
  for (int i = 0; i < 5; ++i) CHECK(bench.round({1, 1, 1, 1}));
  CHECK(bench.count(2) == 5);
  CHECK_FALSE(bench.round({1, 1, 1, 1}));
}
