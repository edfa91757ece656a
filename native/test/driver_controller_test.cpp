// A controller's life on a scripted device: enabling, failing, losing, closing.
#include <doctest/doctest.h>

#include <cstring>

#include "driver/controller_core.h"
#include "support/evidence_reader.h"
#include "support/rig.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;
using evidence::ControllerState;
using evidence::Outcome;

namespace {

ControllerState stateOf(Rig& rig) {
  return static_cast<ControllerState>(
      EvidenceReader(rig.evidence->fd()).controller(rig.controller->segment()).state);
}

constexpr auto value(Outcome outcome) { return static_cast<std::uint16_t>(outcome); }

}  // namespace

TEST_CASE("Initialising enables the controller, tells who it is, and logs its commands on Q00") {
  Rig rig;
  CHECK(stateOf(rig) == ControllerState::Disabled);
  CHECK(codeOf([&] { (void)rig.controller->admin(); }) == "CONTROLLER_NOT_READY");
  CHECK(codeOf([&] { (void)rig.controller->createQpair({.depth = 8}); }) == "CONTROLLER_NOT_READY");
  const auto info = rig.initialize();
  CHECK(info.ioQueues == 15);
  REQUIRE(info.namespaces.size() == 1);
  CHECK(stateOf(rig) == ControllerState::Ready);
  CHECK(rig.device->busMaster());
  const EvidenceReader reader(rig.evidence->fd());
  const auto controller = reader.controller(rig.controller->segment());
  CHECK(std::string(controller.model.data()) == "SCRIPTED");
  CHECK(std::string(controller.serial.data()) == "S1");
  CHECK(controller.vs == 0x20000);
  const auto admin = rig.controller->admin();
  const auto log = reader.records(admin->segment());
  REQUIRE(log.size() == 4);  // Identify x3, Set Features
  CHECK(log[0].sqe.opcode == 0x06);
  CHECK(log[3].sqe.opcode == 0x09);
  CHECK(log[3].outcome == static_cast<std::uint32_t>(Outcome::Completed));
  CHECK(reader.queue(admin->segment()).qid == 0);
  CHECK(std::string(reader.queue(admin->segment()).owner.data()) == "admin");
}

TEST_CASE("A failed initialisation says the step and shows the registers") {
  Rig rig;
  SUBCASE("never ready") {
    rig.device->neverReady = true;
    const std::string message = messageOf([&] { rig.initialize(); });
    CHECK(message.find("CSTS.RDY = 1") != std::string::npos);
    CHECK(message.find("CAP 0x") != std::string::npos);
    CHECK(message.find("CC 0x00460001") != std::string::npos);
    CHECK(codeOf([&] { rig.initialize(); }) == "INIT_FAILED");
    rig.device->neverReady = false;
  }
  SUBCASE("Identify refused") {
    rig.device->identifyStatus = 0x0b;
    const std::string message = messageOf([&] { rig.initialize(); });
    CHECK(message.find("Identify Controller") != std::string::npos);
    CHECK(message.find("0h/bh") != std::string::npos);
    rig.device->identifyStatus = 0;
  }
  CHECK_FALSE(rig.device->busMaster());
  CHECK(rig.initialize().ioQueues == 15);
  CHECK(codeOf([&] { (void)rig.controller->initialize({.adminDepth = 1}); }) == "OUT_OF_RANGE");
  CHECK(codeOf([&] { (void)rig.controller->initialize({.adminDepth = 4097}); }) == "OUT_OF_RANGE");
  CHECK(codeOf([&] { (void)rig.controller->initialize({.ioQueues = 0}); }) == "OUT_OF_RANGE");
}

TEST_CASE("A depth outside 2..CAP.MQES+1 is refused with the limits") {
  Rig rig;
  rig.initialize();
  for (const std::uint32_t depth : {0U, 1U, 257U, UINT32_MAX}) {
    CHECK(codeOf([&] { (void)rig.controller->createQpair({.depth = depth}); }) == "OUT_OF_RANGE");
  }
  CHECK(messageOf([&] { (void)rig.controller->createQpair({.depth = 1}); }).find("2 to 256") !=
        std::string::npos);
  CHECK(rig.controller->createQpair({.depth = 2})->qid() == 1);
  CHECK(rig.controller->createQpair({.depth = 256})->qid() == 2);
}

TEST_CASE("Initialising again, disabling and shutting down end every queue pair as Reset") {
  Rig rig;
  rig.initialize();
  rig.answerNothing();
  const auto buffer = DmaBuffer::allocate(512);
  const auto check = [&](auto&& verb) {
    const auto qpair = rig.controller->createQpair({.depth = 4});
    qpair->submit(readSqe(), buffer, 0, 512, 0);
    verb();
    CHECK(reapN(*qpair, 1).at(0).outcome == value(Outcome::Reset));
    CHECK(codeOf([&] { qpair->submit(readSqe(), buffer, 0, 512, 0); }) == "CONTROLLER_NOT_READY");
    CHECK(buffer->pins() == 0);
  };
  check([&] { rig.initialize(); });
  check([&] { rig.controller->disable(); });
  CHECK(stateOf(rig) == ControllerState::Disabled);
  rig.initialize();
  check([&] { rig.controller->shutdown(ShutdownKind::Abrupt); });
  CHECK(stateOf(rig) == ControllerState::ShutDown);
  rig.initialize();
  check([&] { rig.controller->reset(ControllerReset::Subsystem); });
  rig.initialize();
  CHECK(rig.controller->createQpair({.depth = 4})->qid() == 1);
}

TEST_CASE("Power loss and removal end commands, awaited verbs and new ones with their reason") {
  for (const auto reason : {platform::LossReason::PowerLost, platform::LossReason::Removed}) {
    const bool removed = reason == platform::LossReason::Removed;
    Rig rig;
    std::vector<std::string> events;
    (void)rig.controller->addEventHandler(
        [&](const DriverEvent& event) { events.push_back(event.kind); });
    rig.initialize();
    rig.answerNothing();
    const auto buffer = DmaBuffer::allocate(512);
    const auto qpair = rig.controller->createQpair({.depth = 8});
    for (int i = 0; i < 7; ++i) qpair->submit(readSqe(), buffer, 0, 512, 0);
    rig.device->hangAdmin = true;
    std::string code;
    std::jthread waiting(
        [&] { code = codeOf([&] { (void)rig.controller->createQpair({.depth = 8}); }); });
    rig.awaitSeen(0, 7);
    rig.device->lose(reason);
    waiting.join();
    const std::string expected = removed ? "REMOVED" : "POWER_LOST";
    CHECK(code == expected);
    const auto done = reapN(*qpair, 7);
    REQUIRE(done.size() == 7);
    for (const auto& completion : done) {
      CHECK(completion.outcome == value(removed ? Outcome::Removed : Outcome::PowerLost));
    }
    CHECK(codeOf([&] { rig.initialize(); }) == expected);
    CHECK(codeOf([&] { qpair->submit(readSqe(), buffer, 0, 512, 0); }) == expected);
    CHECK(stateOf(rig) == (removed ? ControllerState::Removed : ControllerState::PoweredOff));
    CHECK(events == std::vector<std::string>{removed ? "removed" : "power-lost"});
    rig.device->hangAdmin = false;
    if (removed) continue;
    rig.controller->powerOn();
    CHECK(stateOf(rig) == ControllerState::Disabled);
    CHECK(rig.initialize().ioQueues == 15);
  }
}

TEST_CASE("Closing in any order is safe, and a queue pair outlives its controller as CLOSED") {
  Rig rig;
  rig.initialize();
  rig.answerNothing();
  const auto buffer = DmaBuffer::allocate(512);
  const auto qpair = rig.controller->createQpair({.depth = 4});
  const auto admin = rig.controller->admin();
  qpair->submit(readSqe(), buffer, 0, 512, 0);
  bool notified = false;
  qpair->notify([&] { notified = true; });
  rig.controller->close();
  rig.controller->close();
  CHECK(notified);
  CHECK(stateOf(rig) == ControllerState::Closed);
  CHECK_FALSE(rig.device->busMaster());
  CHECK(reapN(*qpair, 1).at(0).outcome == value(Outcome::Closed));
  CHECK(codeOf([&] { qpair->submit(readSqe(), buffer, 0, 512, 0); }) == "CLOSED");
  CHECK(codeOf([&] { admin->submit(readSqe(), nullptr, 0, 0, 0); }) == "CLOSED");
  CHECK(codeOf([&] { rig.initialize(); }) == "CLOSED");
  CHECK(codeOf([&] { (void)rig.controller->admin(); }) == "CLOSED");
  CHECK(codeOf([&] { (void)rig.controller->readRegister(0, 4); }) == "CLOSED");
  CHECK(codeOf([&] { rig.controller->reset(ControllerReset::Hot); }) == "CLOSED");
  CHECK(codeOf([&] { rig.controller->powerOff(); }) == "CLOSED");
  qpair->remove();
  rig.controller.reset();
  CHECK(qpair->outstanding() == 0);
  CHECK(qpair->nextDeadlineMs() == -1);
  (void)qpair->dossier();
  buffer->close();
  CHECK(rig.device->domain().mappings() == 0);
  CHECK(rig.device.use_count() == 1);
}

TEST_CASE("A forgotten queue pair keeps its memory as long as the device may write to it") {
  Rig rig;
  rig.initialize();
  rig.answerNothing();
  const std::size_t before = rig.device->domain().mappings();
  rig.controller->createQpair({.depth = 4}).reset();
  CHECK(rig.device->domain().mappings() > before);
  rig.initialize();
  CHECK(rig.device->domain().mappings() == before);
}

TEST_CASE("Quiescing stops the device while another verb waits") {
  Rig rig;
  rig.initialize();
  rig.device->hangAdmin = true;
  std::jthread waiting(
      [&] { (void)codeOf([&] { (void)rig.controller->createQpair({.depth = 8}); }); });
  rig.awaitSeen(0, 5);
  rig.controller->quiesce(500);
  CHECK_FALSE(rig.device->busMaster());
  CHECK((rig.controller->readRegister(spec::reg::kCsts, 4) & 1U) == 0);
  rig.device->lose(platform::LossReason::Removed);
}

TEST_CASE("What a verb still makes and says after a loss ends with the loss") {
  Rig rig;
  const auto device = std::make_shared<ScriptedFunction>();
  const auto core =
      ControllerCore::create(device, Environment{rig.clock, rig.evidence, /*adminTimeoutMs=*/1000});
  device->lose(platform::LossReason::PowerLost);
  (void)core->makeAdmin(8, 4096);
  core->setState(ControllerState::Ready);
  CHECK(core->evidence().state == static_cast<std::uint32_t>(ControllerState::PoweredOff));
  CHECK(codeOf([&] { core->admin()->submit(readSqe(), nullptr, 0, 0, 100); }) == "POWER_LOST");
  core->closeDown();
}

TEST_CASE("Queue pairs made, used, deleted and lost from many threads neither hang nor crash") {
  Rig rig;
  rig.initialize();
  rig.answerAll();
  const auto buffer = DmaBuffer::allocate(512);
  {
    std::vector<std::jthread>
        threads;  // asked to stop before they are joined, also by an exception
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          const std::string code = codeOf([&] {
            const auto qpair = rig.controller->createQpair({.depth = 4});
            for (int i = 0; i < 3; ++i) qpair->submit(readSqe(), buffer, 0, 512, 100);
            qpair->notify([] {});
            reapN(*qpair, 3);
            qpair->remove();
          });
          // Without a pause the losers of the race would burn what the winner-to-be needs.
          if (!code.empty()) Rig::nap();
        }
      });
    }
    for (int round = 0; round < 20; ++round) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      rig.controller->powerOff();
      rig.controller->powerOn();
      rig.initialize();
    }
  }
  rig.controller->close();
  CHECK(buffer->pins() == 0);
}
