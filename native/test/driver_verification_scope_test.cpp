// What verification stops knowing, and what it refuses, command by command, on a scripted device.
#include <doctest/doctest.h>

#include <cstring>

#include "support/qpair_rig.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;
using evidence::Outcome;

namespace {

constexpr std::uint64_t kZone = 8;  // blocks, of which a command moves all
constexpr std::uint32_t kCheckGuard = 1U << 28U;
constexpr std::uint32_t kPract = 1U << 29U;

/// A device that reads as zeros, whatever was written: only what is forgotten is not a mismatch.
struct LyingRig : QpairRig {
  explicit LyingRig(const VerifyOptions& options) : QpairRig(8) {
    controller->setVerification(1, options);
    answerAll();
  }
  ReapedCompletion run(const spec::Sqe& sqe) {
    buffer->fillIncrementing(0, 4096, 1);
    if (isRead(sqe)) buffer = DmaBuffer::allocate(4096);
    qpair->submit(sqe, buffer, 0, 4096, 1000);
    return reapN(*qpair, 1).at(0);
  }
  void writeZones() {
    for (std::uint64_t zone = 0; zone < 4; ++zone) run(writeSqe(zone * kZone, kZone));
  }
  bool known(std::uint64_t zone) {
    return run(readSqe(zone * kZone, kZone)).outcome ==
           static_cast<std::uint16_t>(Outcome::DataMismatch);
  }
  std::vector<bool> known() { return {known(0), known(1), known(2), known(3)}; }
  static bool isRead(const spec::Sqe& sqe) {
    return sqe.opcode == static_cast<std::uint8_t>(spec::NvmOpcode::Read);
  }
};

spec::Sqe zoneSend(std::uint64_t zone, std::uint32_t cdw13) {
  spec::Sqe sqe = writeSqe(zone * kZone, 1);
  sqe.opcode = 0x79;
  sqe.cdw13 = cdw13;
  return sqe;
}

using Known = std::vector<bool>;

}  // namespace

TEST_CASE("Zone Management Send: only blocks that change are forgotten") {
  LyingRig rig({.regionEnd = 64, .zoneBlocks = kZone});
  rig.writeZones();
  for (const std::uint32_t action : {1U, 2U, 3U, 0x10U}) rig.run(zoneSend(1, action));
  CHECK(rig.known() == Known{true, true, true, true});
  rig.run(zoneSend(1, 4));  // Reset
  CHECK(rig.known() == Known{true, false, true, true});
  rig.run(zoneSend(2, 5));  // Offline
  CHECK(rig.known() == Known{true, false, false, true});
  rig.run(zoneSend(3, 4 | 0x100));  // Select All
  CHECK(rig.known() == Known{false, false, false, false});
}

TEST_CASE("Where the Zone Size is not known, a reset forgets from its zone on") {
  LyingRig rig({.regionEnd = 64});
  rig.writeZones();
  rig.run(zoneSend(1, 4));
  CHECK(rig.known() == Known{true, false, false, false});
}

TEST_CASE("Zone Append: what is forgotten is where the blocks went") {
  LyingRig rig({.regionEnd = 64, .zoneBlocks = 2 * kZone});
  rig.writeZones();
  rig.answerNothing();
  spec::Sqe append = writeSqe(0, kZone);
  append.opcode = 0x7d;
  const std::uint16_t cid = rig.qpair->submit(append, rig.buffer, 0, 4096, 1000);
  rig.awaitSeen(1, 5);
  spec::Cqe cqe;
  cqe.cid = cid;
  cqe.sqId = 1;
  cqe.sqHead = 5;
  cqe.dw0 = kZone;
  SUBCASE("a completion names the first block") {
    rig.device->post(1, cqe, true);
    REQUIRE(reapN(*rig.qpair, 1).size() == 1);
    rig.answerAll();
    CHECK(rig.known() == Known{true, false, true, true});
  }
  SUBCASE("an error does not: it may be anywhere in the zone") {
    cqe.statusPhase = 0x06U << 1U;
    rig.device->post(1, cqe, true);
    REQUIRE(reapN(*rig.qpair, 1).size() == 1);
    rig.answerAll();
    CHECK(rig.known() == Known{false, false, true, true});
  }
}

TEST_CASE("A guard of the host's own is refused before anything is sent, where blocks have one") {
  LyingRig rig({.regionEnd = 64, .guarded = true});
  const auto refused = [&](spec::Sqe sqe, std::uint32_t prinfo) {
    sqe.cdw12 |= prinfo;
    return codeOf([&] {
      rig.qpair->submit(sqe, rig.buffer, 0, 4096, 1000);
      REQUIRE(reapN(*rig.qpair, 1).size() == 1);
    });
  };
  spec::Sqe compare = writeSqe(0, kZone);
  compare.opcode = static_cast<std::uint8_t>(spec::NvmOpcode::Compare);
  CHECK(refused(writeSqe(0, kZone), kCheckGuard) == "NOT_SUPPORTED");
  CHECK(refused(compare, kCheckGuard) == "NOT_SUPPORTED");
  CHECK(refused(writeSqe(0, kZone), kCheckGuard | kPract).empty());
  CHECK(refused(writeSqe(0, kZone), 0).empty());
  CHECK(refused(readSqe(0, kZone), kCheckGuard).empty());
  const std::array pair{compare, [] {
                          spec::Sqe write = writeSqe(0, kZone);
                          write.cdw12 |= kCheckGuard;
                          return write;
                        }()};
  const Transfer whole{.data = {{rig.buffer, 0, 4096}}};
  const std::array transfers{whole, whole};
  CHECK(codeOf([&] { (void)rig.qpair->submitFused(pair, transfers); }) == "NOT_SUPPORTED");
  CHECK(rig.qpair->outstanding() == 0);
  CHECK(rig.device->seen(1).size() == 3);
  rig.controller->setVerification(1, std::nullopt);
  CHECK(refused(writeSqe(0, kZone), kCheckGuard).empty());
}
