// The driver on the emulated SSD: the whole way, as the binding uses it.
#include <doctest/doctest.h>

#include <cstring>

#include "driver/registry.h"
#include "spec/identify.h"
#include "spec/log_page.h"
#include "support/rig.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;

namespace {

std::shared_ptr<Controller> openReady() {
  auto controller = Registry::instance().open("emulated");
  controller->initialize({});
  return controller;
}

std::vector<std::byte> text(const std::string& value) {
  std::vector<std::byte> bytes(value.size());
  std::memcpy(bytes.data(), value.data(), value.size());
  return bytes;
}

}  // namespace

TEST_CASE("Initialisation identifies the controller and its namespaces and gets its queues") {
  const auto controller = Registry::instance().open("emulated");
  const auto info = controller->initialize({});
  CHECK(info.identify.size() == 4096);
  REQUIRE(info.namespaces.size() == 1);
  CHECK(info.namespaces[0].nsid == 1);
  CHECK(info.ioQueues == 64);
  CHECK((controller->configRead(4, 2) & 4U) != 0);
  controller->close();
}

TEST_CASE("Hello world: what was written is read back") {
  const auto controller = openReady();
  const auto qpair = controller->createQpair({.depth = 16});
  const auto out = DmaBuffer::allocate(512);
  const auto in = DmaBuffer::allocate(512);
  out->write(10, text("hello world"));
  qpair->submit(writeSqe(7), out, 0, 512, 1000);
  REQUIRE(reapN(*qpair, 1).size() == 1);
  qpair->submit(readSqe(7), in, 0, 512, 1000);
  const auto done = reapN(*qpair, 1);
  REQUIRE(done.size() == 1);
  CHECK(done[0].cqe.status() == 0);
  CHECK(done[0].sequence == 2);
  CHECK(done[0].completeNs > done[0].submitNs);
  CHECK(in->compare(0, *out, 0, 512) == -1);
  CHECK(in->pins() == 0);
  controller->close();
}

TEST_CASE("Transfers of every size up to MDTS keep their bytes, from any dword offset") {
  const auto controller = openReady();
  const auto info = controller->initialize({});
  spec::IdentifyController identify;
  std::memcpy(&identify, info.identify.data(), sizeof(identify));
  const std::size_t most = identify.mdts == 0 ? 1U << 20U : std::size_t{4096} << identify.mdts;
  const auto qpair = controller->createQpair({.depth = 4});
  const auto out = DmaBuffer::allocate(most + 4096);
  const auto in = DmaBuffer::allocate(most + 4096);
  out->fillRandom(0, out->size(), 11, 0);
  for (const std::size_t offset : {std::size_t{0}, std::size_t{4}, std::size_t{4092}}) {
    for (std::size_t size = 512; size <= most; size *= 2) {
      CAPTURE(offset);
      CAPTURE(size);
      const auto blocks = static_cast<std::uint32_t>(size / 512);
      qpair->submit(writeSqe(64, blocks), out, offset, size, 5000);
      REQUIRE(reapN(*qpair, 1).at(0).cqe.status() == 0);
      in->fillIncrementing(0, in->size(), 0);
      qpair->submit(readSqe(64, blocks), in, offset, size, 5000);
      REQUIRE(reapN(*qpair, 1).at(0).cqe.status() == 0);
      REQUIRE(in->compare(offset, *out, offset, size) == -1);
    }
  }
  controller->close();
}

TEST_CASE("An error status is data") {
  const auto controller = openReady();
  const auto qpair = controller->createQpair({.depth = 4});
  const auto buffer = DmaBuffer::allocate(512);
  qpair->submit(readSqe(1ULL << 31U), buffer, 0, 512, 1000);
  const auto done = reapN(*qpair, 1);
  REQUIRE(done.size() == 1);
  CHECK(done[0].outcome == static_cast<std::uint16_t>(evidence::Outcome::Completed));
  CHECK((done[0].cqe.status() & 0x7ffU) == spec::status::kLbaOutOfRange.raw);
  controller->close();
}

TEST_CASE("An ioworker runs to its count, and stops for power loss with the reason") {
  const auto controller = openReady();
  const auto run = [&](const IoWorkerSpec& spec) {
    const auto worker = controller->startIoWorker(spec);
    worker->join();
    IoWorkerResult result;
    worker->onDone([&](const IoWorkerResult& done) { result = done; });
    return result;
  };
  const auto done =
      run({.regionEnd = 100'000, .readPercent = 50, .ioCount = 20'000, .percentiles = {50, 99.9}});
  CHECK(done.end == "completed");
  CHECK(done.firstErrorStatus == 0);
  CHECK(done.reads + done.writes == 20'000);
  CHECK(done.bytesRead == done.reads * 4096);
  CHECK(done.all.count == 20'000);
  CHECK(done.read.count == done.reads);
  CHECK(done.all.percentilesNs.at(0) <= done.all.percentilesNs.at(1));
  CHECK(done.all.minNs > 0);
  CHECK(done.elapsedNs > 0);

  const auto worker = controller->startIoWorker({.regionEnd = 100'000, .timeMs = 60'000});
  while (worker->counters().ios < 1000) Rig::nap();
  controller->powerOff();
  worker->join();
  IoWorkerResult lost;
  worker->onDone([&](const IoWorkerResult& result) { lost = result; });
  CHECK(lost.end == "power-lost");
  CHECK(lost.reads >= 1000);
  CHECK(codeOf([&] { (void)controller->initialize({}); }) == "POWER_LOST");
  controller->powerOn();
  CHECK(controller->initialize({}).namespaces.size() == 1);
  CHECK(run({.regionEnd = 100'000, .ioCount = 100}).end == "completed");
  controller->close();
}

TEST_CASE("Powering off under load ends every outstanding command as PowerLost") {
  const auto controller = openReady();
  const auto qpair = controller->createQpair({.depth = 64});
  const auto buffer = DmaBuffer::allocate(4096);
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 63; ++i) qpair->submit(readSqe(8, 8), buffer, 0, 4096, 1000);
    if (round == 10) controller->powerOff();
    const auto done = reapN(*qpair, 63);
    REQUIRE(done.size() == 63);
    if (round == 10) break;
  }
  CHECK(buffer->pins() == 0);
  CHECK(qpair->outstanding() == 0);
  CHECK(codeOf([&] { qpair->submit(readSqe(), buffer, 0, 512, 0); }) == "POWER_LOST");
  CHECK(controller->readRegister(0x1c, 4) == 0xffffffff);
  controller->powerOn();
  controller->close();
}

TEST_CASE("Every kind of reset leaves a controller that can be initialised again") {
  const auto controller = openReady();
  for (const auto kind :
       {ControllerReset::FunctionLevel, ControllerReset::Hot, ControllerReset::Subsystem}) {
    const auto qpair = controller->createQpair({.depth = 16});
    controller->reset(kind);
    CHECK(codeOf([&] { qpair->submit(readSqe(), nullptr, 0, 0, 0); }) == "CONTROLLER_NOT_READY");
    CHECK(codeOf([&] { (void)controller->createQpair({.depth = 16}); }) == "CONTROLLER_NOT_READY");
    CHECK(controller->initialize({}).ioQueues == 64);
  }
  controller->shutdown(ShutdownKind::Normal);
  CHECK(codeOf([&] { (void)controller->createQpair({.depth = 16}); }) == "CONTROLLER_NOT_READY");
  controller->initialize({});
  controller->disable();
  controller->initialize({});
  controller->close();
}

TEST_CASE("All 64 granted queue pairs can live at once, and one more is refused with the number") {
  const auto controller = openReady();
  std::vector<std::shared_ptr<Qpair>> qpairs;
  for (int i = 0; i < 64; ++i) qpairs.push_back(controller->createQpair({.depth = 8}));
  CHECK(codeOf([&] { (void)controller->createQpair({.depth = 8}); }) == "NO_QUEUES");
  qpairs[5]->remove();
  CHECK(controller->createQpair({.depth = 8})->qid() == 6);
  controller->close();
}

TEST_CASE("An awaited command is notified by its interrupt") {
  const auto controller = openReady();
  for (const bool interrupts : {true, false}) {
    CAPTURE(interrupts);
    const auto qpair = controller->createQpair({.depth = 16, .interrupts = interrupts});
    const auto buffer = DmaBuffer::allocate(512);
    for (int i = 0; i < 200; ++i) {
      std::atomic<int> calls{0};
      qpair->submit(readSqe(), buffer, 0, 512, 1000);
      qpair->notify([&] { ++calls; });
      for (int wait = 0; wait < 2000 && calls == 0; ++wait) Rig::nap();
      REQUIRE(calls == 1);
      ReapedCompletion done[4];
      REQUIRE(qpair->reap(done, std::chrono::microseconds(0)) == 1);
    }
  }
  controller->close();
}

TEST_CASE("One address, one controller a process") {
  const auto controller = Registry::instance().open("emulated");
  CHECK(codeOf([] { (void)Registry::instance().open("emulated"); }) == "CONTROLLER_IN_USE");
  CHECK(codeOf([] { (void)Registry::instance().open("emulated?fresh=0"); }) == "CONTROLLER_IN_USE");
  controller->close();
  Registry::instance().open("emulated")->close();
}

TEST_CASE(
    "What is no address is answered with the forms that are; what is one, with what this build "
    "opens") {
  CHECK(codeOf([] { (void)Registry::instance().open("nonsense"); }) == "BAD_ADDRESS");
  CHECK(messageOf([] { (void)Registry::instance().open("nonsense"); }).find("emulated") !=
        std::string::npos);
  CHECK(codeOf([] { (void)Registry::instance().open("spdk:0000:3d:00.0"); }) == "NOT_SUPPORTED");
  CHECK(codeOf([] { (void)Registry::instance().open("emulated:?nonsense=1"); }) == "BAD_ADDRESS");
  CHECK(Registry::instance().open("emulated?size=64M")->address() == "emulated?size=64M");
}
