// Two device threads at work, for sharing.mjs to watch: each has a queue of its own, and places of
// its own on the medium.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "test/support/test_host.h"

using namespace doorbell;
using spec::NvmOpcode;

int main(int argc, char** argv) {
  const unsigned commands = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 500;
  constexpr std::uint16_t kThreads = 2;
  constexpr std::uint64_t kPlaces = 16;  // most are written again and again
  test::TestHost host(test::freshAddress("size=64M&threads=2"));
  host.function->enableInterrupts(kThreads + 1);  // MSI-X: the interrupt pin is one for all queues
  std::unique_ptr<test::TestQueue> queues[kThreads];
  for (std::uint16_t i = 0; i < kThreads; ++i) {
    queues[i] = host.makeQueue(static_cast<std::uint16_t>(i + 1), 64);
  }
  for (unsigned round = 0; round < commands; ++round) {
    for (std::uint16_t i = 0; i < kThreads; ++i) {
      const std::uint64_t place = i * 4096U + round * 7 % kPlaces;
      auto command = host.block(round % 2 == 0 ? NvmOpcode::Write : NvmOpcode::Read, place * 8, 8);
      command.prp1 = host.data.bus() + i * 4096U;
      queues[i]->submit(command);
    }
    for (auto& queue : queues) {
      if (queue->await().status() != 0) return EXIT_FAILURE;
    }
  }
  std::printf("%u commands of each queue\n", commands);
  return EXIT_SUCCESS;
}
