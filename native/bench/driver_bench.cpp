// The whole path: ioworker, driver, doorbells, emulated SSD. One command, the table of what is to
// be reached. Configurations alternate, so that a noisy neighbour meets all of them alike.
#include <memory>
#include <string>
#include <thread>

#include "bench/copy_limit.h"
#include "driver/registry.h"
#include "spec/opcode.h"

using namespace doorbell;
using namespace doorbell::driver;
using bench::Samples;

namespace {

constexpr int kRounds = 9;
constexpr std::uint64_t kRunMs = 60;
constexpr std::uint64_t kMiB = 2048;  ///< in 512-byte blocks
constexpr std::uint64_t kNear = 64 * kMiB;
constexpr std::uint64_t kFar = 1024 * kMiB;

/// A drive with what a row needs.
struct Drive {
  Drive(const std::string& address, std::uint64_t blocks)
      : controller(Registry::instance().open(address)) {
    controller->initialize({});
    run({.regionEnd = blocks, .randomPercent = 0, .readPercent = 0});  // every block exists
    std::this_thread::sleep_for(std::chrono::milliseconds(blocks / kMiB / 2 + 100));
  }
  ~Drive() { controller->close(); }
  Drive(const Drive&) = delete;
  Drive& operator=(const Drive&) = delete;

  IoWorkerResult run(const IoWorkerSpec& spec) const {
    const auto worker = controller->startIoWorker(spec);
    worker->join();
    IoWorkerResult result;
    worker->onDone([&](const IoWorkerResult& done) { result = done; });
    if (result.end == "completed") return result;
    std::fprintf(stderr, "an ioworker ended as %s\n", result.end.c_str());
    std::exit(EXIT_FAILURE);
  }

  std::shared_ptr<Controller> controller;
};

enum class Limit { None, ReadNear, WriteNear, ReadFar };

struct Row {
  std::string name;
  const Drive* drive;
  IoWorkerSpec spec;
  double target;  ///< K IOPS
  Limit limit = Limit::None;
  Samples kiops{};
  Samples unlogged{};
  Samples p50{};
  Samples p99{};
};

double kiopsOf(const IoWorkerResult& result) {
  return static_cast<double>(result.reads + result.writes) * 1e6 /
         static_cast<double>(result.elapsedNs);
}

void measure(Row& row) {
  IoWorkerSpec spec = row.spec;
  spec.timeMs = kRunMs;
  spec.percentiles = {50, 99};
  const auto result = row.drive->run(spec);
  row.kiops.add(kiopsOf(result));
  row.p50.add(result.all.percentilesNs[0]);
  row.p99.add(result.all.percentilesNs[1]);
  spec.logged = false;
  row.unlogged.add(kiopsOf(row.drive->run(spec)));
}

std::vector<Row> makeRows(const Drive& plain, const Drive& empty) {
  const auto spec = [](std::uint32_t readPercent, std::uint32_t qdepth, std::uint64_t blocks) {
    return IoWorkerSpec{.regionEnd = blocks, .readPercent = readPercent, .qdepth = qdepth};
  };
  return {{"read 64 MiB qd1", &plain, spec(100, 1, kNear), 1500, Limit::ReadNear},
          {"read 64 MiB qd32", &plain, spec(100, 32, kNear), 4000, Limit::ReadNear},
          {"read 64 MiB qd128", &plain, spec(100, 128, kNear), 4000, Limit::ReadNear},
          {"write 64 MiB qd32", &plain, spec(0, 32, kNear), 4000, Limit::WriteNear},
          {"read 1 GiB qd32", &plain, spec(100, 32, kFar), 3500, Limit::ReadFar},
          {"null qd1", &empty, spec(100, 1, kNear), 3000},
          {"null qd32", &empty, spec(100, 32, kNear), 9000},
          {"null qd128", &empty, spec(100, 128, kNear), 11000}};
}

/// ns from submit() to the completion in hand, one command at a time through the shared queue pair.
double roundTripNs(Controller& controller) {
  const auto qpair = controller.createQpair({.depth = 2, .interrupts = false});
  const auto buffer = DmaBuffer::allocate(4096);
  spec::Sqe sqe;
  sqe.opcode = static_cast<std::uint8_t>(spec::NvmOpcode::Read);
  sqe.nsid = 1;
  sqe.cdw12 = 7;
  constexpr int kCommands = 50'000;
  const auto begin = bench::Clock::now();
  for (int i = 0; i < kCommands; ++i) {
    qpair->submit(sqe, buffer, 0, 4096, 0);
    ReapedCompletion done[1];
    while (qpair->reap(done, std::chrono::microseconds(100)) == 0) {
    }
  }
  const double ns = bench::nsSince(begin) / kCommands;
  qpair->remove();
  return ns;
}

/// The copies a second that the machine allows for each limit, prefetched or not, in huge pages.
struct Limits {
  bench::CopyLimit near{std::size_t{64} << 20U, true};
  bench::CopyLimit far{std::size_t{1} << 30U, true};
  Samples kiops[4];

  void measure() {
    const auto best = [](bench::CopyLimit& limit, bench::Copy direction) {
      return std::max(limit.rate(direction, false), limit.rate(direction, true)) / 1e3;
    };
    kiops[1].add(best(near, bench::Copy::FromRegion));
    kiops[2].add(best(near, bench::Copy::ToRegion));
    kiops[3].add(best(far, bench::Copy::FromRegion));
  }
};

void print(const Row& row, const Limits& limits) {
  std::string share = "-";
  if (row.limit != Limit::None) {
    const double limit = limits.kiops[static_cast<std::size_t>(row.limit)].highest();
    share = std::to_string(static_cast<int>(row.kiops.highest() / limit * 100)) + " % of " +
            std::to_string(static_cast<int>(limit));
  }
  std::printf("%-20s %10.0f %10.0f %10.0f %15s %10.1f %8.0f %8.0f\n", row.name.c_str(),
              row.kiops.highest(), row.kiops.median(), row.target, share.c_str(),
              (1 - row.kiops.highest() / row.unlogged.highest()) * 100, row.p50.median(),
              row.p99.median());
}

struct Pair {
  Samples off{};
  Samples on{};
  void print(const char* name, const char* goal) const {
    std::printf("%-40s %10.0f off %10.0f on, %5.1f %% (%s)\n", name, off.highest(), on.highest(),
                on.highest() / off.highest() * 100, goal);
  }
};

}  // namespace

int main() {
  const Drive plain("emulated?size=2G&name=bench", kFar);
  const Drive empty("emulated?media=null&name=bench", kNear);
  const Drive verified("emulated?name=verified", kNear);
  Limits limits;
  std::vector<Row> rows = makeRows(plain, empty);
  Pair verification;
  Samples trips;
  const IoWorkerSpec mixed{.regionEnd = kNear, .readPercent = 50, .timeMs = kRunMs};
  for (int round = 0; round < kRounds; ++round) {
    for (Row& row : rows) measure(row);
    verified.controller->setVerification(1, std::nullopt);
    verification.off.add(kiopsOf(verified.run(mixed)));
    verified.controller->setVerification(1, VerifyOptions{.regionEnd = kNear});
    verification.on.add(kiopsOf(verified.run(mixed)));
    trips.add(roundTripNs(*plain.controller));
    limits.measure();
  }
  std::printf(
      "4 KiB random, K IOPS, %d alternating rounds of %lu ms; share: of the copies a second "
      "that this machine's memory allows\n",
      kRounds, static_cast<unsigned long>(kRunMs));
  std::printf("%-20s %10s %10s %10s %15s %10s %8s %8s\n", "", "best", "median", "to reach", "share",
              "log costs %", "p50 ns", "p99 ns");
  for (const Row& row : rows) print(row, limits);
  verification.print("verification, 50/50 qd32", "to reach 45 %");
  std::printf("round trip of one shared qpair command: best %.0f ns, median %.0f ns (1000 ns)\n",
              trips.lowest(), trips.median());
  return EXIT_SUCCESS;
}
