// Several users of one queue pair, and of one controller.
#include <doctest/doctest.h>

#include "driver/registry.h"
#include "support/qpair_rig.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;

namespace {

std::vector<ReapedCompletion> reapAll(Qpair& qpair, QpairChannel* channel, std::size_t count) {
  std::vector<ReapedCompletion> all;
  for (int i = 0; i < 2000 && all.size() < count; ++i) {
    ReapedCompletion batch[8];
    const unsigned got = qpair.reap(batch, std::chrono::microseconds(1000), channel);
    all.insert(all.end(), batch, batch + got);
  }
  return all;
}

}  // namespace

TEST_CASE("Each user of a queue pair gets what it sent, whoever looked") {
  QpairRig rig(16);
  rig.answerNothing();
  const auto other = rig.qpair->openChannel();
  const auto mine = rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0);
  const auto theirs = rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0, nullptr, other.get());
  CHECK(rig.qpair->outstanding() == 1);
  CHECK(rig.qpair->outstanding(other.get()) == 1);
  rig.awaitSeen(1, 2);
  rig.device->complete(1, theirs);
  rig.device->complete(1, mine);
  const auto first = reapAll(*rig.qpair, nullptr, 1);
  REQUIRE(first.size() == 1);
  CHECK(first[0].cid == mine);
  const auto second = reapAll(*rig.qpair, other.get(), 1);
  REQUIRE(second.size() == 1);
  CHECK(second[0].cid == theirs);
  CHECK(rig.qpair->outstanding(other.get()) == 0);
}

TEST_CASE("A user is told of its completion even when another one took it") {
  QpairRig rig(16);
  rig.answerNothing();
  const auto other = rig.qpair->openChannel();
  const auto theirs = rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0, nullptr, other.get());
  rig.awaitSeen(1, 1);
  std::atomic<int> told{0};
  rig.qpair->notify([&] { ++told; }, other.get());
  rig.device->complete(1, theirs);
  ReapedCompletion none[1];
  for (int i = 0; i < 2000 && told == 0; ++i)
    CHECK(rig.qpair->reap(none, std::chrono::microseconds(100)) == 0);
  CHECK(told == 1);
  CHECK(reapAll(*rig.qpair, other.get(), 1).size() == 1);
}

TEST_CASE("A user that goes away takes nothing with it") {
  QpairRig rig(16);
  rig.answerNothing();
  auto other = rig.qpair->openChannel();
  const auto theirs = rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0, nullptr, other.get());
  rig.qpair->notify([] {}, other.get());
  rig.qpair->closeChannel(other);
  other.reset();
  rig.awaitSeen(1, 1);
  rig.device->complete(1, theirs);
  ReapedCompletion none[1];
  for (int i = 0; i < 200 && rig.buffer->pins() > 0; ++i)
    CHECK(rig.qpair->reap(none, std::chrono::microseconds(1000)) == 0);
  CHECK(rig.buffer->pins() == 0);
}

TEST_CASE("Every user hears the end of a queue pair") {
  QpairRig rig(16);
  rig.answerNothing();
  const auto other = rig.qpair->openChannel();
  (void)rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0, nullptr, other.get());
  std::atomic<int> told{0};
  rig.qpair->notify([&] { ++told; });
  rig.qpair->notify([&] { ++told; }, other.get());
  rig.controller->disable();
  CHECK(told == 2);
  const auto ended = reapAll(*rig.qpair, other.get(), 1);
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].outcome == static_cast<std::uint16_t>(evidence::Outcome::Reset));
}

TEST_CASE("Many threads share an admin queue, each with a channel of its own") {
  const auto controller = Registry::instance().open("emulated");
  controller->initialize({});
  const auto admin = controller->admin();
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < 3; ++t) {
      threads.emplace_back([&] {
        const auto channel = admin->openChannel();
        const auto page = DmaBuffer::allocate(4096);
        spec::Sqe sqe;
        sqe.opcode = static_cast<std::uint8_t>(spec::AdminOpcode::Identify);
        sqe.cdw10 = 1;
        for (int i = 0; i < 300; ++i) {
          const auto cid = admin->submit(sqe, page, 0, 4096, 5000, nullptr, channel.get());
          const auto done = reapAll(*admin, channel.get(), 1);
          if (done.size() != 1 || done[0].cid != cid || done[0].cqe.status() != 0) ++wrong;
        }
        admin->closeChannel(channel);
      });
    }
  }
  CHECK(wrong == 0);
  controller->close();
}

TEST_CASE("An open controller can be attached to, by any of its spellings, until it is closed") {
  auto& registry = Registry::instance();
  CHECK(codeOf([&] { (void)registry.attach("emulated"); }) == "NOT_OPEN");
  const auto controller = registry.open("emulated");
  CHECK(registry.attach("emulated") == controller);
  CHECK(registry.attach(controller->address()) == controller);
  int first = 0;
  int second = 0;
  const auto number = controller->addEventHandler([&](const DriverEvent&) { ++first; });
  (void)controller->addEventHandler([&](const DriverEvent&) { ++second; });
  controller->initialize({});
  controller->powerOff();
  controller->powerOn();
  controller->dropEventHandler(number);
  controller->initialize({});
  controller->powerOff();
  CHECK(first == 1);
  CHECK(second == 2);
  controller->close();
  CHECK(codeOf([&] { (void)registry.attach("emulated"); }) == "NOT_OPEN");
}
