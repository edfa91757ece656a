// Several device threads: what one of them does to the queues of another.
#include <doctest/doctest.h>

#include "spec/telemetry.h"
#include "test/support/test_host.h"

using namespace doorbell;
using platform::Fault;
using platform::FaultKind;
using spec::AdminOpcode;
using spec::NvmOpcode;
using test::TestHost;
using test::TestQueue;

namespace {

constexpr std::uint16_t kFirstCid = 0x7000;  ///< of I/O commands: no admin command has such a CID

/// Waits at the gate until it has the controller to itself.
spec::Sqe flushOfAll(std::uint16_t cid) {
  spec::Sqe sqe;
  sqe.opcode = static_cast<std::uint8_t>(NvmOpcode::Flush);
  sqe.nsid = spec::kBroadcastNsid;
  sqe.cid = cid;
  return sqe;
}

}  // namespace

TEST_CASE("a command whose SQ was deleted while it waited for its turn completes nowhere") {
  TestHost host(test::freshAddress("size=1M&threads=2"));
  for (unsigned round = 0; round < 200; ++round) {
    CAPTURE(round);
    const auto queue = host.makeQueue(2, 16);
    for (std::uint16_t i = 0; i < 15; ++i) {
      queue->post(flushOfAll(static_cast<std::uint16_t>(kFirstCid + i)));
    }
    queue->ringTail();
    REQUIRE(host.deleteQueue(AdminOpcode::DeleteIoSq, 2).cid < kFirstCid);
    REQUIRE(host.deleteQueue(AdminOpcode::DeleteIoCq, 2).cid < kFirstCid);
  }
  CHECK(host.admin->staysSilent());
}

TEST_CASE("a completion in a queue of another shard comes between those of that queue") {
  TestHost host(test::freshAddress("size=1M&threads=2"));
  const auto first = host.makeQueue(1, 64);
  const auto second = host.makeQueue(2, 64);
  Fault fault;
  fault.kind = FaultKind::UnexpectedQueue;
  fault.value = 2;
  fault.when.qid = 1;
  fault.when.times = 0;
  host.function->faults()->add(fault);
  constexpr unsigned kCommands = 400;  // of each queue
  unsigned sent = 0;
  unsigned own = 0;
  unsigned foreign = 0;
  REQUIRE(test::eventually([&] {
    for (; sent < kCommands && sent < own + 20 && sent < foreign + 20; ++sent) {
      auto read = host.block(NvmOpcode::Read, 0, 1);
      read.cid = static_cast<std::uint16_t>(sent);
      first->submit(read);
      second->submit(read);
    }
    while (const auto cqe = second->reap()) {
      CHECK(cqe->status() == 0);
      CHECK(cqe->cid == (cqe->sqId == 1 ? foreign : own));
      ++(cqe->sqId == 1 ? foreign : own);
    }
    return own == kCommands && foreign == kCommands;
  }));
  CHECK_FALSE(first->reap().has_value());
}

TEST_CASE("a shard that fails the controller leaves the others in peace, and telemetry behind") {
  TestHost host(test::freshAddress("size=1M&threads=4"));
  std::vector<std::unique_ptr<TestQueue>> queues;
  for (std::uint16_t qid = 1; qid <= 4; ++qid) queues.push_back(host.makeQueue(qid, 64));
  Fault fault;
  fault.kind = FaultKind::ControllerFatal;
  fault.when.admin = false;
  fault.when.nth = 100;
  host.function->faults()->add(fault);
  REQUIRE(test::eventually([&] {
    for (auto& queue : queues) {
      queue->submit(host.block(NvmOpcode::Read, 0, 1));
      queue->reap();
    }
    return host.csts().cfs();
  }));
  host.function->write32(spec::reg::kCc, 0);
  host.enable();
  REQUIRE(host.logPage(spec::LogPageId::TelemetryControllerInitiated, 512).status() == 0);
  CHECK(host.data.as<spec::TelemetryHeader>().controllerDataAvailable == 1);
  CHECK(host.data.as<spec::TelemetryHeader>().controllerGeneration == 1);
}
