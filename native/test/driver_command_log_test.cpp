#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "driver/clock.h"
#include "driver/command_log.h"
#include "driver/evidence_file.h"
#include "driver/random.h"
#include "support/evidence_reader.h"

using namespace doorbell;
using namespace doorbell::driver;
using doorbell::test::EvidenceReader;

namespace {

struct Log {
  explicit Log(std::uint32_t depth)
      : segment(file->addQueue(
            {.controllerSegment = 0, .qid = 1, .depth = depth, .lbaBytes = 512, .owner = "script"},
            1)),
        log(segment.queue(), segment.records()) {}

  evidence::CommandRecord* begin() {
    spec::Sqe sqe;
    // Every field repeats the number: a torn record shows.
    const std::uint64_t number = log.sequence() + 1;
    sqe.cdw10 = static_cast<std::uint32_t>(number);
    sqe.cdw15 = static_cast<std::uint32_t>(number);
    sqe.prp1 = number;
    return log.begin(sqe, number, 512);
  }
  static void finish(evidence::CommandRecord& record) {
    CommandLog::finish(record, {}, record.submitTicks + 1, evidence::Outcome::Completed);
  }

  Clock clock;
  std::shared_ptr<EvidenceFile> file = EvidenceFile::anonymous(clock);
  EvidenceSegment segment;
  CommandLog log;
};

}  // namespace

TEST_CASE("The ring has a power of two of slots, at least 2048 more than the depth") {
  for (const std::uint32_t depth : {2U, 16U, 1024U, 2048U, 2049U, 65536U}) {
    const std::uint32_t slots = EvidenceFile::ringSlots(depth);
    CHECK(std::has_single_bit(slots));
    CHECK(slots >= 2048 + depth);
  }
}

TEST_CASE("Commands in flight are never evicted, and the newest 2048 are always there") {
  constexpr std::uint32_t kDepth = 1024;
  Log log(kDepth);
  Random random(3);
  std::vector<evidence::CommandRecord*> flying;
  std::vector<evidence::CommandRecord*> stuck;  // some never complete
  for (int i = 0; i < 200'000; ++i) {
    if (flying.size() + stuck.size() == kDepth - 1) {
      const std::size_t pick = random.below(flying.size());
      Log::finish(*flying[pick]);
      flying[pick] = flying.back();
      flying.pop_back();
    }
    auto* record = log.begin();
    (i % 997 == 0 && stuck.size() < 300 ? stuck : flying).push_back(record);
  }
  const EvidenceReader reader(log.file->fd());
  const auto records = reader.records(log.segment.id());
  std::set<std::uint64_t> kept;
  std::size_t inFlight = 0;
  for (const auto& record : records) {
    kept.insert(record.sequence / 2);
    if (record.outcome == 0) ++inFlight;
    CHECK(record.sqe.cdw10 == record.sequence / 2);
  }
  CHECK(inFlight == kDepth - 1);
  for (const auto* record : stuck) CHECK(kept.contains(record->sequence / 2));
  for (const auto* record : flying) CHECK(kept.contains(record->sequence / 2));
  const std::uint64_t newest = log.log.sequence();
  CHECK(newest == 200'000);
  for (std::uint64_t back = 0; back < 2048; ++back) REQUIRE(kept.contains(newest - back));
  CHECK(reader.queue(log.segment.id()).nextSequence == newest + 1);
}

TEST_CASE("A reader never sees a torn record while the log is written") {
  Log log(16);
  std::atomic<bool> stop{false};
  std::jthread writer([&] {
    while (!stop) Log::finish(*log.begin());
  });
  const EvidenceReader reader(log.file->fd());
  std::size_t seen = 0;
  for (int round = 0; round < 20; ++round) {
    for (const auto& record : reader.records(log.segment.id())) {
      ++seen;
      const std::uint64_t number = record.sequence / 2;
      REQUIRE(record.sqe.cdw10 == static_cast<std::uint32_t>(number));
      REQUIRE(record.sqe.cdw15 == static_cast<std::uint32_t>(number));
      REQUIRE(record.sqe.prp1 == number);
      REQUIRE(record.submitTicks == number);
      if (record.outcome != 0) REQUIRE(record.completeTicks == number + 1);
    }
  }
  stop = true;
  CHECK(seen > 1000);
}
