// What must be read back, block by block: writes, overlaps, flushes, losses of power.
#include <doctest/doctest.h>

#include <cstring>
#include <vector>

#include "driver/verify/lba_locks.h"
#include "driver/verify/verifier.h"

using namespace doorbell::driver;
using Kind = DataMismatch::Kind;

namespace {

constexpr std::size_t kLba = 512;

std::vector<std::byte> blocks(std::size_t count, unsigned fill = 0x5a) {
  return std::vector<std::byte>(count * kLba, static_cast<std::byte>(fill));
}

struct Drive {
  explicit Drive(VerifyOptions options = {.regionEnd = 1000}) : verifier(options) {}
  /// A write that completes; returns what is on the medium.
  std::vector<std::byte> write(std::uint64_t slba, std::size_t count = 1, unsigned fill = 1,
                               bool fua = false) {
    auto data = blocks(count, fill);
    end(slba, count, verifier.beginWrite(slba, data), fua);
    return data;
  }
  void end(std::uint64_t slba, std::uint64_t count, std::uint64_t token, bool fua = false,
           bool done = true) {
    verifier.endWrite({slba, count, token, done, fua});
  }
  std::optional<DataMismatch> read(std::uint64_t slba, const std::vector<std::byte>& data) {
    return verifier.endRead(slba, data, verifier.beginRead());
  }
  void flush() { verifier.endFlush(verifier.beginFlush()); }
  Verifier verifier;
};

}  // namespace

TEST_CASE("What was written is accepted; what was never written is not judged") {
  Drive drive;
  const auto data = drive.write(10, 4);
  std::uint64_t lba = 0;
  std::memcpy(&lba, data.data() + 2 * kLba, 8);
  CHECK(lba == 12);
  CHECK_FALSE(drive.read(10, data));
  CHECK_FALSE(drive.read(500, blocks(4, 0x77)));
  CHECK_FALSE(drive.read(999, blocks(4, 0x77)));
}

TEST_CASE("A changed byte is corrupt, an older write stale, another block's data misplaced") {
  Drive drive;
  const auto old = drive.write(10, 1, 1);
  const auto other = drive.write(20, 1, 9);
  const auto data = drive.write(10, 1, 2);
  auto bad = data;
  bad[100] ^= std::byte{1};
  auto mismatch = drive.read(10, bad);
  REQUIRE(mismatch);
  CHECK(mismatch->kind == Kind::Corrupt);
  CHECK(mismatch->lba == 10);
  CHECK(mismatch->foundToken == mismatch->expectedToken);
  mismatch = drive.read(10, old);
  REQUIRE(mismatch);
  CHECK(mismatch->kind == Kind::Stale);
  CHECK(mismatch->foundToken < mismatch->expectedToken);
  mismatch = drive.read(10, other);
  REQUIRE(mismatch);
  CHECK(mismatch->kind == Kind::Misplaced);
  CHECK(mismatch->foundLba == 20);
  CHECK(describe(*mismatch).find("media: data mismatch at LBA 10: misplaced, it holds the data of "
                                 "LBA 20") == 0);
  CHECK(drive.read(10, blocks(1, 0))->kind == Kind::Corrupt);
}

TEST_CASE("Of a transfer, the first wrong block is named") {
  Drive drive;
  auto data = drive.write(60, 10);  // across two chunks
  data[7 * kLba + 3] ^= std::byte{8};
  data[9 * kLba + 3] ^= std::byte{8};
  CHECK(drive.read(60, data)->lba == 67);
}

TEST_CASE("A read that overlaps a write in time may see either; one that begins after it may not") {
  Drive drive;
  const auto old = drive.write(10, 1, 1);
  auto data = blocks(1, 2);
  const auto began = drive.verifier.beginRead();
  const auto token = drive.verifier.beginWrite(10, data);
  CHECK_FALSE(drive.verifier.endRead(10, old, began));
  CHECK_FALSE(drive.verifier.endRead(10, data, began));
  drive.end(10, 1, token);
  CHECK_FALSE(drive.verifier.endRead(10, old, began));
  CHECK(drive.read(10, old));
  CHECK_FALSE(drive.read(10, data));
}

TEST_CASE("A write that failed leaves old or new, whichever is seen first") {
  for (const bool seesOld : {true, false}) {
    Drive drive;
    const auto old = drive.write(10, 1, 1);
    drive.flush();
    auto data = blocks(1, 2);
    drive.end(10, 1, drive.verifier.beginWrite(10, data), false, false);
    const auto& first = seesOld ? old : data;
    const auto& second = seesOld ? data : old;
    CHECK_FALSE(drive.read(10, first));
    CHECK(drive.read(10, second));
    CHECK_FALSE(drive.read(10, first));
  }
}

TEST_CASE("Of two writes that overlap in time, either may win, and then it is that one") {
  Drive drive;
  (void)drive.write(10, 1, 1);
  drive.flush();
  auto first = blocks(1, 2);
  auto second = blocks(1, 3);
  const auto firstToken = drive.verifier.beginWrite(10, first);
  const auto secondToken = drive.verifier.beginWrite(10, second);
  drive.end(10, 1, firstToken);
  drive.end(10, 1, secondToken);
  CHECK_FALSE(drive.read(10, first));
  CHECK(drive.read(10, second));
}

TEST_CASE("After a loss of power what was durable must be there; what was not may be old or new") {
  SUBCASE("a completed write, not flushed: old or new") {
    for (const bool lost : {true, false}) {
      Drive drive;
      const auto old = drive.write(10, 1, 1);
      drive.flush();
      const auto data = drive.write(10, 1, 2);
      drive.verifier.powerLost();
      CHECK_FALSE(drive.read(10, lost ? old : data));
      CHECK(drive.read(10, lost ? data : old));
    }
  }
  SUBCASE("several since the flush: any of them, but nothing before") {
    Drive drive;
    const auto ancient = drive.write(10, 1, 7);
    const auto old = drive.write(10, 1, 1);
    drive.flush();
    const auto middle = drive.write(10, 1, 2);
    (void)drive.write(10, 1, 3);
    drive.verifier.powerLost();
    CHECK(drive.read(10, ancient)->kind == Kind::Stale);
    CHECK_FALSE(drive.read(10, middle));
    CHECK(drive.read(10, old));
  }
  SUBCASE("flushed") {
    Drive drive;
    const auto old = drive.write(10, 1, 1);
    drive.flush();
    const auto data = drive.write(10, 1, 2);
    drive.flush();
    drive.verifier.powerLost();
    CHECK(drive.read(10, old)->kind == Kind::Stale);
    CHECK_FALSE(drive.read(10, data));
  }
  SUBCASE("a flush that began before the write completed says nothing of it") {
    Drive drive;
    const auto old = drive.write(10, 1, 1);
    drive.flush();
    const auto began = drive.verifier.beginFlush();
    (void)drive.write(10, 1, 2);
    drive.verifier.endFlush(began);
    drive.verifier.powerLost();
    CHECK_FALSE(drive.read(10, old));
  }
  SUBCASE("FUA, or no volatile write cache") {
    for (const bool fua : {true, false}) {
      Drive drive({.regionEnd = 100, .writeCache = fua});
      const auto old = drive.write(10, 1, 1, fua);
      const auto data = drive.write(10, 1, 2, fua);
      drive.verifier.powerLost();
      CHECK(drive.read(10, old));
      CHECK_FALSE(drive.read(10, data));
    }
  }
  SUBCASE("a flush after the loss does not bring back what was lost") {
    Drive drive;
    const auto old = drive.write(10, 1, 1);
    drive.flush();
    (void)drive.write(10, 1, 2);
    drive.verifier.powerLost();
    drive.flush();
    CHECK_FALSE(drive.read(10, old));
  }
}

TEST_CASE("Zeroes are expected after Write Zeroes; nothing after what deallocates") {
  Drive drive;
  const auto data = drive.write(10, 2);
  drive.end(10, 1, drive.verifier.beginZeroes(10, 1));
  CHECK_FALSE(drive.read(10, blocks(1, 0)));
  CHECK(drive.read(10, data)->kind == Kind::Stale);
  drive.verifier.forget(11, 1);
  CHECK_FALSE(drive.read(11, blocks(1, 0x33)));
  drive.verifier.forgetAll();
  CHECK_FALSE(drive.read(10, blocks(1, 0x33)));
}

TEST_CASE("Copied blocks must hold what their source does") {
  Drive drive;
  const auto data = drive.write(10, 3);
  drive.verifier.copied(10, 200, 3);
  CHECK_FALSE(drive.read(200, data));
  CHECK(drive.read(200, blocks(3, 0)));
}

TEST_CASE("Data to compare with the medium is stamped like the medium") {
  Drive drive;
  const auto data = drive.write(10, 2, 4);
  auto compared = blocks(2, 4);
  drive.verifier.stampExpected(10, compared);
  CHECK(compared == data);
  auto unknown = blocks(1, 4);
  drive.verifier.stampExpected(700, unknown);
  CHECK(unknown == blocks(1, 4));
}

TEST_CASE("Outside its region nothing is stamped and nothing judged") {
  Drive drive({.regionStart = 100, .regionEnd = 110});
  auto data = blocks(4, 6);
  drive.end(98, 4, drive.verifier.beginWrite(98, data));
  CHECK(std::vector(data.begin(), data.begin() + 2 * kLba) == blocks(2, 6));
  CHECK(std::vector(data.begin() + 2 * kLba, data.end()) != blocks(2, 6));
  CHECK_FALSE(drive.read(98, data));
  CHECK(drive.read(98, blocks(4, 6))->lba == 100);
}

TEST_CASE("Metadata behind the data of a block is neither stamped nor judged") {
  Drive drive({.metadataBytes = 8, .regionEnd = 100});
  std::vector<std::byte> data(3 * (kLba + 8), std::byte{1});
  drive.end(5, 3, drive.verifier.beginWrite(5, data));
  CHECK(data[kLba] == std::byte{1});
  data[kLba + 3] = std::byte{9};
  CHECK_FALSE(drive.read(5, data));
  data[kLba + 8 + 20] = std::byte{9};
  CHECK(drive.read(5, data)->lba == 6);
}

TEST_CASE("16 TB cost memory for the blocks touched only") {
  Drive drive({.regionEnd = 1ULL << 35U});
  for (std::uint64_t i = 0; i < 100; ++i) (void)drive.write(i * ((1ULL << 35U) / 100), 8);
  CHECK(drive.verifier.memoryBytes() < 100 * 2 * 2304);
  const auto last = drive.write((1ULL << 35U) - 1);
  CHECK_FALSE(drive.read((1ULL << 35U) - 1, last));
}

TEST_CASE("Locks let reads pass each other, and nothing pass a write") {
  LbaLocks locks(8);
  CHECK(locks.take(0, 0, 100, false));
  CHECK(locks.take(1, 50, 10, false));
  CHECK_FALSE(locks.take(2, 99, 1, true));
  CHECK(locks.take(2, 100, 1, true));
  CHECK_FALSE(locks.take(3, 100, 1, false));
  CHECK_FALSE(locks.take(3, 0, 1'000'000, true));
  locks.release(0);
  CHECK_FALSE(locks.take(3, 55, 1, true));
  locks.release(1);
  CHECK(locks.take(3, 0, 100, true));
  locks.release(3);
  locks.release(3);
  locks.release(2);
  CHECK(locks.take(4, 0, UINT64_MAX / 2, true));
}
