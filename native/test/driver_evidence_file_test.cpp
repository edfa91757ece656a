#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "driver/clock.h"
#include "driver/evidence_file.h"
#include "support/evidence_reader.h"
#include "support/rig.h"
#include "support/small_disk.h"

using namespace doorbell;
using namespace doorbell::driver;
using doorbell::test::codeOf;
using doorbell::test::EvidenceReader;
using doorbell::test::holdsOnSmallDisk;

namespace {

struct TemporaryFolder {
  TemporaryFolder() { REQUIRE(mkdtemp(path.data()) != nullptr); }
  ~TemporaryFolder() { rmdir(path.c_str()); }
  std::string path = "/tmp/evidence-XXXXXX";
};

QueueEvidence queueOf(std::uint32_t controller, std::uint32_t qid, std::uint32_t depth = 16) {
  return {.controllerSegment = controller,
          .qid = qid,
          .depth = depth,
          .lbaBytes = 512,
          .owner = "script"};
}

}  // namespace

TEST_CASE("The file is private, new, and says who wrote it") {
  const TemporaryFolder folder;
  const std::string path = folder.path + "/evidence";
  const Clock clock;
  {
    const auto file = EvidenceFile::create(path, clock);
    struct stat info {};
    REQUIRE(stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0600);
    CHECK(codeOf([&] { EvidenceFile::create(path, clock); }) == "EVIDENCE");
    const auto header = EvidenceReader(file->fd()).header();
    CHECK(header.magic == evidence::kMagic);
    CHECK(header.version == evidence::kVersion);
    CHECK(header.pid == static_cast<std::uint32_t>(getpid()));
    CHECK(header.ticksPerSecond == clock.ticksPerSecond());
    CHECK(header.first.ticks == clock.first().ticks);
  }
  unlink(path.c_str());
}

TEST_CASE("Segments are found through the directory, with what was known of them") {
  const Clock clock;
  const auto file = EvidenceFile::anonymous(clock);
  const auto controller = file->addController("emulated", 7);
  const auto queue = file->addQueue(queueOf(controller.id(), 3, 1024), 9);
  const EvidenceReader reader(file->fd());
  const auto header = reader.header();
  CHECK(header.segmentCount == 2);
  CHECK(header.segments[0].kind == evidence::SegmentKind::Controller);
  CHECK(header.segments[1].kind == evidence::SegmentKind::Queue);
  CHECK(header.segments[1].size == 4096 + 4096 * sizeof(evidence::CommandRecord));
  CHECK(std::string(reader.controller(0).address.data()) == "emulated");
  const auto seen = reader.queue(1);
  CHECK(seen.controllerSegment == 0);
  CHECK(seen.qid == 3);
  CHECK(seen.depth == 1024);
  CHECK(seen.ringSlots == 4096);
  CHECK(std::string(seen.owner.data()) == "script");
  CHECK(seen.createdTicks == 9);
  CHECK(seen.state == static_cast<std::uint32_t>(evidence::QueueState::Live));
}

TEST_CASE(
    "A deleted queue stays readable until the limits are reached; then the oldest goes first") {
  const Clock clock;
  const auto file = EvidenceFile::anonymous(clock, {.segments = 4, .bytes = 512ULL << 20U});
  const auto controller = file->addController("emulated", 1);
  for (std::uint32_t qid = 1; qid <= 3; ++qid) {
    auto queue = file->addQueue(queueOf(controller.id(), qid), qid);
    queue.records()[0].sequence = 2;
    queue.queue().nextSequence = 2;
    file->retire(queue.id());
  }
  const EvidenceReader reader(file->fd());
  CHECK(reader.queue(1).qid == 1);
  CHECK(reader.records(1).size() == 1);
  const auto fourth = file->addQueue(queueOf(controller.id(), 4), 4);
  CHECK(fourth.id() == 1);
  CHECK(reader.queue(1).qid == 4);
  CHECK(reader.records(1).empty());
  CHECK(reader.queue(2).qid == 2);
  CHECK(reader.header().segmentCount == 4);
}

TEST_CASE("Live queues are never recycled: the file grows past its soft limit instead") {
  const Clock clock;
  const auto file =
      EvidenceFile::anonymous(clock, {.segments = evidence::kMaxSegments, .bytes = 1U << 20U});
  const auto controller = file->addController("emulated", 1);
  std::vector<EvidenceSegment> live;
  for (std::uint32_t qid = 1; qid <= 6; ++qid)
    live.push_back(file->addQueue(queueOf(controller.id(), qid), qid));
  const EvidenceReader reader(file->fd());
  for (std::uint32_t qid = 1; qid <= 6; ++qid) CHECK(reader.queue(qid).qid == qid);
}

TEST_CASE("A full directory makes way for controllers and for queues of another size") {
  const Clock clock;
  const auto file = EvidenceFile::anonymous(clock);
  for (std::uint32_t i = 0; i < evidence::kMaxSegments / 2; ++i) {
    const auto controller = file->addController("emulated", 1);
    const auto queue = file->addQueue(queueOf(controller.id(), 1), 1);
    file->retire(queue.id());
    file->retire(controller.id());
  }
  const EvidenceReader reader(file->fd());
  REQUIRE(reader.header().segmentCount == evidence::kMaxSegments);
  const auto controller = file->addController("one more", 1);
  const auto deep = file->addQueue(queueOf(controller.id(), 7, 8192), 2);
  CHECK(reader.header().segmentCount == evidence::kMaxSegments);
  CHECK(std::string(reader.controller(controller.id()).address.data()) == "one more");
  CHECK(reader.queue(deep.id()).depth == 8192);
  CHECK(reader.header().segments[deep.id()].size == 4096 + 16384 * sizeof(evidence::CommandRecord));
  CHECK(reader.header().segments[controller.id()].kind == evidence::SegmentKind::Controller);
}

TEST_CASE("A live queue has its memory from the start, a deleted one keeps only what it wrote") {
  const Clock clock;
  const auto file = EvidenceFile::anonymous(clock);
  const auto bytes = [&] {
    struct stat about {};
    fstat(file->fd(), &about);
    return static_cast<std::uint64_t>(about.st_blocks) * 512;
  };
  const auto controller = file->addController("emulated", 1);
  const std::uint64_t before = bytes();
  const auto queue = file->addQueue(queueOf(controller.id(), 1), 1);
  CHECK(bytes() - before == queue.size());
  for (std::uint64_t n = 1; n <= 40; ++n) queue.records()[n - 1].sequence = 2 * n;
  queue.queue().nextSequence = 41;
  file->retire(queue.id());
  CHECK(bytes() - before == 3U * 4096);
  CHECK(EvidenceReader(file->fd()).records(queue.id()).size() == 40);
}

TEST_CASE("A full file system costs the oldest deleted queues, not the process") {
  const TemporaryFolder folder;
  CHECK(holdsOnSmallDisk(folder.path, "size=2m", [&] {
    const Clock clock;
    const auto file = EvidenceFile::create(folder.path + "/evidence", clock);
    const auto controller = file->addController("emulated", 1);
    const auto fill = [](const EvidenceSegment& queue) {
      std::memset(static_cast<void*>(queue.records()), 1, queue.size() - 4096);
      queue.queue().nextSequence = 1U << 20U;
    };
    for (std::uint32_t qid = 1; qid <= 9; ++qid) {
      const auto queue = file->addQueue(queueOf(controller.id(), qid), qid);
      fill(queue);
      file->retire(queue.id());
    }
    std::vector<EvidenceSegment> live;
    const std::string code = codeOf([&] {
      for (std::uint32_t qid = 1; qid <= 9; ++qid) {
        live.push_back(file->addQueue(queueOf(controller.id(), qid), qid));
        fill(live.back());
      }
    });
    return code == "EVIDENCE" && live.size() == 3;
  }));
}

TEST_CASE("The latest clock point is published whole") {
  Clock clock;
  const auto file = EvidenceFile::anonymous(clock);
  file->updateClock({.ticks = 10, .monotonicNs = 20, .realtimeNs = 30, .sequence = 99});
  const auto latest = EvidenceReader(file->fd()).header().latest;
  CHECK(latest.ticks == 10);
  CHECK(latest.monotonicNs == 20);
  CHECK(latest.realtimeNs == 30);
  CHECK(latest.sequence == 2);
}
