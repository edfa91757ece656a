// The emulated SSD without the driver: what its device threads can do, what they cost while idle,
// and what the machine's memory allows. Queues are filled whole and rung once, so that the host's
// share is small.
#include <ctime>
#include <memory>
#include <string>
#include <thread>

#include "bench/copy_limit.h"
#include "test/support/test_host.h"

using namespace doorbell;
using bench::Samples;
using spec::NvmOpcode;

namespace {

constexpr std::uint32_t kEntries = 1024;
constexpr std::uint32_t kBatch = kEntries - 1;
constexpr unsigned kBatches = 40;  ///< a round
constexpr int kRounds = 9;
constexpr std::uint64_t kRegion = 16'384;  ///< 4 KiB places: 64 MiB

spec::Sqe commandOf(NvmOpcode opcode, std::uint64_t place, std::uint64_t bus) {
  spec::Sqe sqe;
  sqe.opcode = static_cast<std::uint8_t>(opcode);
  sqe.nsid = 1;
  sqe.prp1 = bus;
  sqe.cdw10 = static_cast<std::uint32_t>(place * 8);
  sqe.cdw12 = 7;
  return sqe;
}

/// An SSD with as many queues as device threads.
struct Ssd {
  explicit Ssd(unsigned threads)
      : host(test::freshAddress("size=128M&threads=" + std::to_string(threads))) {
    for (unsigned i = 1; i <= threads; ++i)
      queues.push_back(host.makeQueue(static_cast<std::uint16_t>(i), kEntries));
    rate(NvmOpcode::Write, true);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // it merges its pages meanwhile
  }

  /// Commands a second of queues that are filled again as soon as they are empty. The host does not
  /// spin where it would take a device thread's processor.
  double rate(NvmOpcode opcode, bool everyPlace = false) {
    double ns = 0;
    std::uint64_t count = 0;
    for (unsigned batch = 0; batch < kBatches; ++batch) {
      for (std::size_t at = 0; at < queues.size(); ++at) {
        for (std::uint32_t i = 0; i < kBatch; ++i, ++count) {
          const std::uint64_t place = everyPlace ? count % kRegion : random.below(kRegion);
          queues[at]->post(commandOf(opcode, place, host.data.bus() + (at * 32 + i % 32) * 4096));
        }
      }
      const auto begin = bench::Clock::now();
      for (auto& queue : queues) queue->ringTail();
      for (auto& queue : queues) {
        for (std::uint32_t i = 0; i < kBatch;) {
          if (queue->reap(false)) {
            ++i;
          } else if (queues.size() > 1) {
            std::this_thread::sleep_for(std::chrono::microseconds(10));
          }
        }
      }
      ns += bench::nsSince(begin);
      for (auto& queue : queues) queue->ringHead();
    }
    return static_cast<double>(count) / ns * 1e9;
  }
  /// ns from ringing the doorbell to the completion in hand, one command at a time.
  double roundTrip(NvmOpcode opcode) {
    constexpr unsigned kCommands = 20'000;
    const auto begin = bench::Clock::now();
    for (unsigned i = 0; i < kCommands; ++i) {
      queues[0]->submit(commandOf(opcode, random.below(kRegion), host.data.bus()));
      while (!queues[0]->reap()) {
      }
    }
    return bench::nsSince(begin) / kCommands;
  }

  test::TestHost host;
  std::vector<std::unique_ptr<test::TestQueue>> queues;
  driver::Random random{1};
};

struct Row {
  const char* name;
  NvmOpcode opcode;
  double target;  ///< K/s of one thread; 0: none
  Samples one{};
  Samples two{};
  Samples trip{};
};

/// % of a core that an SSD nobody talks to takes.
double idlePercent() {
  constexpr double kSeconds = 2;
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const auto cpu = [] {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
  };
  const double before = cpu();
  std::this_thread::sleep_for(std::chrono::duration<double>(kSeconds));
  return (cpu() - before) / kSeconds * 100;
}

void printLimits() {
  std::printf("\n4 KiB copies of one processor, M/s: best of %d\n", kRounds);
  std::printf("%-20s %12s %12s %12s %12s\n", "random, region", "from", "prefetched", "to",
              "prefetched");
  for (const bool huge : {false, true}) {
    for (const std::size_t mib : {64U, 512U, 1024U}) {
      bench::CopyLimit limit(mib << 20U, huge);
      Samples rates[4];
      for (int round = 0; round < kRounds; ++round) {
        rates[0].add(limit.rate(bench::Copy::FromRegion, false));
        rates[1].add(limit.rate(bench::Copy::FromRegion, true));
        rates[2].add(limit.rate(bench::Copy::ToRegion, false));
        rates[3].add(limit.rate(bench::Copy::ToRegion, true));
      }
      const std::string name = std::to_string(mib) + (huge ? " MiB, huge pages" : " MiB");
      std::printf("%-20s %12.2f %12.2f %12.2f %12.2f\n", name.c_str(), rates[0].highest() / 1e6,
                  rates[1].highest() / 1e6, rates[2].highest() / 1e6, rates[3].highest() / 1e6);
    }
  }
}

}  // namespace

int main() {
  Ssd one(1);
  const double idleOne = idlePercent();
  Ssd two(2);
  std::vector<Row> rows{{"Flush, no data", NvmOpcode::Flush, 5000},
                        {"Read 4 KiB", NvmOpcode::Read, 2500},
                        {"Write 4 KiB", NvmOpcode::Write, 0}};
  for (int round = 0; round < kRounds; ++round) {
    for (Row& row : rows) {
      row.one.add(one.rate(row.opcode) / 1e3);
      row.two.add(two.rate(row.opcode) / 1e3);
      row.trip.add(one.roundTrip(row.opcode));
    }
  }
  std::printf(
      "emulated SSD, random in 64 MiB, %d alternating rounds; two threads have two queues\n",
      kRounds);
  std::printf("%-16s %12s %10s %10s %12s %10s %12s %10s\n", "", "1 thread K/s", "median",
              "to reach", "2 threads", "median", "qd1 best ns", "median");
  for (const Row& row : rows) {
    std::printf("%-16s %12.0f %10.0f %10.0f %12.0f %10.0f %12.0f %10.0f\n", row.name,
                row.one.highest(), row.one.median(), row.target, row.two.highest(),
                row.two.median(), row.trip.lowest(), row.trip.median());
  }
  std::printf("qd1: doorbell to completion, to reach 1000 ns\n");
  std::printf(
      "idle: %.3f %% of a core with one device thread, to reach 1 %%; with two more %.3f %%\n",
      idleOne, idlePercent());
  printLimits();
  return EXIT_SUCCESS;
}
