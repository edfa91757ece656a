// Verification of I/O on the emulated SSD: through queue pairs and ioworkers, across losses of
// power.
#include <doctest/doctest.h>

#include <cstring>

#include "driver/registry.h"
#include "support/evidence_reader.h"
#include "support/rig.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;
using evidence::Outcome;

namespace {

struct VerifiedRig {
  VerifiedRig() {
    controller->initialize({});
    controller->setVerification(1, VerifyOptions{.regionEnd = 4096});
    qpair = controller->createQpair({.depth = 16});
  }
  ~VerifiedRig() { controller->close(); }
  VerifiedRig(const VerifiedRig&) = delete;
  VerifiedRig& operator=(const VerifiedRig&) = delete;

  ReapedCompletion run(const spec::Sqe& sqe, std::size_t length) {
    qpair->submit(sqe, buffer, 0, length, 5000);
    const auto done = reapN(*qpair, 1);
    REQUIRE(done.size() == 1);
    return done[0];
  }
  ReapedCompletion write(std::uint64_t slba, std::uint32_t blocks) {
    return run(writeSqe(slba, blocks), std::size_t{blocks} * 512);
  }
  ReapedCompletion read(std::uint64_t slba, std::uint32_t blocks) {
    return run(readSqe(slba, blocks), std::size_t{blocks} * 512);
  }
  spec::Sqe command(spec::NvmOpcode opcode, std::uint64_t slba = 0, std::uint32_t blocks = 1) {
    spec::Sqe sqe = readSqe(slba, blocks);
    sqe.opcode = static_cast<std::uint8_t>(opcode);
    return sqe;
  }

  std::shared_ptr<Controller> controller = Registry::instance().open(
      "emulated?name=verify" + std::to_string(reinterpret_cast<std::uintptr_t>(this)));
  std::shared_ptr<Qpair> qpair;
  std::shared_ptr<DmaBuffer> buffer = DmaBuffer::allocate(64 * 512);
};

bool isOk(const ReapedCompletion& done) {
  return done.outcome == static_cast<std::uint16_t>(Outcome::Completed) && done.cqe.status() == 0;
}
bool isMismatch(const ReapedCompletion& done) {
  return done.outcome == static_cast<std::uint16_t>(Outcome::DataMismatch);
}

}  // namespace

TEST_CASE("What is written is stamped on its way, not in the caller's buffer") {
  VerifiedRig rig;
  rig.buffer->fillIncrementing(0, 4096, 0);
  const auto before = rig.buffer->crc32c(0, 4096);
  CHECK(isOk(rig.write(8, 8)));
  CHECK(rig.buffer->crc32c(0, 4096) == before);
  CHECK(isOk(rig.read(8, 8)));
  std::uint64_t lba = 0;
  rig.buffer->read(3 * 512, std::as_writable_bytes(std::span(&lba, 1)));
  CHECK(lba == 11);
  std::uint32_t word = 0;
  rig.buffer->read(3 * 512 + 8, std::as_writable_bytes(std::span(&word, 1)));
  CHECK(word == 3 * 128 + 2);
}

TEST_CASE("A write that the driver did not build itself is not judged") {
  VerifiedRig rig;
  CHECK(isOk(rig.write(8, 8)));
  CHECK(isOk(rig.read(8, 8)));
  spec::Sqe sqe = writeSqe(16, 8);
  sqe.prp1 = rig.buffer->busAddress(rig.controller->dmaScope(), 0);
  CHECK(isOk(rig.write(16, 8)));
  rig.qpair->submit(sqe, Transfer{.data = {{rig.buffer, 0, 4096}}, .pointers = Pointers::AsGiven});
  REQUIRE(isOk(reapN(*rig.qpair, 1).at(0)));
  CHECK(isOk(rig.read(16, 8)));
}

TEST_CASE("Commands that change blocks otherwise are followed") {
  VerifiedRig rig;
  CHECK(isOk(rig.write(0, 64)));
  CHECK(isOk(rig.run(rig.command(spec::NvmOpcode::WriteZeroes, 0, 8), 0)));
  CHECK(isOk(rig.read(0, 8)));
  CHECK(rig.buffer->crc32c(0, 4096) == DmaBuffer::allocate(4096)->crc32c(0, 4096));
  CHECK(isOk(rig.run(rig.command(spec::NvmOpcode::WriteUncorrectable, 8, 1), 0)));
  CHECK(isOk(rig.write(8, 1)));
  CHECK(isOk(rig.read(8, 1)));
  // Dataset Management: LBA 16 to 23 are deallocated.
  const std::uint32_t range[4] = {0, 8, 16, 0};
  rig.buffer->write(0, std::as_bytes(std::span(range)));
  spec::Sqe dsm = rig.command(spec::NvmOpcode::DatasetManagement);
  dsm.cdw10 = 0;
  dsm.cdw11 = 4;
  dsm.cdw12 = 0;
  CHECK(isOk(rig.run(dsm, 16)));
  CHECK(isOk(rig.read(16, 8)));
  CHECK(isOk(rig.read(24, 8)));
  // Compare with what the caller wrote, not with the stamps.
  rig.buffer->fillIncrementing(0, 4096, 7);
  CHECK(isOk(rig.write(40, 8)));
  CHECK(isOk(rig.run(rig.command(spec::NvmOpcode::Compare, 40, 8), 4096)));
}

TEST_CASE("What a loss of power took is accepted, what it may not take is not") {
  VerifiedRig rig;
  rig.buffer->fillIncrementing(0, 4096, 1);
  for (std::uint64_t slba = 0; slba < 512; slba += 8) CHECK(isOk(rig.write(slba, 8)));
  CHECK(isOk(rig.run(rig.command(spec::NvmOpcode::Flush), 0)));
  for (std::uint64_t slba = 0; slba < 512; slba += 16) CHECK(isOk(rig.write(slba, 8)));
  rig.controller->powerOff();
  rig.controller->powerOn();
  rig.controller->initialize({});
  rig.qpair = rig.controller->createQpair({.depth = 16});
  for (std::uint64_t slba = 0; slba < 512; slba += 8) {
    CAPTURE(slba);
    CHECK(isOk(rig.read(slba, 8)));
  }
}

TEST_CASE("An ioworker verifies what it reads, with overlapping commands in order") {
  VerifiedRig rig;
  for (const std::uint32_t random : {100U, 0U}) {
    const auto worker = rig.controller->startIoWorker({.regionEnd = 64,
                                                       .randomPercent = random,
                                                       .readPercent = 50,
                                                       .qdepth = 32,
                                                       .ioCount = 20'000});
    worker->join();
    IoWorkerResult result;
    worker->onDone([&](const IoWorkerResult& done) { result = done; });
    CHECK(result.end == "completed");
    CHECK(result.reads > 5'000);
    CHECK_FALSE(result.mismatch);
  }
}

TEST_CASE("A medium that lies is found, by a queue pair and by an ioworker") {
  Rig rig;
  const auto stored = DmaBuffer::allocate(4096);
  rig.initialize();
  rig.controller->setVerification(1, VerifyOptions{.regionEnd = 64});
  // A device that keeps the first write, whatever is written later.
  bool isFirst = true;
  std::vector<std::byte> medium(4096);
  rig.device->onCommand([&](std::uint16_t, const spec::Sqe& sqe) {
    auto* host = rig.device->domain().at(sqe.prp1, 4096);
    if (host == nullptr) return std::optional<std::uint16_t>(4);
    if (sqe.opcode == static_cast<std::uint8_t>(spec::NvmOpcode::Read)) {
      std::memcpy(host, medium.data(), medium.size());
    } else if (isFirst) {
      std::memcpy(medium.data(), host, medium.size());
      isFirst = false;
    }
    return std::optional<std::uint16_t>(0);
  });
  const auto qpair = rig.controller->createQpair({.depth = 4});
  const auto run = [&](const spec::Sqe& sqe) {
    qpair->submit(sqe, stored, 0, 4096, 1000);
    return reapN(*qpair, 1).at(0);
  };
  CHECK(isOk(run(writeSqe(0, 8))));
  CHECK(isOk(run(readSqe(0, 8))));
  CHECK(isOk(run(writeSqe(0, 8))));
  const auto stale = run(readSqe(0, 8));
  REQUIRE(isMismatch(stale));
  CHECK(stale.cqe.status() == 0);
  REQUIRE(qpair->mismatch(stale.sequence));
  CHECK(qpair->mismatch(stale.sequence)->kind == DataMismatch::Kind::Stale);
  CHECK(qpair->mismatch(stale.sequence)->lba == 0);
  CHECK_FALSE(qpair->mismatch(1));
  const auto log = EvidenceReader(rig.evidence->fd()).records(qpair->segment());
  CHECK(log.back().outcome == static_cast<std::uint32_t>(Outcome::DataMismatch));

  CHECK(isOk(run(writeSqe(8, 8))));
  const auto misplaced = run(readSqe(8, 8));
  REQUIRE(isMismatch(misplaced));

  const auto worker = rig.controller->startIoWorker(
      {.regionEnd = 16, .readPercent = 100, .qdepth = 2, .ioCount = 100});
  worker->join();
  IoWorkerResult result;
  worker->onDone([&](const IoWorkerResult& done) { result = done; });
  CHECK(result.end == "data-mismatch");
  REQUIRE(result.mismatch);
  CHECK(result.firstErrorSequence >= 1);

  rig.controller->setVerification(1, std::nullopt);
  CHECK(isOk(run(readSqe(0, 8))));
}

TEST_CASE("Options that make no sense are refused") {
  Rig rig;
  rig.initialize();
  const auto refused = [&](const VerifyOptions& options) {
    return codeOf([&] { rig.controller->setVerification(1, options); });
  };
  CHECK(refused({.lbaBytes = 8, .regionEnd = 10}) == "OUT_OF_RANGE");
  CHECK(refused({.regionStart = 10, .regionEnd = 10}) == "OUT_OF_RANGE");
  rig.controller->setVerification(1, VerifyOptions{.lbaBytes = 4096, .regionEnd = 10});
  CHECK(codeOf([&] { (void)rig.controller->startIoWorker({.regionEnd = 64, .ioCount = 1}); }) ==
        "OUT_OF_RANGE");
}
