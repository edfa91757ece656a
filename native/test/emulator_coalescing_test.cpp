#include <doctest/doctest.h>

#include <poll.h>
#include <unistd.h>

#include "test/support/test_host.h"

using namespace doorbell;
using spec::FeatureId;
using test::TestHost;

namespace {

constexpr std::uint32_t kTime10ms = 100U << 8U;

/// A host with I/O queue 1 on MSI-X vector 1.
struct InterruptHost : TestHost {
  InterruptHost() {
    function->enableInterrupts(4);
    fd_ = function->interruptFd(1);
    openIo();
  }
  void read(int commands) {
    for (int i = 0; i < commands; ++i) {
      auto command = block(spec::NvmOpcode::Read, 0, 1);
      command.cid = static_cast<std::uint16_t>(i);
      io->post(command);
    }
    io->ringTail();
    for (int i = 0; i < commands; ++i) io->await();
  }
  [[nodiscard]] bool interrupted(int withinMs) const {
    pollfd look{fd_, POLLIN, 0};
    if (::poll(&look, 1, withinMs) != 1) return false;
    std::uint64_t count = 0;
    return ::read(fd_, &count, sizeof(count)) == sizeof(count);
  }

 private:
  int fd_ = -1;
};

/// Runs `attempt` until it took less than the aggregation time of 25.5 ms: only then an interrupt
/// that comes, or does not, shows anything.
template <class Attempt>
bool inTime(InterruptHost& host, Attempt attempt) {
  for (int turn = 0; turn < 50; ++turn) {
    const auto start = std::chrono::steady_clock::now();
    const bool result = attempt();
    if (std::chrono::steady_clock::now() - start < std::chrono::milliseconds(25)) return result;
    while (host.interrupted(100)) continue;
  }
  return false;
}

}  // namespace

TEST_CASE("an interrupt waits for entries enough") {
  InterruptHost host;
  REQUIRE(host.setFeature(FeatureId::InterruptCoalescing, (255U << 8U) | 3U).status() == 0);
  CHECK(inTime(host, [&host] {
    host.read(3);
    const bool early = host.interrupted(5);
    host.read(1);
    return !early && host.interrupted(25);
  }));
}

TEST_CASE("an interrupt waits no longer than the aggregation time") {
  InterruptHost host;
  REQUIRE(host.setFeature(FeatureId::InterruptCoalescing, kTime10ms | 200U).status() == 0);
  const auto start = std::chrono::steady_clock::now();
  host.read(1);
  CHECK(host.interrupted(1000));
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(10));
}

TEST_CASE("a vector with Coalescing Disable waits for nothing, nor does anyone without a time") {
  InterruptHost host;
  REQUIRE(host.setFeature(FeatureId::InterruptCoalescing, (255U << 8U) | 200U).status() == 0);
  REQUIRE(host.setFeature(FeatureId::InterruptVectorConfiguration, 1 | (1U << 16U)).status() == 0);
  const auto atOnce = [&host] {
    host.read(1);
    return host.interrupted(25);
  };
  CHECK(inTime(host, atOnce));
  REQUIRE(host.setFeature(FeatureId::InterruptVectorConfiguration, 1).status() == 0);
  REQUIRE(host.setFeature(FeatureId::InterruptCoalescing, 200U).status() == 0);
  CHECK(inTime(host, atOnce));
}
