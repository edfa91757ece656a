// Command arbitration by the controller: which of the submission queues is served next.
#include <doctest/doctest.h>

#include <vector>

#include "emulator/arbiter.h"
#include "test/support/test_host.h"

using namespace doorbell;
using emulator::QueuePriority;
using spec::AdminOpcode;
using test::TestHost;
using test::TestQueue;

namespace {

constexpr std::uint32_t kWeighted = 1U << 11U;  ///< CC.AMS
using Order = std::vector<std::uint16_t>;

/// Submission queues with priorities that complete in one queue, so that its entries show the
/// order of execution.
struct Race {
  TestHost host;
  std::unique_ptr<TestQueue> cq;
  std::vector<std::unique_ptr<TestQueue>> queues;

  explicit Race(std::uint32_t cc, const std::string& options = "size=64M")
      : host(test::freshAddress(options), false) {
    host.enable(TestHost::kCcEnabled | cc);
    cq = std::make_unique<TestQueue>(*host.function, 1, 64);
    REQUIRE(host.createCq(*cq, 1).status() == 0);
  }

  void add(QueuePriority priority) {
    const auto qid = static_cast<std::uint16_t>(queues.size() + 1);
    queues.push_back(std::make_unique<TestQueue>(*host.function, qid, 16));
    auto sqe = TestHost::sqe(AdminOpcode::CreateIoSq);
    sqe.prp1 = queues.back()->sqBus();
    sqe.cdw10 = (15U << 16U) | qid;
    sqe.cdw11 = (1U << 16U) | (static_cast<std::uint32_t>(priority) << 1U) | 1U;
    REQUIRE(host.adminCommand(sqe).status() == 0);
  }

  /// Low, medium and high priority weights, 0's based, and the burst as a power of two.
  void weigh(std::uint32_t low, std::uint32_t medium, std::uint32_t high, std::uint32_t burst) {
    const std::uint32_t value = (high << 24U) | (medium << 16U) | (low << 8U) | burst;
    REQUIRE(host.setFeature(spec::FeatureId::Arbitration, value).status() == 0);
  }

  void holdBack(bool held) const {
    namespace pci = spec::pci;
    const auto command = host.function->configRead(pci::kCommand, 2);
    host.function->configWrite(
        pci::kCommand, 2,
        held ? command & ~pci::kCommandBusMaster : command | pci::kCommandBusMaster);
  }

  /// Every queue is rung while the controller may not fetch; then it begins.
  Order run(unsigned commands) {
    holdBack(true);
    for (auto& queue : queues) {
      for (unsigned i = 0; i < commands; ++i) queue->post(host.block(spec::NvmOpcode::Flush, 0, 1));
      queue->ringTail();
    }
    holdBack(false);
    Order order;
    for (std::size_t i = 0; i < commands * queues.size(); ++i) order.push_back(cq->await().sqId);
    return order;
  }
};

}  // namespace

TEST_CASE("round robin knows no priorities") {
  Race race(0);
  race.add(QueuePriority::Low);
  race.add(QueuePriority::Urgent);
  race.add(QueuePriority::High);
  race.weigh(0, 0, 9, 0);
  CHECK(race.run(2) == Order{1, 2, 3, 1, 2, 3});
  race.weigh(0, 0, 9, 1);
  CHECK(race.run(3) == Order{1, 1, 2, 2, 3, 3, 1, 2, 3});
}

TEST_CASE("an urgent queue is served before all weighted ones") {
  Race race(kWeighted);
  race.add(QueuePriority::High);
  race.add(QueuePriority::Urgent);
  race.weigh(0, 0, 0, 0);
  CHECK(race.run(4) == Order{2, 2, 2, 2, 1, 1, 1, 1});
}

TEST_CASE("classes share rounds by their weights") {
  Race race(kWeighted);
  race.add(QueuePriority::Low);
  race.add(QueuePriority::High);
  race.add(QueuePriority::Medium);
  race.weigh(0, 1, 2, 0);
  CHECK(race.run(6) == Order{2, 2, 2, 3, 3, 1, 2, 2, 2, 3, 3, 1, 3, 3, 1, 1, 1, 1});
}

TEST_CASE("queues of one class take turns, as many commands as the burst at a time") {
  Race race(kWeighted);
  race.add(QueuePriority::Medium);
  race.add(QueuePriority::Medium);
  race.weigh(0, 7, 0, 1);
  CHECK(race.run(4) == Order{1, 1, 2, 2, 1, 1, 2, 2});
}

TEST_CASE("deleted queues have no turn, and the next one its priority anew") {
  Race race(kWeighted);
  race.add(QueuePriority::Urgent);
  race.add(QueuePriority::High);
  race.weigh(0, 0, 0, 0);
  REQUIRE(race.host.deleteQueue(AdminOpcode::DeleteIoSq, 1).status() == 0);
  race.queues.erase(race.queues.begin());
  CHECK(race.run(2) == Order{2, 2});
  auto again = std::make_unique<TestQueue>(*race.host.function, 1, 16);
  REQUIRE(race.host.createSq(*again, 1, 1).status() == 0);  // urgent: QPRIO is 0
  race.queues.push_back(std::move(again));
  CHECK(race.run(2) == Order{1, 1, 2, 2});
}

TEST_CASE("device threads arbitrate among the queues they serve") {
  Race race(kWeighted, "size=64M&threads=2");
  race.add(QueuePriority::Low);
  race.add(QueuePriority::High);
  race.weigh(0, 0, 3, 7);
  for (unsigned turn = 0; turn < 20; ++turn) CHECK(race.run(3) == Order{2, 2, 2, 1, 1, 1});
}

TEST_CASE("a controller that fails in the middle of a round fetches no more") {
  Race race(kWeighted);
  race.add(QueuePriority::Urgent);
  race.add(QueuePriority::High);
  race.holdBack(true);
  race.queues[0]->ring(2, 3);  // entries of a queue whose memory is gone
  race.queues[1]->post(race.host.block(spec::NvmOpcode::Flush, 0, 1));
  race.queues[1]->ringTail();
  race.queues[0].reset();
  race.holdBack(false);
  CHECK(test::eventually([&] { return race.host.csts().cfs(); }));
  CHECK(race.cq->staysSilent());
}
