#include <doctest/doctest.h>

#include <time.h>

#include "test/support/test_host.h"

using namespace doorbell;
using test::TestHost;

namespace {

double processCpuSeconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double cpuShareOver(std::chrono::milliseconds time) {
  const double before = processCpuSeconds();
  std::this_thread::sleep_for(time);
  return (processCpuSeconds() - before) / std::chrono::duration<double>(time).count();
}

}  // namespace

TEST_CASE("an idle SSD uses next to nothing of a core") {
  TestHost host;
  host.openIo();
  host.write(0, 1, 1);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(cpuShareOver(std::chrono::milliseconds(500)) < 0.01);
  host.function->power()->off();
  CHECK(cpuShareOver(std::chrono::milliseconds(200)) < 0.01);
}

TEST_CASE("a completion queue that stays full does not keep it busy") {
  TestHost host;
  test::TestQueue cq(*host.function, 1, 4);
  test::TestQueue sq(*host.function, 1, 16);
  REQUIRE(host.createCq(cq, 1).status() == 0);
  REQUIRE(host.createSq(sq, 1, 1).status() == 0);
  for (int i = 0; i < 10; ++i) sq.post(host.block(spec::NvmOpcode::Read, 0, 1));
  sq.ringTail();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(cpuShareOver(std::chrono::milliseconds(500)) < 0.01);
}

TEST_CASE("no doorbell is missed on the way to sleep") {
  TestHost host;
  host.openIo();
  for (int i = 0; i < 3000; ++i) {
    const auto pause = std::chrono::steady_clock::now() + std::chrono::microseconds(50 + i % 40);
    while (std::chrono::steady_clock::now() < pause) {
    }
    REQUIRE(host.ioCommand(host.block(spec::NvmOpcode::Read, 0, 1)).status() == 0);
  }
}
