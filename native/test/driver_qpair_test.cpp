// Queue pairs on a scripted device: order, time-outs, deletion, notification.
#include <doctest/doctest.h>

#include <cstring>

#include "support/qpair_rig.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;
using evidence::Outcome;

namespace {

std::uint16_t outcome(const ReapedCompletion& done) { return done.outcome; }
constexpr auto value(Outcome outcome) { return static_cast<std::uint16_t>(outcome); }

}  // namespace

TEST_CASE("A queue pair of depth n holds n - 1 commands, many times round") {
  QpairRig rig(4);
  rig.answerNothing();
  for (int i = 0; i < 3; ++i) rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0);
  CHECK(codeOf([&] { rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0); }) == "QUEUE_FULL");
  CHECK(rig.qpair->outstanding() == 3);
  CHECK(rig.buffer->pins() == 3);
  rig.awaitSeen(1, 3);
  for (const auto& sqe : rig.device->seen(1)) rig.device->complete(1, sqe.cid);
  CHECK(reapN(*rig.qpair, 3).size() == 3);
  rig.answerAll();
  for (int i = 0; i < 100; ++i) {
    rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0);
    REQUIRE(reapN(*rig.qpair, 1).at(0).sequence == static_cast<std::uint64_t>(i + 4));
  }
  CHECK(rig.buffer->pins() == 0);
}

TEST_CASE("A deletion that finds the admin queue full leaves the queue pair as it was") {
  QpairRig rig(4);
  rig.answerNothing();
  const auto admin = rig.controller->admin();
  std::vector<std::uint16_t> cids;
  spec::Sqe held;
  held.opcode = static_cast<std::uint8_t>(spec::AdminOpcode::AsynchronousEventRequest);
  while (codeOf([&] { cids.push_back(admin->submit(held, nullptr, 0, 0, 0)); }).empty()) continue;
  CHECK(codeOf([&] { rig.qpair->remove(); }) == "QUEUE_FULL");
  rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0);
  rig.awaitSeen(1, 1);
  rig.device->complete(1, rig.device->seen(1).at(0).cid);
  CHECK(reapN(*rig.qpair, 1).size() == 1);
  for (const auto& sqe : rig.device->seen(0)) CHECK(sqe.opcode != 0);  // Delete I/O SQ
  rig.device->complete(0, cids.front());
  rig.qpair->remove();
  CHECK(codeOf([&] { rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0); }) == "CLOSED");
}

TEST_CASE("Completions out of order reach the commands they belong to") {
  QpairRig rig(8);
  rig.answerNothing();
  std::vector<std::uint16_t> cids;
  for (int i = 0; i < 5; ++i) cids.push_back(rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0));
  rig.awaitSeen(1, 5);
  for (const int i : {3, 0, 4, 1, 2})
    rig.device->complete(1, cids[static_cast<std::size_t>(i)], static_cast<std::uint16_t>(i));
  const auto done = reapN(*rig.qpair, 5);
  REQUIRE(done.size() == 5);
  CHECK(done[0].cid == cids[3]);
  CHECK(done[0].sequence == 4);
  CHECK(done[0].cqe.status() == 3);
  CHECK(done[4].cid == cids[2]);
}

TEST_CASE("CIDs rotate, and the device sees the PRPs of the buffer") {
  QpairRig rig(8);
  rig.answerAll();
  std::uint16_t last = UINT16_MAX;
  for (int i = 0; i < 20; ++i) {
    const std::uint16_t cid = rig.qpair->submit(readSqe(), rig.buffer, 512, 512, 0);
    CHECK(cid != last);
    last = cid;
    reapN(*rig.qpair, 1);
  }
  const std::uint64_t bus = rig.buffer->busAddress(rig.controller->dmaScope(), 512);
  for (const auto& sqe : rig.device->seen(1)) CHECK(sqe.prp1 == bus);
  spec::Sqe raw = readSqe();
  raw.prp1 = 0x1234;
  rig.qpair->submit(raw, nullptr, 0, 0, 0);
  reapN(*rig.qpair, 1);
  CHECK(rig.device->seen(1).back().prp1 == 0x1234);
}

TEST_CASE(
    "A command past its deadline comes out once; CID and buffer wait for the late completion") {
  QpairRig rig(3);
  rig.answerNothing();
  const std::uint16_t cid = rig.qpair->submit(readSqe(5), rig.buffer, 0, 512, 20);
  CHECK(rig.qpair->nextDeadlineMs() > 0);
  CHECK(rig.qpair->nextDeadlineMs() <= 20);
  const auto done = reapN(*rig.qpair, 1);
  REQUIRE(done.size() == 1);
  CHECK(outcome(done[0]) == value(Outcome::TimedOut));
  CHECK(done[0].cid == cid);
  CHECK(done[0].completeNs - done[0].submitNs >= 20'000'000);
  CHECK(rig.qpair->outstanding() == 0);
  CHECK(rig.qpair->nextDeadlineMs() == -1);
  CHECK(rig.buffer->pins() == 1);
  CHECK(codeOf([&] { rig.buffer->close(); }) == "BUFFER_IN_USE");
  CHECK(rig.qpair->dossier().outstandingCids == std::vector<std::uint16_t>{cid});
  CHECK(rig.log().at(0).outcome == static_cast<std::uint32_t>(Outcome::TimedOut));

  // The other CID still works, and the quarantined one is not given out again.
  for (int i = 0; i < 3; ++i) {
    const std::uint16_t other = rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0);
    CHECK(other != cid);
    rig.awaitSeen(1, static_cast<std::size_t>(i) + 2);
    rig.device->complete(1, other);
    CHECK(reapN(*rig.qpair, 1).size() == 1);
  }

  rig.device->complete(1, cid);
  ReapedCompletion none[1];
  CHECK(rig.qpair->reap(none, std::chrono::microseconds(1000)) ==
        0);  // not handed out a second time
  CHECK(rig.buffer->pins() == 0);
  const auto record = rig.log().at(0);
  CHECK(record.outcome == static_cast<std::uint32_t>(Outcome::Completed));
  CHECK(record.completeTicks - record.submitTicks > rig.clock->toTicks(20'000'000));
  CHECK(rig.qpair->dossier().outstandingCids.empty());
  CHECK(rig.seenEvents().empty());
}

TEST_CASE("Deleting a queue pair with outstanding commands ends them as QueueDeleted") {
  QpairRig rig(8);
  rig.answerNothing();
  for (int i = 0; i < 5; ++i) rig.qpair->submit(readSqe(), rig.buffer, 0, 512, i == 0 ? 1U : 0U);
  CHECK(outcome(reapN(*rig.qpair, 1).at(0)) == value(Outcome::TimedOut));
  int calls = 0;
  rig.qpair->notify([&] { ++calls; });
  rig.qpair->remove();
  CHECK(calls == 1);
  const auto done = reapN(*rig.qpair, 4);
  REQUIRE(done.size() == 4);
  for (const auto& completion : done) CHECK(outcome(completion) == value(Outcome::QueueDeleted));
  CHECK(rig.buffer->pins() == 0);
  CHECK(codeOf([&] { rig.qpair->submit(readSqe(), nullptr, 0, 0, 0); }) == "CLOSED");
  rig.qpair->remove();
  const auto state = EvidenceReader(rig.evidence->fd()).queue(rig.qpair->segment());
  CHECK(state.state == static_cast<std::uint32_t>(evidence::QueueState::Deleted));
  CHECK(state.submitted == 5);
  CHECK(codeOf([&] { rig.controller->admin()->remove(); }) == "NOT_SUPPORTED");
}

TEST_CASE("A deletion that the controller does not answer keeps the memory until a reset") {
  QpairRig rig(4);
  rig.answerNothing();
  rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0);
  rig.device->hangAdmin = true;
  CHECK(codeOf([&] { rig.qpair->remove(); }) == "TIMEOUT");
  CHECK(rig.buffer->pins() == 1);
  rig.device->hangAdmin = false;
  rig.controller->reset(ControllerReset::FunctionLevel);
  CHECK(rig.buffer->pins() == 1);  // finished, and not reaped yet
  CHECK(outcome(reapN(*rig.qpair, 1).at(0)) == value(Outcome::Reset));
  CHECK(rig.buffer->pins() == 0);
}

TEST_CASE("The notification runs once per arming: for a completion, a deadline, an end") {
  for (const bool interrupts : {true, false}) {
    CAPTURE(interrupts);
    QpairRig rig(8, interrupts);
    rig.answerNothing();
    std::atomic<int> calls{0};
    const auto await = [&](int count) {
      for (int i = 0; i < 2000 && calls < count; ++i) Rig::nap();
      return calls == count;
    };
    const std::uint16_t cid = rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0);
    rig.qpair->notify([&] { ++calls; });
    for (int i = 0; i < 20; ++i) Rig::nap();
    CHECK(calls == 0);
    rig.awaitSeen(1, 1);
    rig.device->complete(1, cid);
    CHECK(await(1));
    CHECK(reapN(*rig.qpair, 1).size() == 1);

    rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 30);
    rig.qpair->notify([&] { ++calls; });
    CHECK(await(2));
    CHECK(outcome(reapN(*rig.qpair, 1).at(0)) == value(Outcome::TimedOut));

    rig.qpair->notify([&] { ++calls; });
    rig.qpair->notify(nullptr);
    rig.qpair->notify([&] { ++calls; });
    rig.device->lose(platform::LossReason::PowerLost);
    CHECK(await(3));

    // Already over: at once.
    rig.qpair->notify([&] { ++calls; });
    CHECK(calls == 4);
  }
}

TEST_CASE("The admin queue serves the driver and a script at the same time") {
  QpairRig rig(4);
  const auto admin = rig.controller->admin();
  std::jthread script([&] {
    for (int i = 0; i < 200; ++i) {
      spec::Sqe sqe;
      sqe.opcode = static_cast<std::uint8_t>(spec::AdminOpcode::GetFeatures);
      sqe.cdw11 = static_cast<std::uint32_t>(i);
      const std::uint16_t cid = admin->submit(sqe, nullptr, 0, 0, 1000);
      const auto done = reapN(*admin, 1);
      REQUIRE(done.size() == 1);
      REQUIRE(done[0].cid == cid);
    }
  });
  for (int i = 0; i < 50; ++i) rig.controller->createQpair({.depth = 4})->remove();
  script.join();
  CHECK(admin->outstanding() == 0);
}

TEST_CASE("Lengths the driver cannot describe or the buffer does not hold never reach the device") {
  QpairRig rig(4);
  rig.answerAll();
  CHECK(codeOf([&] { rig.qpair->submit(readSqe(), rig.buffer, 4000, 512, 0); }) == "OUT_OF_RANGE");
  CHECK(codeOf([&] { rig.qpair->submit(readSqe(), nullptr, 0, 512, 0); }) == "OUT_OF_RANGE");
  const auto huge = DmaBuffer::allocate(64U << 20U);
  CHECK(codeOf([&] { rig.qpair->submit(readSqe(), huge, 0, 64U << 20U, 0); }) == "OUT_OF_RANGE");
  CHECK(rig.device->seen(1).empty());
  CHECK(rig.qpair->outstanding() == 0);
}
