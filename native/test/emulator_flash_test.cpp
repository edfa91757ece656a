#include <doctest/doctest.h>

#include "emulator/flash/flash_model.h"
#include "emulator/mix.h"

using namespace doorbell::emulator;
using flash::FlashModel;
using flash::Geometry;
using flash::Statistics;
using flash::Timing;

namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kCapacity = 256 * kMiB;

/// A drive and the virtual time of one host that keeps `depth` commands outstanding.
struct Drive {
  explicit Drive(std::uint64_t seed = 1, std::uint64_t capacity = kCapacity)
      : bytes(capacity), model(Geometry::of(capacity), Timing{}, seed) {}

  template <class Command>
  std::uint64_t issue(Command command) {
    std::uint64_t& slot = outstanding[next++ % outstanding.size()];
    now = std::max(now, slot);
    slot = command(now);
    last = std::max(last, slot);
    trace.push_back(slot);
    return slot - now;
  }
  std::uint64_t write(std::uint64_t byte, std::uint64_t length, bool durable = false) {
    return issue([&](std::uint64_t at) { return model.write(at, byte, length, durable); });
  }
  std::uint64_t read(std::uint64_t byte, std::uint64_t length) {
    return issue([&](std::uint64_t at) { return model.read(at, byte, length); });
  }
  void wait(std::uint64_t ns) { now = std::max(now, last) + ns; }
  /// MB/s of writing a region in order.
  double sequentialRate(std::uint64_t from, std::uint64_t length) {
    const std::uint64_t since = now;
    for (std::uint64_t at = from; at < from + length; at += 131072) write(at, 131072);
    return rate(length, since);
  }
  double randomRate(std::uint64_t length, std::uint64_t seed) {
    const std::uint64_t since = now;
    for (std::uint64_t done = 0; done < length; done += 4096) {
      write(mix(seed + done) % (bytes / 4096) * 4096, 4096);
    }
    return rate(length, since);
  }
  double rate(std::uint64_t length, std::uint64_t since) const {
    return static_cast<double>(length) * 1000 / static_cast<double>(std::max(now, last) - since);
  }

  std::uint64_t bytes;
  FlashModel model;
  std::array<std::uint64_t, 32> outstanding{};
  std::size_t next = 0;
  std::uint64_t now = kSecond;
  std::uint64_t last = 0;
  std::vector<std::uint64_t> trace;
};

/// Fills the drive in order and lets it fold what its SLC cache took.
void fill(Drive& drive) {
  drive.sequentialRate(0, drive.bytes);
  drive.wait(60 * kSecond);
}

}  // namespace

TEST_CASE("the same seed and I/O end at the same times, another seed's do not") {
  const auto trace = [](std::uint64_t seed) {
    Drive drive(seed, 64 * kMiB);
    drive.sequentialRate(0, 64 * kMiB);
    drive.randomRate(96 * kMiB, 7);
    drive.wait(kSecond);
    for (std::uint64_t i = 0; i < 2000; ++i) drive.read(mix(i) % 16384 * 4096, 4096);
    return drive.trace;
  };
  const auto first = trace(1);
  CHECK(first == trace(1));
  CHECK(first != trace(2));
}

TEST_CASE("sequential writes slow down when the SLC cache is full, and recover when it was idle") {
  Drive drive;
  const double cached = drive.sequentialRate(0, 8 * kMiB);
  drive.sequentialRate(8 * kMiB, 24 * kMiB);
  CHECK(drive.model.statistics().freeSlcSuperblocks == 0);
  const double exhausted = drive.sequentialRate(32 * kMiB, 64 * kMiB);
  CHECK(exhausted < cached * 0.8);
  drive.wait(10 * kSecond);
  const double recovered = drive.sequentialRate(96 * kMiB, 8 * kMiB);
  MESSAGE("MB/s cached " << cached << ", exhausted " << exhausted << ", recovered " << recovered);
  CHECK(recovered > exhausted * 1.25);
  CHECK(drive.model.statistics().folded > 0);
}

TEST_CASE("random writes fall to a steady state") {
  Drive drive;
  fill(drive);
  const double fresh = drive.randomRate(8 * kMiB, 1);
  double before = 0;
  double steady = 0;
  for (std::uint64_t round = 0; round < 4; ++round) {
    before = steady;
    steady = drive.randomRate(drive.bytes, (round + 2) << 40U);
  }
  const Statistics after = drive.model.statistics();
  MESSAGE("MB/s fresh " << fresh << ", steady " << steady << " after " << before
                        << "; write amplification " << after.writeAmplification());
  CHECK(steady < fresh / 3);
  CHECK(steady > before * 0.8);
  CHECK(steady < before * 1.2);
  CHECK(after.collected > 0);
  CHECK(after.writeAmplification() > 1.5);
}

TEST_CASE("a read waits behind the programs on its die") {
  Drive drive;
  fill(drive);
  std::uint64_t alone = 0;
  for (std::uint64_t i = 0; i < 64; ++i) {
    alone = std::max(alone, drive.read(i * kMiB, 4096));
    drive.wait(1'000'000);
  }
  drive.sequentialRate(128 * kMiB, 32 * kMiB);
  std::uint64_t behind = 0;
  for (std::uint64_t i = 0; i < 64; ++i) {
    drive.write(128 * kMiB + i * 131072, 131072);
    behind = std::max(behind, drive.read(i * kMiB, 4096));
  }
  MESSAGE("slowest read: alone " << alone << " ns, among writes " << behind << " ns");
  CHECK(alone > Timing{}.tlcRead * 9 / 10);
  CHECK(alone < 2 * Timing{}.tlcRead);
  CHECK(behind > Timing{}.tlcProgram / 2);
}

TEST_CASE(
    "what was just written is read from the write buffer, what never was takes no page read") {
  Drive drive;
  CHECK(drive.read(0, 4096) < Timing{}.slcRead);
  drive.write(0, 4096);
  CHECK(drive.read(0, 4096) < Timing{}.slcRead);
  drive.wait(kSecond);
  drive.model.flush(drive.now);
  drive.wait(kSecond);
  CHECK(drive.read(0, 4096) > Timing{}.slcRead);
}

TEST_CASE("a durable write and Flush take a program, a cached write does not") {
  Drive drive;
  CHECK(drive.write(0, 4096) < Timing{}.slcProgram / 2);
  drive.wait(kSecond);
  const std::uint64_t before = drive.now;
  CHECK(drive.model.flush(before) - before > Timing{}.slcProgram * 9 / 10);
  drive.wait(kSecond);
  CHECK(drive.model.flush(drive.now) - drive.now < Timing{}.slcProgram / 2);
  CHECK(drive.write(4096, 4096, true) > Timing{}.slcProgram * 9 / 10);
}

TEST_CASE("a write of part of 4 KiB that is on the flash programs what it read first") {
  Drive drive;
  fill(drive);
  drive.write(0, 4096, true);
  drive.wait(1'000'000);
  const std::uint64_t whole = drive.write(0, 4096, true);
  drive.wait(1'000'000);
  const std::uint64_t part = drive.write(8192, 512, true);
  CHECK(part > whole + Timing{}.tlcRead / 2);
}

TEST_CASE("wear spreads over all superblocks although the host writes the same few blocks") {
  Drive hot(1, 64 * kMiB);
  fill(hot);
  hot.bytes = 8 * kMiB;  // of 64: the rest is cold
  hot.randomRate(2048 * kMiB, 5);
  const Statistics after = hot.model.statistics();
  MESSAGE("erases " << after.leastErases << ".." << after.mostErases << ", levelled "
                    << after.levelled);
  CHECK(after.mostErases > 40);
  CHECK(after.levelled > 0);
  CHECK(after.mostErases - after.leastErases <= 20);
}

TEST_CASE("deallocated blocks make collection cheaper") {
  const auto amplification = [](bool deallocated) {
    Drive drive;
    fill(drive);
    if (deallocated) drive.model.deallocate(drive.now, kCapacity / 2, kCapacity / 2);
    drive.bytes = kCapacity / 2;
    drive.randomRate(kCapacity, 3);
    return drive.model.statistics().writeAmplification();
  };
  CHECK(amplification(true) < amplification(false) * 0.8);
}

TEST_CASE("deallocating everything empties the drive, and a part of a slot stays") {
  Drive drive;
  fill(drive);
  drive.model.deallocate(drive.now, 100, kCapacity - 100);
  drive.wait(kSecond);
  CHECK(drive.read(0, 4096) > Timing{}.tlcRead / 2);
  CHECK(drive.read(4096, 4096) < Timing{}.slcRead);
  drive.model.deallocate(drive.now, 0, kCapacity);
  CHECK(drive.read(0, 4096) < Timing{}.slcRead);
}

TEST_CASE("the supply's loss ends what was under way") {
  Drive drive;
  drive.sequentialRate(0, 64 * kMiB);
  drive.model.settle();
  CHECK(drive.model.read(kSecond, 0, 4096) - kSecond < 2 * Timing{}.tlcRead);
}

TEST_CASE("a file's blocks are there from the start") {
  Drive drive;
  drive.model.adopt(kMiB, kMiB);
  CHECK(drive.read(0, 4096) < Timing{}.slcRead);
  CHECK(drive.read(kMiB, 4096) > Timing{}.tlcRead / 2);
  CHECK(drive.model.statistics().programmed == 0);
}

TEST_CASE("a drive of any capacity can be written over and over") {
  for (const std::uint64_t capacity : {kMiB, 3 * kMiB, 16 * kMiB, 96 * kMiB}) {
    CAPTURE(capacity);
    Drive drive(1, capacity);
    for (std::uint64_t round = 0; round < 6; ++round) drive.randomRate(capacity * 2, round << 40U);
    CHECK(drive.model.statistics().freeSuperblocks > 0);
    CHECK(drive.model.statistics().hostWritten == capacity * 12 / 4096);
  }
}

TEST_CASE("16 TiB take memory only for what is written") {
  const std::uint64_t capacity = std::uint64_t{16} << 40U;
  Drive drive(1, capacity);
  for (std::uint64_t i = 0; i < 100; ++i) drive.write(capacity - 4096 - i * 4096, 4096);
  drive.model.deallocate(drive.now, 0, capacity);
  CHECK(drive.model.statistics().hostWritten == 100);
}
