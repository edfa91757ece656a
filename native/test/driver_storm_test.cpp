// Everything at once on the emulated SSD: nothing may hang, crash or lose count.
#include <doctest/doctest.h>

#include "driver/registry.h"
#include "support/rig.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;

namespace {

constexpr int kRounds = 12;

/// Starts workers and queue pairs until asked to stop; every failure must be a typed one.
void work(Controller& controller, const std::stop_token& stop, std::atomic<int>& ended) {
  const auto buffer = DmaBuffer::allocate(4096);
  while (!stop.stop_requested()) {
    const std::string code = codeOf([&] {
      const auto worker = controller.startIoWorker({.regionEnd = 10'000,
                                                    .readPercent = 50,
                                                    .qdepth = 64,
                                                    .timeMs = 20,
                                                    .commandTimeoutMs = 2000});
      const auto qpair = controller.createQpair({.depth = 16});
      for (int i = 0; i < 15; ++i) qpair->submit(readSqe(8, 8), buffer, 0, 4096, 2000);
      qpair->notify([] {});
      CHECK(reapN(*qpair, 15).size() == 15);
      worker->join();
      worker->onDone([&](const IoWorkerResult& result) {
        CHECK(result.end != "device-error");
        CHECK(result.end != "timed-out");
        ++ended;
      });
      qpair->remove();
    });
    CHECK((code.empty() || code == "POWER_LOST" || code == "CONTROLLER_NOT_READY" ||
           code == "CLOSED"));
    if (!code.empty()) Rig::nap();
  }
  CHECK(buffer->pins() == 0);
}

}  // namespace

TEST_CASE(
    "Ioworkers and queue pairs survive power cycles, resets and initialisations from another "
    "thread") {
  const auto controller = Registry::instance().open("emulated");
  controller->initialize({});
  std::atomic<int> ended{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&](const std::stop_token& stop) { work(*controller, stop, ended); });
    }
    for (int round = 0; round < kRounds; ++round) {
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      switch (round % 4) {
        case 0:
          controller->powerOff();
          controller->powerOn();
          break;
        case 1:
          controller->reset(ControllerReset::FunctionLevel);
          break;
        case 2:
          controller->shutdown(ShutdownKind::Normal);
          break;
        default:
          break;
      }
      CHECK(controller->initialize({}).namespaces.size() == 1);
    }
  }
  CHECK(ended > 0);
  controller->close();
}

TEST_CASE("Closing under load ends everything, and the address can be opened again at once") {
  for (int round = 0; round < 5; ++round) {
    const auto controller = Registry::instance().open("emulated");
    controller->initialize({});
    const auto worker = controller->startIoWorker({.regionEnd = 10'000, .timeMs = 60'000});
    while (worker->counters().ios < 100) Rig::nap();
    controller->close();
    worker->join();
    std::string end;
    worker->onDone([&](const IoWorkerResult& result) { end = result.end; });
    CHECK(end == "stopped");
  }
}
