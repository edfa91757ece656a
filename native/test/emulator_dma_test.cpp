#include <doctest/doctest.h>

#include <set>

#include "test/support/test_host.h"

using namespace doorbell;
using test::TestHost;
using test::TestMemory;

TEST_CASE("mappings are aligned, apart, and their addresses are not used again at once") {
  TestHost host(test::freshAddress(), false);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    TestMemory memory(*host.function, 4096);
    CHECK(memory.bus() % 65536 == 0);
    CHECK(seen.insert(memory.bus()).second);
  }
  std::vector<std::unique_ptr<TestMemory>> many;
  for (int i = 0; i < 310; ++i) {
    many.push_back(std::make_unique<TestMemory>(*host.function, 100'000));
  }
  for (std::size_t i = 1; i < many.size(); ++i) {
    CHECK(many[i]->bus() > many[i - 1]->bus() + many[i - 1]->size());
  }
}

TEST_CASE("bus addresses are found again after 4 GiB worth of mappings") {
  TestHost host(test::freshAddress(), false);
  std::uint64_t highest = 0;
  for (int i = 0; i < 3000; ++i) {
    TestMemory memory(*host.function, 4U << 20U);
    highest = std::max(highest, memory.bus());
  }
  CHECK(highest < std::uint64_t{1} << 32U);
}

TEST_CASE("a mapping may outlive the function") {
  std::unique_ptr<TestMemory> memory;
  {
    TestHost host;
    memory = std::make_unique<TestMemory>(*host.function, 4096);
  }
  memory->fill(1);
  memory.reset();
  CHECK(memory == nullptr);
}

TEST_CASE("memory unmapped while commands use it is never touched afterwards") {
  TestHost host;
  host.openIo(256);
  REQUIRE(host.write(0, 8, 0x77).status() == 0);
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> target{0};
  std::atomic<std::uint64_t> commands{0};
  std::thread load([&] {
    std::uint32_t inFlight = 0;
    while (!stop.load()) {
      for (; inFlight < 32; ++inFlight) {
        auto sqe = host.block(spec::NvmOpcode::Read, 0, 8);
        sqe.prp1 = target.load();
        host.io->submit(sqe);
      }
      while (host.io->reap()) {
        --inFlight;
        commands.fetch_add(1);
      }
    }
    while (inFlight > 0) {
      host.io->await();
      --inFlight;
    }
  });
  unsigned touched = 0;
  for (int i = 0; i < 300; ++i) {
    auto memory = platform::HostMemory::allocate(4096);
    const auto bus = host.function->dma()->map(memory);
    target.store(bus);
    const auto until = commands.load() + 64;
    CHECK(test::eventually([&] { return commands.load() > until; }));
    host.function->dma()->unmap(bus);
    std::memset(memory->data(), 0, memory->size());
    std::this_thread::sleep_for(std::chrono::microseconds(20));
    for (const std::byte byte : memory->bytes()) touched += byte != std::byte{0} ? 1 : 0;
  }
  stop.store(true);
  load.join();
  CHECK(touched == 0);
}
