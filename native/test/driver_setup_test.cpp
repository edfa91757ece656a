// The enable sequence in pieces, its options, and what a controller refuses of them.
#include <doctest/doctest.h>

#include <algorithm>

#include "driver/fair_mutex.h"
#include "driver/registry.h"
#include "support/evidence_reader.h"
#include "support/qpair_rig.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;
namespace reg = spec::reg;

namespace {

constexpr std::uint32_t kCc = 0x00460001;  // IOSQES 6, IOCQES 4, EN

/// The default sequence, as a test would write it.
ControllerInfo initialiseByHand(Controller& controller, const AdminQueueOptions& options = {},
                                std::uint32_t cc = kCc) {
  controller.disable();
  const AdminQueueRegisters admin = controller.prepareAdmin(options);
  controller.writeRegister(reg::kAcq, 8, admin.acq);
  controller.writeRegister(reg::kAsq, 8, admin.asq);
  controller.writeRegister(reg::kAqa, 4, admin.aqa);
  controller.writeRegister(reg::kCc, 4, cc);
  CHECK((controller.awaitCsts(1, 1, 1000) & 1U) == 1);
  return controller.adopt({.ioQueues = 3});
}

std::uint32_t ccOf(Controller& controller) {
  return static_cast<std::uint32_t>(controller.readRegister(reg::kCc, 4));
}

}  // namespace

TEST_CASE("A test can do every step of the initialisation by itself") {
  const auto controller = Registry::instance().open("emulated");
  const auto info = initialiseByHand(*controller, {.depth = 5});
  CHECK(controller->admin()->depth() == 5);
  CHECK(info.ioQueues == 3);
  CHECK(info.namespaces.size() == 1);
  const auto qpair = controller->createQpair({.depth = 8});
  const auto buffer = DmaBuffer::allocate(4096);
  qpair->submit(readSqe(0, 8), buffer, 0, 4096, 1000);
  REQUIRE(reapN(*qpair, 1).size() == 1);
  // And the default one after it.
  controller->initialize({});
  CHECK(codeOf([&] { qpair->submit(readSqe(), nullptr, 0, 0, 0); }) == "CONTROLLER_NOT_READY");
  controller->close();
}

TEST_CASE("Admin memory is only given to a disabled controller, and adopted only when ready") {
  Rig rig;
  rig.initialize();
  CHECK(codeOf([&] { (void)rig.controller->prepareAdmin({}); }) == "CONTROLLER_ENABLED");
  rig.controller->disable();
  CHECK(codeOf([&] { (void)rig.controller->adopt({}); }) == "CONTROLLER_NOT_READY");
  CHECK(codeOf([&] { (void)rig.controller->prepareAdmin({.depth = 1}); }) == "OUT_OF_RANGE");
  CHECK(codeOf([&] { (void)rig.controller->prepareAdmin({.mps = 3}); }) == "OUT_OF_RANGE");
  (void)rig.controller->prepareAdmin({});
  const std::string message = messageOf([&] { (void)rig.controller->awaitCsts(1, 1, 20); });
  CHECK(message.find("waiting 20 ms for CSTS & 0x1 = 0x1 (it is 0x0)") != std::string::npos);
  CHECK(codeOf([&] { (void)rig.controller->createQpair({.depth = 4}); }) == "CONTROLLER_NOT_READY");
}

TEST_CASE("Before it is adopted, a script can use the admin queue of its own initialisation") {
  const auto controller = Registry::instance().open("emulated");
  controller->disable();
  const AdminQueueRegisters admin = controller->prepareAdmin({});
  controller->writeRegister(reg::kAqa, 4, admin.aqa);
  controller->writeRegister(reg::kAsq, 8, admin.asq);
  controller->writeRegister(reg::kAcq, 8, admin.acq);
  controller->writeRegister(reg::kCc, 4, kCc);
  (void)controller->awaitCsts(1, 1, 1000);
  spec::Sqe sqe;
  sqe.opcode = static_cast<std::uint8_t>(spec::AdminOpcode::Identify);
  sqe.cdw10 = 1;
  const auto page = DmaBuffer::allocate(4096);
  controller->admin()->submit(sqe, page, 0, 4096, 1000);
  REQUIRE(reapN(*controller->admin(), 1).at(0).cqe.status() == 0);
  controller->close();
}

TEST_CASE("Arbitration, command set and page size go into CC, as far as CAP has them") {
  Rig rig;
  CHECK(codeOf([&] { rig.controller->initialize({.arbitration = 1}); }) == "NOT_SUPPORTED");
  CHECK(codeOf([&] { rig.controller->initialize({.mps = 1}); }) == "OUT_OF_RANGE");
  rig.device->cap = rig.device->cap | (1ULL << 17U) | (2ULL << 52U);  // AMS, MPSMAX
  rig.controller->initialize({.arbitration = 1, .mps = 2});
  CHECK(((ccOf(*rig.controller) >> 11U) & 7U) == 1);
  CHECK(reg::pageSizeOf(ccOf(*rig.controller)) == 2);
  // Queue memory starts on the pages that CC.MPS says.
  (void)rig.controller->createQpair({.depth = 4});
  const auto seen = rig.device->seen(0);
  const auto created = std::find_if(seen.begin(), seen.end(), [](const spec::Sqe& sqe) {
    return sqe.opcode == static_cast<std::uint8_t>(spec::AdminOpcode::CreateIoSq);
  });
  REQUIRE(created != seen.end());
  CHECK(created->prp1 % 16384 == 0);
  CHECK(rig.controller->readRegister(reg::kAsq, 8) % 16384 == 0);
}

TEST_CASE("Admin commands only are selected where there is nothing else") {
  // CAP.CSS: 1 NVM, 40h all supported I/O command sets, 80h none; QEMU's controller says all three.
  const std::vector<std::pair<std::uint64_t, std::uint32_t>> kSelected{
      {0x80, 7}, {0x81, 0}, {0xc1, 6}, {0x01, 0}};
  for (const auto& [supported, selected] : kSelected) {
    CAPTURE(supported);
    Rig rig;
    rig.device->commandSets = {1};
    rig.device->cap = (rig.device->cap & ~(0xffULL << 37U)) | (supported << 37U);
    rig.initialize();
    CHECK(reg::commandSetOf(ccOf(*rig.controller)) == selected);
  }
}

TEST_CASE("With all I/O command sets selected, the richest profile is set") {
  Rig rig;
  rig.device->cap = rig.device->cap | (1ULL << 43U);  // CSS: 110b is possible
  rig.device->commandSets = {1, 5, 4};
  rig.initialize();
  CHECK(reg::commandSetOf(ccOf(*rig.controller)) == 6);
  const auto seen = rig.device->seen(0);
  const auto profile = std::find_if(seen.begin(), seen.end(), [](const spec::Sqe& sqe) {
    return sqe.opcode == static_cast<std::uint8_t>(spec::AdminOpcode::SetFeatures) &&
           (sqe.cdw10 & 0xffU) == 0x19;
  });
  REQUIRE(profile != seen.end());
  CHECK(profile->cdw11 == 1);
  CHECK(messageOf([&] {
          rig.device->commandSets = {0};
          rig.initialize();
        }).find("I/O Command Set") != std::string::npos);
}

TEST_CASE("A non-contiguous queue works on pages that lie apart") {
  QpairRig rig;
  CHECK(codeOf([&] { (void)rig.controller->createQpair({.depth = 4, .contiguous = false}); }) ==
        "NOT_SUPPORTED");
  rig.device->cap = rig.device->cap & ~(1ULL << 16U);  // CQR
  rig.answerAll();
  const auto qpair = rig.controller->createQpair({.depth = 200, .contiguous = false});
  for (int i = 0; i < 1000; ++i) {
    qpair->submit(readSqe(static_cast<std::uint64_t>(i)), rig.buffer, 0, 512, 0);
    REQUIRE(reapN(*qpair, 1).size() == 1);
  }
  const auto seen = rig.device->seen(qpair->qid());
  REQUIRE(seen.size() == 1000);
  CHECK(seen[999].cdw10 == 999);
}

TEST_CASE("The doorbell stride is the controller's") {
  for (const std::uint64_t stride : {1, 4}) {
    Rig rig;
    rig.device->cap = rig.device->cap | (stride << 32U);
    rig.initialize();
    rig.answerAll();
    const auto qpair = rig.controller->createQpair({.depth = 4});
    for (int i = 0; i < 10; ++i) {
      qpair->submit(readSqe(), nullptr, 0, 0, 0);
      REQUIRE(reapN(*qpair, 1).size() == 1);
    }
  }
}

TEST_CASE("Queue identifiers can be kept from the driver") {
  Rig rig;
  rig.initialize();
  CHECK(rig.controller->reserveQid(std::uint16_t{2}) == 2);
  CHECK(rig.controller->reserveQid({}) == 1);
  CHECK(rig.controller->createQpair({.depth = 4})->qid() == 3);
  CHECK(codeOf([&] { rig.controller->reserveQid(std::uint16_t{3}); }) == "NO_QUEUES");
  CHECK(codeOf([&] { rig.controller->reserveQid(std::uint16_t{999}); }) == "OUT_OF_RANGE");
  rig.controller->releaseQid(1);
  CHECK(rig.controller->createQpair({.depth = 4})->qid() == 1);
}

TEST_CASE("A queue that a test runs by itself has its evidence, whatever it does") {
  Rig rig;
  rig.initialize();
  auto queue = rig.controller->addRawQueue(5, 4);
  const EvidenceReader evidence(rig.evidence->fd());
  spec::Sqe sqe = readSqe();
  sqe.cid = 0xbeef;
  CHECK(queue->submitted(sqe, 512) == 1);
  CHECK(queue->submitted(sqe, 512) == 2);  // the same CID again
  spec::Cqe cqe;
  cqe.cid = 0xbeef;
  CHECK(queue->completed(cqe));
  CHECK(queue->completed(cqe));
  CHECK_FALSE(queue->completed(cqe));
  // Many that never complete.
  for (int i = 0; i < 5000; ++i) (void)queue->submitted(sqe, 0);
  const std::uint32_t segment = queue->segment();
  queue.reset();
  const auto records = evidence.records(segment);
  REQUIRE(records.size() >= 2048);
  for (const auto& record : records)
    CHECK(record.outcome != static_cast<std::uint32_t>(evidence::Outcome::InFlight));
}

TEST_CASE("A fair mutex serves in the order of asking") {
  FairMutex mutex;
  std::vector<int> order;
  std::vector<std::jthread> threads;
  mutex.lock();
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const std::scoped_lock lock(mutex);
      order.push_back(i);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  mutex.unlock();
  threads.clear();
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(order.size() == 8);
}
