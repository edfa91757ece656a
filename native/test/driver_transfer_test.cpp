// Commands with metadata, SGLs, chosen CIDs, posted and rung apart, fused: what the device sees.
#include <doctest/doctest.h>

#include <cstring>

#include "spec/sgl.h"
#include "support/qpair_rig.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;
using spec::SglDescriptor;
using spec::SglType;

namespace {

struct TransferRig : QpairRig {
  TransferRig() : QpairRig(8) { answerAll(); }
  spec::Sqe send(const Transfer& transfer, spec::Sqe sqe = readSqe()) {
    qpair->submit(sqe, transfer, &sqe);
    REQUIRE(reapN(*qpair, 1).size() == 1);
    return sqe;
  }
  std::uint64_t bus(std::size_t offset = 0) {
    return buffer->busAddress(controller->dmaScope(), offset);
  }
  SglDescriptor descriptorAt(std::uint64_t address) {
    SglDescriptor descriptor;
    auto* from = device->domain().at(address, sizeof(descriptor));
    REQUIRE(from != nullptr);
    std::memcpy(&descriptor, from, sizeof(descriptor));
    return descriptor;
  }
};

}  // namespace

TEST_CASE("Metadata is a pointer of its own, and both buffers stay pinned") {
  TransferRig rig;
  rig.answerNothing();
  const auto metadata = DmaBuffer::allocate(64);
  const Transfer transfer{.data = {{rig.buffer, 512, 512}},
                          .metadata = MemoryPiece{metadata, 8, 8}};
  spec::Sqe sqe = readSqe();
  const std::uint16_t cid = rig.qpair->submit(sqe, transfer, &sqe);
  CHECK(sqe.prp1 == rig.bus(512));
  CHECK(sqe.mptr == metadata->busAddress(rig.controller->dmaScope(), 8));
  CHECK(sqe.flags == 0);
  CHECK(metadata->pins() == 1);
  CHECK(rig.buffer->pins() == 1);
  rig.awaitSeen(1, 1);
  rig.device->complete(1, cid);
  CHECK(reapN(*rig.qpair, 1).size() == 1);
  CHECK(metadata->pins() == 0);
  CHECK(rig.buffer->pins() == 0);
}

TEST_CASE("An SGL of one piece is a data block, of several a segment; PSDT says so") {
  TransferRig rig;
  auto sqe = rig.send({.data = {{rig.buffer, 3, 512}}, .pointers = Pointers::Sgl});
  CHECK(spec::psdtOf(sqe) == spec::Psdt::SglContiguousMetadata);
  CHECK(spec::sglOf(sqe).type() == SglType::DataBlock);
  CHECK(spec::sglOf(sqe).address == rig.bus(3));

  sqe = rig.send({.data = {{rig.buffer, 0, 100}, {nullptr, 0, 312}, {rig.buffer, 2048, 100}},
                  .pointers = Pointers::Sgl});
  CHECK(spec::sglOf(sqe).type() == SglType::LastSegment);
  CHECK(spec::sglOf(sqe).length == 48);
  CHECK(rig.descriptorAt(spec::sglOf(sqe).address).address == rig.bus());
  CHECK(rig.descriptorAt(spec::sglOf(sqe).address + 16).type() == SglType::BitBucket);
  CHECK(rig.descriptorAt(spec::sglOf(sqe).address + 16).length == 312);
  CHECK(rig.descriptorAt(spec::sglOf(sqe).address + 32).address == rig.bus(2048));

  sqe = rig.send({.data = {{rig.buffer, 0, 512}},
                  .metadata = MemoryPiece{rig.buffer, 1024, 8},
                  .pointers = Pointers::Sgl,
                  .metadataSgl = true,
                  .descriptorsPerSegment = 4});
  CHECK(spec::psdtOf(sqe) == spec::Psdt::SglMetadata);
  CHECK(spec::sglOf(sqe).type() == SglType::LastSegment);
  CHECK(rig.descriptorAt(sqe.mptr).address == rig.bus(1024));
  CHECK(rig.descriptorAt(sqe.mptr).length == 8);
}

TEST_CASE("As given means: nothing is built") {
  TransferRig rig;
  spec::Sqe sqe = readSqe();
  sqe.prp1 = 0x1234;
  sqe.prp2 = 0x5678;
  sqe.mptr = 0x9abc;
  sqe.flags = 0xc0;
  rig.send({.data = {{rig.buffer, 0, 512}}, .pointers = Pointers::AsGiven}, sqe);
  const spec::Sqe seen = rig.device->seen(1).at(0);
  CHECK(seen.prp1 == 0x1234);
  CHECK(seen.prp2 == 0x5678);
  CHECK(seen.mptr == 0x9abc);
  CHECK(seen.flags == 0xc0);
}

TEST_CASE("A chosen CID is used; one that is outstanding or not the queue's is refused") {
  TransferRig rig;
  rig.answerNothing();
  CHECK(rig.qpair->submit(readSqe(), Transfer{.cid = std::uint16_t{5}}) == 5);
  CHECK(codeOf([&] { rig.qpair->submit(readSqe(), Transfer{.cid = std::uint16_t{5}}); }) ==
        "OUT_OF_RANGE");
  CHECK(codeOf([&] { rig.qpair->submit(readSqe(), Transfer{.cid = std::uint16_t{7}}); }) ==
        "OUT_OF_RANGE");
  // The rotation goes on with the others.
  std::vector<std::uint16_t> others;
  for (int i = 0; i < 6; ++i) others.push_back(rig.qpair->submit(readSqe(), Transfer{}));
  std::sort(others.begin(), others.end());
  CHECK(others == std::vector<std::uint16_t>{0, 1, 2, 3, 4, 6});
}

TEST_CASE("Posted commands reach the device with the doorbell, and their time runs from there") {
  TransferRig rig;
  rig.qpair->post(readSqe(), Transfer{.timeoutMs = 20});
  rig.qpair->post(readSqe(), Transfer{});
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  CHECK(rig.device->seen(1).empty());
  const std::uint64_t rung = rig.clock->nowNs();
  rig.qpair->ringDoorbell();
  const auto done = reapN(*rig.qpair, 2);
  REQUIRE(done.size() == 2);
  CHECK(done[0].outcome == static_cast<std::uint16_t>(evidence::Outcome::Completed));
  CHECK(done[0].submitNs + 1'000'000 > rung);
  CHECK(rig.log().at(0).submitTicks == rig.log().at(1).submitTicks);
  CHECK(rig.device->seen(1).size() == 2);
}

TEST_CASE("A fused pair is two adjacent commands, both or neither") {
  TransferRig rig;
  rig.answerNothing();
  const std::array<spec::Sqe, 2> pair{readSqe(), readSqe()};
  const std::array<Transfer, 2> transfers{Transfer{.data = {{rig.buffer, 0, 512}}},
                                          Transfer{.data = {{rig.buffer, 512, 512}}}};
  for (int i = 0; i < 3; ++i) (void)rig.qpair->submitFused(pair, transfers);
  rig.awaitSeen(1, 6);
  const auto seen = rig.device->seen(1);
  for (std::size_t i = 0; i < 6; ++i) CHECK((seen[i].flags & 3U) == i % 2 + 1);
  // One entry is left: no half pair goes out.
  CHECK(codeOf([&] { (void)rig.qpair->submitFused(pair, transfers); }) == "QUEUE_FULL");
  CHECK(rig.qpair->outstanding() == 6);
  const std::array<Transfer, 2> bad{Transfer{}, Transfer{.data = {{rig.buffer, 4000, 512}}}};
  rig.device->complete(1, seen[0].cid);
  CHECK(reapN(*rig.qpair, 1).size() == 1);
  CHECK(codeOf([&] { (void)rig.qpair->submitFused(pair, bad); }) == "OUT_OF_RANGE");
  CHECK(rig.qpair->outstanding() == 5);
  CHECK(rig.device->seen(1).size() == 6);
}

TEST_CASE("A transfer that cannot be described is refused before anything is posted") {
  TransferRig rig;
  const auto refused = [&](const Transfer& transfer) {
    return codeOf([&] { rig.qpair->submit(readSqe(), transfer); });
  };
  CHECK(refused({.data = {{nullptr, 0, 512}}}) == "OUT_OF_RANGE");
  CHECK(refused({.data = {{rig.buffer, 0, 8}, {rig.buffer, 8, 8}}}) == "OUT_OF_RANGE");
  CHECK(refused({.data = {{rig.buffer, 4000, 512}}, .pointers = Pointers::Sgl}) == "OUT_OF_RANGE");
  CHECK(refused({.data = {{rig.buffer, 0, 512}},
                 .pointers = Pointers::Sgl,
                 .descriptorsPerSegment = 1}) == "OUT_OF_RANGE");
  CHECK(refused({.data = std::vector<MemoryPiece>(5000, {rig.buffer, 0, 4}),
                 .pointers = Pointers::Sgl}) == "OUT_OF_RANGE");
  CHECK(refused({.metadata = MemoryPiece{nullptr, 0, 8}}) == "OUT_OF_RANGE");
  CHECK(rig.qpair->outstanding() == 0);
  CHECK(rig.device->seen(1).empty());
}
