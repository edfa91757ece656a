// IOPS and round trips of the driver on the emulated SSD, with the command log on: one command, one
// table. Configurations alternate, so that a noisy neighbour meets all of them alike.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "driver/registry.h"
#include "spec/opcode.h"

using namespace doorbell;
using namespace doorbell::driver;

namespace {

constexpr int kRounds = 7;
constexpr std::uint64_t kRunMs = 300;
constexpr std::uint64_t kRegionBlocks = 131'072;  // 64 MiB of 512-byte blocks

struct Row {
  std::uint32_t qdepth;
  std::uint32_t readPercent;
  std::vector<double> kiops;
  std::vector<double> p50;
  std::vector<double> p99;
};

IoWorkerResult run(Controller& controller, const IoWorkerSpec& spec) {
  const auto worker = controller.startIoWorker(spec);
  worker->join();
  IoWorkerResult result;
  worker->onDone([&](const IoWorkerResult& done) { result = done; });
  return result;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// ns from submit() to the completion in hand, one command at a time through the shared queue pair.
double roundTripNs(Controller& controller) {
  const auto qpair = controller.createQpair({.depth = 2, .interrupts = false});
  const auto buffer = DmaBuffer::allocate(4096);
  spec::Sqe sqe;
  sqe.opcode = static_cast<std::uint8_t>(spec::NvmOpcode::Read);
  sqe.nsid = 1;
  sqe.cdw12 = 7;
  constexpr int kCommands = 100'000;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kCommands; ++i) {
    qpair->submit(sqe, buffer, 0, 4096, 0);
    ReapedCompletion done[1];
    while (qpair->reap(done, std::chrono::microseconds(100)) == 0) {
    }
  }
  const std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - begin;
  qpair->remove();
  return elapsed.count() / kCommands;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string address = argc > 1 ? argv[1] : "emulated";
  const auto controller = Registry::instance().open(address);
  controller->initialize({});
  run(*controller,
      {.regionEnd = kRegionBlocks, .randomPercent = 0, .readPercent = 0});  // every block exists
  std::vector<Row> rows;
  for (const std::uint32_t readPercent : {100U, 0U}) {
    for (const std::uint32_t qdepth : {1U, 32U, 128U})
      rows.push_back({qdepth, readPercent, {}, {}, {}});
  }
  std::vector<double> trips;
  for (int round = 0; round < kRounds; ++round) {
    for (Row& row : rows) {
      const auto result = run(*controller, {.regionEnd = kRegionBlocks,
                                            .readPercent = row.readPercent,
                                            .qdepth = row.qdepth,
                                            .timeMs = kRunMs,
                                            .percentiles = {50, 99}});
      if (result.end != "completed") {
        std::fprintf(stderr, "qd%u ended as %s\n", row.qdepth, result.end.c_str());
        return EXIT_FAILURE;
      }
      row.kiops.push_back(static_cast<double>(result.reads + result.writes) * 1e6 /
                          static_cast<double>(result.elapsedNs));
      row.p50.push_back(result.all.percentilesNs[0]);
      row.p99.push_back(result.all.percentilesNs[1]);
    }
    trips.push_back(roundTripNs(*controller));
  }
  std::printf("%s, 4 KiB random, command log on, %d alternating rounds of %lu ms\n",
              address.c_str(), kRounds, static_cast<unsigned long>(kRunMs));
  std::printf("%-14s %12s %12s %12s %12s\n", "", "best kIOPS", "median", "p50 ns", "p99 ns");
  for (const Row& row : rows) {
    const std::string name =
        std::string(row.readPercent == 100 ? "read" : "write") + " qd" + std::to_string(row.qdepth);
    std::printf("%-14s %12.0f %12.0f %12.0f %12.0f\n", name.c_str(),
                *std::max_element(row.kiops.begin(), row.kiops.end()), median(row.kiops),
                median(row.p50), median(row.p99));
  }
  std::printf("round trip of one shared qpair command: best %.0f ns, median %.0f ns\n",
              *std::min_element(trips.begin(), trips.end()), median(trips));
  controller->close();
  return EXIT_SUCCESS;
}
