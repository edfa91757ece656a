// What may be read of blocks that several queues work on at once.
#include <doctest/doctest.h>

#include <vector>

#include "driver/verify/verifier.h"

using namespace doorbell::driver;
using Kind = DataMismatch::Kind;

namespace {

constexpr std::uint64_t kBlock = 10;

struct Write {
  std::vector<std::byte> data;
  std::uint64_t token;
};

struct Drive {
  Write begin(unsigned fill) {
    std::vector<std::byte> data(512, static_cast<std::byte>(fill));
    const auto token = verifier.beginWrite(kBlock, data);
    return {std::move(data), token};
  }
  void end(const Write& write, bool fua = false) {
    verifier.endWrite({kBlock, 1, write.token, true, fua});
  }
  Write write(unsigned fill, bool fua = false) {
    auto made = begin(fill);
    end(made, fua);
    return made;
  }
  std::optional<DataMismatch> read(const Write& write) {
    return verifier.endRead(kBlock, write.data, verifier.beginRead());
  }
  Verifier verifier{VerifyOptions{.regionEnd = 1000}};
};

}  // namespace

TEST_CASE("Of two writes that overlapped, the durability of one is not the other's") {
  Drive drive;
  (void)drive.write(1, true);
  const auto forced = drive.begin(2);
  const auto cached = drive.begin(3);
  drive.end(cached);
  drive.end(forced, true);
  CHECK_FALSE(drive.read(cached));  // it won, in the cache
  drive.verifier.powerLost();
  CHECK_FALSE(drive.read(forced));
}

TEST_CASE("What was seen before a loss of power need not be on the medium") {
  Drive drive;
  const auto durable = drive.write(1, true);
  const auto one = drive.begin(2);
  const auto other = drive.begin(3);
  drive.end(one);
  drive.end(other);
  CHECK_FALSE(drive.read(one));
  CHECK(drive.read(other));
  drive.verifier.powerLost();
  CHECK_FALSE(drive.read(durable));
}

TEST_CASE("A completion that is seen after the loss of power makes nothing durable, but by FUA") {
  for (const bool fua : {true, false}) {
    Drive drive;
    const auto durable = drive.write(1, true);
    const auto late = drive.begin(2);
    drive.verifier.powerLost();
    drive.end(late, fua);
    CHECK(drive.read(durable).has_value() == fua);
  }
}

TEST_CASE("A read may see what two writes replaced while it was outstanding") {
  Drive drive;
  const auto old = drive.write(1, true);
  const auto first = drive.begin(2);
  const auto began = drive.verifier.beginRead();
  drive.end(first, true);
  const auto second = drive.begin(3);
  CHECK_FALSE(drive.verifier.endRead(kBlock, old.data, began));
  drive.end(second, true);
  CHECK_FALSE(drive.verifier.endRead(kBlock, old.data, began));
  CHECK(drive.read(old)->kind == Kind::Stale);
  auto corrupt = old.data;
  corrupt[0] ^= std::byte{1};
  CHECK(drive.verifier.endRead(kBlock, corrupt, began));
}

TEST_CASE("While blocks are deallocated a write to them may come before or after") {
  Drive drive;
  (void)drive.write(1);
  const auto disturbance = drive.verifier.beginUnknown(kBlock, 1);
  const auto data = drive.write(2);
  const std::vector<std::byte> zeros(512);
  CHECK_FALSE(drive.verifier.endRead(kBlock, zeros, drive.verifier.beginRead()));
  CHECK_FALSE(drive.read(data));
  drive.verifier.endUnknown(disturbance);
  CHECK_FALSE(drive.verifier.endRead(kBlock, zeros, drive.verifier.beginRead()));
  const auto later = drive.write(3);
  CHECK(drive.verifier.endRead(kBlock, zeros, drive.verifier.beginRead()));
  CHECK_FALSE(drive.read(later));
}
