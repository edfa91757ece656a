#include <doctest/doctest.h>

#include <thread>

#include "test/support/test_host.h"

using namespace doorbell;
using test::TestHost;
namespace reg = spec::reg;

TEST_CASE("a function without power answers all ones and ignores writes") {
  TestHost host;
  auto& power = *host.function->power();
  CHECK(power.isOn());
  power.off();
  CHECK_FALSE(power.isOn());
  CHECK(host.function->read32(reg::kCsts) == 0xffffffff);
  CHECK(host.function->read64(reg::kCap) == 0xffffffffffffffff);
  CHECK(host.function->configRead(0, 2) == 0xffff);
  host.function->write32(reg::kAqa, 0x001f001f);
  power.on();
  CHECK(power.isOn());
  CHECK(host.function->read32(reg::kAqa) == 0);
  CHECK(host.csts().raw == 0);
}

TEST_CASE("the supply comes back only after its loss was reported") {
  TestHost host;
  auto& power = *host.function->power();
  std::atomic<bool> back{false};
  bool early = false;
  std::jthread other;
  host.function->onLoss([&](platform::LossReason) {
    other = std::jthread([&] {
      power.on();
      back = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    early = back;
  });
  power.off();
  CHECK_FALSE(early);
  CHECK(test::eventually([&] { return back.load(); }));
  CHECK(power.isOn());
}

TEST_CASE("the loss is reported once a loss") {
  TestHost host;
  unsigned losses = 0;
  host.function->onLoss([&](platform::LossReason reason) {
    CHECK(reason == platform::LossReason::PowerLost);
    ++losses;
  });
  auto& power = *host.function->power();
  power.off();
  power.off();
  CHECK(losses == 1);
  power.on();
  power.on();
  power.off();
  CHECK(losses == 2);
}

TEST_CASE("outstanding commands never complete, and the SSD works after power on") {
  TestHost host;
  host.openIo();
  auto request = TestHost::sqe(spec::AdminOpcode::AsynchronousEventRequest);
  request.cid = 0x700;
  host.admin->submit(request);
  CHECK(host.admin->staysSilent());
  host.function->power()->off();
  host.io->submit(host.block(spec::NvmOpcode::Read, 0, 1));
  CHECK(host.io->staysSilent());
  CHECK(host.admin->staysSilent());
  host.function->power()->on();
  CHECK(host.io->staysSilent());
  host.enable();
  host.openIo();
  CHECK(host.write(0, 1, 3).status() == 0);
  CHECK(host.readFill(0) == 3);
}

TEST_CASE("power cycles and unsafe shutdowns are counted") {
  TestHost host;
  const auto cycle = [&] {
    host.function->power()->off();
    host.function->power()->on();
    host.enable();
    return host.smart();
  };
  auto smart = cycle();
  CHECK(smart.powerCycles.low == 2);
  CHECK(smart.unsafeShutdowns.low == 1);
  host.function->write32(reg::kCc, TestHost::kCcEnabled | (1U << 14U));
  smart = cycle();
  CHECK(smart.powerCycles.low == 3);
  CHECK(smart.unsafeShutdowns.low == 1);
  host.function->write32(reg::kCc, TestHost::kCcEnabled | (1U << 14U));
  host.function->write32(reg::kCc, 0);
  host.enable();
  smart = cycle();
  CHECK(smart.unsafeShutdowns.low == 2);
}

TEST_CASE("power goes while commands run at full speed") {
  TestHost host;
  for (int round = 0; round < 20; ++round) {
    host.openIo(256);
    std::atomic<bool> stop{false};
    std::thread load([&] {
      std::uint32_t inFlight = 0;
      while (!stop.load()) {
        for (; inFlight < 32; ++inFlight) {
          host.io->submit(host.block(spec::NvmOpcode::Write, inFlight * 8, 8));
        }
        while (host.io->reap()) --inFlight;
      }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    host.function->power()->off();
    stop.store(true);
    load.join();
    while (host.io->reap()) {
    }
    CHECK(host.io->staysSilent(std::chrono::milliseconds(1)));
    host.function->power()->on();
    host.enable();
  }
  CHECK(host.smart().powerCycles.low == 21);
}

TEST_CASE("a reset of the function keeps media and cycles") {
  platform::ResetKind kind{};
  SUBCASE("function level") { kind = platform::ResetKind::FunctionLevel; }
  SUBCASE("hot") { kind = platform::ResetKind::Hot; }
  TestHost host;
  host.openIo();
  host.write(0, 1, 3);
  host.function->reset(kind);
  CHECK(host.csts().raw == 0);
  CHECK(host.function->read32(reg::kAqa) == 0);
  host.enable();
  host.openIo();
  CHECK(host.readFill(0) == 3);
  CHECK(host.smart().powerCycles.low == 1);
}
