// Queue pairs on a scripted device that posts completions it should not.
#include <doctest/doctest.h>

#include "support/qpair_rig.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;
using evidence::Outcome;

TEST_CASE("A malformed completion is an event, never a completion and never a crash") {
  QpairRig rig(4);
  rig.answerNothing();
  const std::uint16_t cid = rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0);
  rig.awaitSeen(1, 1);
  spec::Cqe cqe;
  cqe.sqId = 1;
  cqe.sqHead = 1;
  ReapedCompletion none[1];

  SUBCASE("a CID that was never given") {
    cqe.cid = 0x7777;
    rig.device->post(1, cqe, true);
    CHECK(rig.qpair->reap(none, std::chrono::microseconds(1000)) == 0);
    REQUIRE(rig.seenEvents().size() == 1);
    CHECK(rig.seenEvents()[0].kind == "malformed-completion");
    CHECK(rig.seenEvents()[0].cqe->cid == 0x7777);
    CHECK(rig.seenEvents()[0].qid == 1);
  }
  SUBCASE("a CID that is free") {
    cqe.cid = static_cast<std::uint16_t>((cid + 1) % 3);
    rig.device->post(1, cqe, true);
    CHECK(rig.qpair->reap(none, std::chrono::microseconds(1000)) == 0);
    CHECK(rig.seenEvents().size() == 1);
  }
  SUBCASE("another queue's SQ identifier") {
    cqe.cid = cid;
    cqe.sqId = 2;
    rig.device->post(1, cqe, true);
    CHECK(rig.qpair->reap(none, std::chrono::microseconds(1000)) == 0);
    CHECK(rig.seenEvents().size() == 1);
  }
  SUBCASE("thousands of them: the first 64 are told") {
    cqe.cid = 0xffff;
    for (int i = 0; i < 1000; ++i) {
      rig.device->post(1, cqe, true);
      CHECK(rig.qpair->reap(none, std::chrono::microseconds(0)) == 0);
    }
    CHECK(rig.seenEvents().size() == 64);
  }
  // The command itself is still good for its own completion.
  rig.device->complete(1, cid);
  CHECK(reapN(*rig.qpair, 1).size() == 1);
}

TEST_CASE("A duplicate completion is noticed; a wrong SQ head is told, and the command completes") {
  QpairRig rig(8);
  rig.answerNothing();
  const std::uint16_t cid = rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0);
  rig.awaitSeen(1, 1);
  rig.device->complete(1, cid);
  rig.device->complete(1, cid);
  CHECK(reapN(*rig.qpair, 1).size() == 1);
  CHECK(rig.seenEvents().size() == 1);

  for (const std::uint16_t head : {std::uint16_t{5}, std::uint16_t{200}}) {
    const std::uint16_t next = rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0);
    spec::Cqe cqe;
    cqe.cid = next;
    cqe.sqId = 1;
    cqe.sqHead = head;
    rig.device->post(1, cqe, true);
    CHECK(reapN(*rig.qpair, 1).size() == 1);
  }
  CHECK(rig.seenEvents().size() == 3);
  CHECK(rig.seenEvents()[2].message.find("SQ head") != std::string::npos);
}

TEST_CASE("Each kind of malformed completion has its name") {
  QpairRig rig(8);
  rig.answerNothing();
  const auto other = rig.controller->createQpair({.depth = 4});
  const std::uint16_t cid = rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0);
  rig.awaitSeen(1, 1);
  ReapedCompletion none[1];
  const auto reasonOf = [&](const spec::Cqe& cqe) {
    const std::size_t before = rig.seenEvents().size();
    rig.device->post(1, cqe, true);
    (void)rig.qpair->reap(none, std::chrono::microseconds(100));
    REQUIRE(rig.seenEvents().size() == before + 1);
    return rig.seenEvents().back().reason;
  };
  CHECK(reasonOf({.sqId = 1, .cid = 6}) == "unknown-cid");
  CHECK(reasonOf({.sqId = 1, .cid = 7}) == "unknown-cid");
  CHECK(reasonOf({.sqId = 9, .cid = cid}) == "wrong-sqid");
  CHECK(reasonOf({.sqId = other->qid(), .cid = cid}) == "unexpected-queue");
  CHECK(reasonOf({.sqId = 0, .cid = cid}) == "unexpected-queue");
  rig.device->complete(1, cid);
  REQUIRE(reapN(*rig.qpair, 1).size() == 1);
  CHECK(reasonOf({.sqHead = 1, .sqId = 1, .cid = cid}) == "duplicate-cid");
  (void)rig.qpair->submit(readSqe(), rig.buffer, 0, 512, 0);
  CHECK(reasonOf({.sqHead = 77, .sqId = 1, .cid = static_cast<std::uint16_t>(cid + 1)}) ==
        "sq-head");
}

TEST_CASE("A completion without phase toggle is no completion; the dossier names its slot") {
  QpairRig rig(3);
  rig.answerNothing();
  const auto send = [&](std::uint32_t timeoutMs) {
    return rig.qpair->submit(readSqe(), rig.buffer, 0, 512, timeoutMs);
  };
  // In the first turn, and in a later one, where the slot is full of an earlier completion.
  for (std::uint32_t taken = 0; taken < 8; ++taken) {
    CAPTURE(taken);
    QpairRig fresh(3);
    fresh.answerAll();
    for (std::uint32_t i = 0; i < taken; ++i) {
      fresh.qpair->submit(readSqe(), fresh.buffer, 0, 512, 0);
      REQUIRE(reapN(*fresh.qpair, 1).size() == 1);
    }
    CHECK(fresh.qpair->dossier().changedSlots.empty());
    fresh.answerNothing();
    const std::uint16_t cid = fresh.qpair->submit(readSqe(), fresh.buffer, 0, 512, 5);
    fresh.awaitSeen(1, taken + 1);
    fresh.device->completeUntoggled(1, cid);
    REQUIRE(reapN(*fresh.qpair, 1).at(0).outcome == static_cast<std::uint16_t>(Outcome::TimedOut));
    const auto changed = fresh.qpair->dossier().changedSlots;
    REQUIRE(changed.size() == 1);
    CHECK(changed[0].slot == taken % 3);
    CHECK(changed[0].now.cid == cid);
    CHECK((changed[0].before.sqId == 0) == (taken < 3));
  }
  CHECK(send(0) == 0);
  CHECK(rig.qpair->dossier().changedSlots.empty());
}
