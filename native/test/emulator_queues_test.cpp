#include <doctest/doctest.h>

#include "test/support/test_host.h"

using namespace doorbell;
using spec::AdminOpcode;
using test::TestHost;
using test::TestQueue;
namespace status = spec::status;

namespace {

struct BadQueue {
  const char* what;
  std::uint16_t qid;
  std::uint32_t qsize;  ///< 0-based
  std::uint32_t cdw11;
  std::uint64_t prp1;
  spec::Status expected;
};

}  // namespace

TEST_CASE("Create I/O Completion Queue refuses what it cannot make") {
  TestHost host(test::freshAddress("size=64M&cqr=1"));
  const std::vector<BadQueue> cases{
      {"QID 0", 0, 7, 3, 0, status::kInvalidQueueId},
      {"QID above what is offered", 65, 7, 3, 0, status::kInvalidQueueId},
      {"size 1", 1, 0, 3, 0, status::kInvalidQueueSize},
      {"size above CAP.MQES", 1, 1024, 3, 0, status::kInvalidQueueSize},
      {"not physically contiguous", 1, 7, 2, 0, status::kInvalidField},
      {"vector outside the table", 1, 7, (65U << 16U) | 3, 0, status::kInvalidInterruptVector},
      {"base with an offset", 1, 7, 3, 64, status::kPrpOffsetInvalid},
  };
  for (const auto& bad : cases) {
    CAPTURE(bad.what);
    auto sqe = TestHost::sqe(AdminOpcode::CreateIoCq);
    sqe.prp1 = host.data.bus() + bad.prp1;
    sqe.cdw10 = (bad.qsize << 16U) | bad.qid;
    sqe.cdw11 = bad.cdw11;
    const auto cqe = host.adminCommand(sqe);
    CHECK(TestHost::plain(cqe) == bad.expected);
    CHECK((cqe.status() & spec::Status::kDnr) != 0);
  }
}

TEST_CASE("Create I/O Submission Queue refuses what it cannot make") {
  TestHost host(test::freshAddress("size=64M&cqr=1"));
  TestQueue queue(*host.function, 1, 8);
  REQUIRE(host.createCq(queue, 1).status() == 0);
  const std::vector<BadQueue> cases{
      {"QID 0", 0, 7, (1U << 16U) | 1, 0, status::kInvalidQueueId},
      {"QID above what is offered", 65, 7, (1U << 16U) | 1, 0, status::kInvalidQueueId},
      {"size 1", 1, 0, (1U << 16U) | 1, 0, status::kInvalidQueueSize},
      {"size above CAP.MQES", 1, 1024, (1U << 16U) | 1, 0, status::kInvalidQueueSize},
      {"not physically contiguous", 1, 7, 1U << 16U, 0, status::kInvalidField},
      {"completing to the admin queue", 1, 7, 1, 0, status::kInvalidQueueId},
      {"CQ that does not exist", 1, 7, (2U << 16U) | 1, 0, status::kInvalidCq},
      {"CQ above what is offered", 1, 7, (99U << 16U) | 1, 0, status::kInvalidQueueId},
      {"base with an offset", 1, 7, (1U << 16U) | 1, 64, status::kPrpOffsetInvalid},
  };
  for (const auto& bad : cases) {
    CAPTURE(bad.what);
    auto sqe = TestHost::sqe(AdminOpcode::CreateIoSq);
    sqe.prp1 = host.data.bus() + bad.prp1;
    sqe.cdw10 = (bad.qsize << 16U) | bad.qid;
    sqe.cdw11 = bad.cdw11;
    CHECK(TestHost::plain(host.adminCommand(sqe)) == bad.expected);
  }
}

TEST_CASE("a queue identifier in use is refused") {
  TestHost host;
  host.openIo();
  CHECK(TestHost::plain(host.createCq(*host.io, 1)) == status::kInvalidQueueId);
  CHECK(TestHost::plain(host.createSq(*host.io, 1, 1)) == status::kInvalidQueueId);
}

TEST_CASE("I/O queues need the entry sizes in CC") {
  TestHost host(test::freshAddress(), false);
  host.enable(1);
  TestQueue queue(*host.function, 1, 8);
  CHECK(TestHost::plain(host.createCq(queue, 1)) == status::kInvalidQueueSize);
}

TEST_CASE("queues are deleted submission queue first") {
  TestHost host;
  host.openIo();
  CHECK(TestHost::plain(host.deleteQueue(AdminOpcode::DeleteIoCq, 1)) ==
        status::kInvalidQueueDeletion);
  CHECK(host.deleteQueue(AdminOpcode::DeleteIoSq, 1).status() == 0);
  CHECK(host.deleteQueue(AdminOpcode::DeleteIoCq, 1).status() == 0);
  for (const auto opcode : {AdminOpcode::DeleteIoSq, AdminOpcode::DeleteIoCq}) {
    for (const std::uint16_t qid : {std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{65}}) {
      CHECK(TestHost::plain(host.deleteQueue(opcode, qid)) == status::kInvalidQueueId);
    }
  }
  host.openIo();
  CHECK(host.write(0, 1, 1).status() == 0);
}

TEST_CASE("all 64 I/O queues work, and two SQs may share a CQ") {
  TestHost host;
  std::vector<std::unique_ptr<TestQueue>> queues;
  for (std::uint16_t qid = 1; qid <= 64; ++qid) queues.push_back(host.makeQueue(qid, 4));
  for (auto& queue : queues) {
    CHECK(host.execute(*queue, host.block(spec::NvmOpcode::Read, 0, 1)).status() == 0);
  }
  TestQueue second(*host.function, 2, 4);
  REQUIRE(host.deleteQueue(AdminOpcode::DeleteIoSq, 2).status() == 0);
  REQUIRE(host.createSq(second, 2, 1).status() == 0);
  second.submit(host.block(spec::NvmOpcode::Read, 0, 1));
  const auto cqe = queues[0]->await();
  CHECK(cqe.sqId == 2);
  CHECK(cqe.sqHead == 1);
}

TEST_CASE("a full completion queue holds commands back until its head moves") {
  TestHost host;
  auto cqOwner = std::make_unique<TestQueue>(*host.function, 1, 4);
  auto sqOwner = std::make_unique<TestQueue>(*host.function, 1, 16);
  REQUIRE(host.createCq(*cqOwner, 1).status() == 0);
  REQUIRE(host.createSq(*sqOwner, 1, 1).status() == 0);
  for (int i = 0; i < 10; ++i) sqOwner->post(host.block(spec::NvmOpcode::Read, 0, 1));
  sqOwner->ringTail();
  unsigned reaped = 0;
  const auto all = [&] {
    while (cqOwner->reap(false)) ++reaped;
    return reaped == 3;
  };
  REQUIRE(test::eventually(all));
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  CHECK_FALSE(cqOwner->reap(false));
  cqOwner->ringHead();
  REQUIRE(test::eventually([&] {
    while (cqOwner->reap()) ++reaped;
    return reaped == 10;
  }));
}

TEST_CASE("queues wrap and the phase tag flips") {
  TestHost host;
  host.openIo(3);
  for (int i = 0; i < 20; ++i) {
    const auto cqe = host.ioCommand(host.block(spec::NvmOpcode::Read, 0, 1));
    CHECK(cqe.status() == 0);
    CHECK(cqe.sqHead == (i + 1) % 3);
    CHECK(cqe.sqId == 1);
  }
}

TEST_CASE("a controller reset deletes every I/O queue") {
  TestHost host;
  host.openIo();
  host.function->write32(spec::reg::kCc, 0);
  host.enable();
  CHECK(TestHost::plain(host.deleteQueue(AdminOpcode::DeleteIoSq, 1)) == status::kInvalidQueueId);
}
