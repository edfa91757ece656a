// Ioworkers on a scripted device: what they issue, how they end, what they count.
#include <doctest/doctest.h>

#include <cstring>
#include <set>

#include "driver/io_worker.h"
#include "support/evidence_reader.h"
#include "support/rig.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;

namespace {

IoWorkerResult resultOf(const std::shared_ptr<IoWorker>& worker) {
  worker->join();
  IoWorkerResult result;
  worker->onDone([&](const IoWorkerResult& done) { result = done; });
  return result;
}

IoWorkerResult run(Rig& rig, const IoWorkerSpec& spec) {
  return resultOf(rig.controller->startIoWorker(spec));
}

struct WorkerRig : Rig {
  WorkerRig() {
    initialize();
    answerAll();
  }
};

}  // namespace

TEST_CASE("Sequential without a limit covers the region once, its tail included") {
  WorkerRig rig;
  const auto result =
      run(rig, {.blocks = 8, .regionStart = 16, .regionEnd = 53, .randomPercent = 0, .qdepth = 4});
  CHECK(result.end == "completed");
  CHECK(result.reads == 5);
  CHECK(result.bytesRead == 37 * 512);
  std::uint64_t next = 16;
  for (const auto& sqe : rig.device->seen(1)) {
    CHECK(sqe.cdw10 == next);
    next += sqe.cdw12 + 1;
  }
  CHECK(next == 53);
}

TEST_CASE("Sequential with a count wraps, always with whole commands") {
  WorkerRig rig;
  CHECK(run(rig, {.blocks = 8, .regionEnd = 20, .randomPercent = 0, .qdepth = 1, .ioCount = 5})
            .reads == 5);
  std::vector<std::uint32_t> lbas;
  for (const auto& sqe : rig.device->seen(1)) lbas.push_back(sqe.cdw10);
  CHECK(lbas == std::vector<std::uint32_t>{0, 8, 0, 8, 0});
}

TEST_CASE("The same seed issues the same commands, another one others; all stay in their region") {
  const auto commands = [](std::uint64_t seed) {
    WorkerRig rig;
    run(rig, {.blocks = 3,
              .regionStart = 1000,
              .regionEnd = 2000,
              .randomPercent = 60,
              .readPercent = 70,
              .qdepth = 8,
              .ioCount = 2000,
              .seed = seed});
    std::vector<std::pair<int, std::uint32_t>> issued;
    for (const auto& sqe : rig.device->seen(1)) issued.emplace_back(sqe.opcode, sqe.cdw10);
    return issued;
  };
  const auto first = commands(1);
  CHECK(first.size() == 2000);
  CHECK(first == commands(1));
  CHECK(first != commands(2));
  int reads = 0;
  int sequential = 0;
  std::uint32_t next = 1000;
  for (const auto& [opcode, lba] : first) {
    REQUIRE(lba >= 1000);
    REQUIRE(lba + 3 <= 2000);
    if (opcode == 2) ++reads;
    if (next + 3 > 2000) next = 1000;
    if (lba == next) {
      ++sequential;
      next += 3;
    }
  }
  CHECK(reads > 1300);
  CHECK(reads < 1500);
  CHECK(sequential > 700);
  CHECK(sequential < 900);
}

TEST_CASE("Written data is the seed's pattern, never zeros, and mixed reads do not disturb it") {
  Rig rig;
  rig.initialize();
  std::set<std::uint64_t> written;
  rig.device->onCommand([&](std::uint16_t, const spec::Sqe& sqe) {
    std::uint64_t word = 0;
    auto* data = rig.device->domain().at(sqe.prp1, 4096);
    std::memcpy(&word, data, sizeof(word));
    if (sqe.opcode == 1) written.insert(word);
    if (sqe.opcode == 2) std::memset(data, 0, 4096);
    return std::optional<std::uint16_t>(0);
  });
  run(rig, {.regionEnd = 1000, .readPercent = 50, .qdepth = 4, .ioCount = 500, .seed = 9});
  CHECK(written.size() == 4);
  CHECK_FALSE(written.contains(0));
}

TEST_CASE("Large commands have their own PRP list") {
  Rig rig;
  rig.initialize();
  std::set<std::uint64_t> lists;
  rig.device->onCommand([&](std::uint16_t, const spec::Sqe& sqe) {
    std::uint64_t entry = 0;
    std::memcpy(&entry, rig.device->domain().at(sqe.prp2, 4096), sizeof(entry));
    CHECK(entry == sqe.prp1 + 4096);
    lists.insert(sqe.prp2);
    return std::optional<std::uint16_t>(0);
  });
  run(rig, {.blocks = 256, .regionEnd = 100'000, .qdepth = 3, .ioCount = 30});
  CHECK(lists.size() == 3);
}

TEST_CASE("The first error ends it, with status and place in the log; the rest is drained") {
  Rig rig;
  rig.initialize();
  rig.device->onCommand([count = 0](std::uint16_t, const spec::Sqe&) mutable {
    return std::optional<std::uint16_t>(++count == 50 ? 0x281 : 0);
  });
  const auto result = run(rig, {.regionEnd = 1000, .qdepth = 8, .ioCount = 100'000});
  CHECK(result.end == "device-error");
  CHECK(result.firstErrorStatus == 0x281);
  CHECK(result.firstErrorSequence == 50);
  CHECK(result.reads >= 49);
  CHECK(result.reads < 70);
  CHECK(result.all.count == result.reads);
}

TEST_CASE("A command that never completes ends it as timed out, without hanging") {
  Rig rig;
  rig.initialize();
  rig.device->onCommand([count = 0](std::uint16_t, const spec::Sqe&) mutable {
    return ++count == 20 ? std::optional<std::uint16_t>() : std::optional<std::uint16_t>(0);
  });
  const auto worker = rig.controller->startIoWorker(
      {.regionEnd = 1000, .qdepth = 4, .timeMs = 60'000, .commandTimeoutMs = 50});
  const auto result = resultOf(worker);
  CHECK(result.end == "timed-out");
  CHECK(result.firstErrorSequence == 20);
  CHECK(EvidenceReader(rig.evidence->fd()).queue(worker->segment()).state ==
        static_cast<std::uint32_t>(evidence::QueueState::Deleted));
}

TEST_CASE(
    "Stopped, reset, powered off, removed, closed: it ends with the reason, whatever is "
    "outstanding") {
  Rig rig;
  rig.initialize();
  rig.device->onCommand([count = 0](std::uint16_t, const spec::Sqe&) mutable {
    // From the 100th on nothing completes.
    return ++count < 100 ? std::optional<std::uint16_t>(0) : std::optional<std::uint16_t>();
  });
  const auto worker = rig.controller->startIoWorker(
      {.regionEnd = 1000, .qdepth = 16, .timeMs = 60'000, .commandTimeoutMs = 0});
  rig.awaitSeen(1, 100);
  SUBCASE("reset") {
    rig.controller->reset(ControllerReset::FunctionLevel);
    CHECK(resultOf(worker).end == "reset");
  }
  SUBCASE("disable") {
    rig.controller->disable();
    CHECK(resultOf(worker).end == "reset");
  }
  SUBCASE("power loss") {
    rig.controller->powerOff();
    CHECK(resultOf(worker).end == "power-lost");
  }
  SUBCASE("removal") {
    rig.device->lose(platform::LossReason::Removed);
    CHECK(resultOf(worker).end == "removed");
  }
  SUBCASE("close") {
    rig.controller->close();
    CHECK(resultOf(worker).end == "stopped");
  }
  const auto log = EvidenceReader(rig.evidence->fd()).records(worker->segment());
  for (const auto& record : log) CHECK(record.outcome != 0);
}

TEST_CASE("stop() drains what is outstanding") {
  WorkerRig rig;
  const auto worker = rig.controller->startIoWorker({.regionEnd = 1000, .timeMs = 60'000});
  while (worker->counters().ios < 100) Rig::nap();
  CHECK(worker->counters().bytes >= 100 * 4096);
  worker->stop();
  const auto result = resultOf(worker);
  CHECK(result.end == "stopped");
  CHECK(result.reads == rig.device->seen(worker->qid()).size());
  CHECK(rig.controller->startIoWorker({.regionEnd = 1000, .ioCount = 1})->qid() == 1);
}

TEST_CASE("onDone tells once, before or after the end") {
  WorkerRig rig;
  const auto worker = rig.controller->startIoWorker({.regionEnd = 1000, .ioCount = 100});
  std::atomic<int> calls{0};
  worker->onDone([&](const IoWorkerResult& result) {
    CHECK(result.reads == 100);
    ++calls;
  });
  worker->join();
  CHECK(calls == 1);
  worker->onDone([&](const IoWorkerResult&) { ++calls; });
  CHECK(calls == 2);
}

TEST_CASE("Impossible work is refused, naming the field") {
  WorkerRig rig;
  const auto refused = [&](const IoWorkerSpec& spec) {
    return messageOf([&] { (void)rig.controller->startIoWorker(spec); });
  };
  CHECK(refused({.regionEnd = 100, .qdepth = 0, .ioCount = 1}).find("qdepth is 1 to 255") !=
        std::string::npos);
  CHECK(refused({.regionEnd = 100, .qdepth = 256, .ioCount = 1}).find("qdepth") !=
        std::string::npos);
  CHECK(refused({.blocks = 0, .regionEnd = 100, .ioCount = 1}).find("blocks") != std::string::npos);
  CHECK(refused({.blocks = 8, .regionEnd = 7, .ioCount = 1}).find("region") != std::string::npos);
  CHECK(refused({.regionEnd = 100, .randomPercent = 101, .ioCount = 1}).find("randomPercent") !=
        std::string::npos);
  CHECK(refused({.regionEnd = 100, .readPercent = 101, .ioCount = 1}).find("readPercent") !=
        std::string::npos);
  CHECK(refused({.regionEnd = 100}).find("timeMs or ioCount") != std::string::npos);
  CHECK(refused({.regionEnd = 100, .ioCount = 1, .percentiles = {101}}).find("percentile") !=
        std::string::npos);
  CHECK(rig.device->seen(1).empty());
}

TEST_CASE("Without a command log everything is counted, and nothing recorded") {
  WorkerRig rig;
  const auto worker = rig.controller->startIoWorker(
      {.regionEnd = 64, .qdepth = 4, .ioCount = 100, .logged = false});
  const std::uint32_t segment = worker->segment();
  const auto result = resultOf(worker);
  CHECK(result.end == "completed");
  CHECK(result.reads == 100);
  CHECK(result.all.count == 100);
  CHECK(EvidenceReader(rig.evidence->fd()).records(segment).empty());
}

TEST_CASE("The device learns of every completion that was reaped") {
  WorkerRig rig;
  (void)run(rig, {.regionEnd = 64, .qdepth = 4, .ioCount = 103});
  CHECK(rig.device->doorbells().base[3] == 103 % 5);
}
