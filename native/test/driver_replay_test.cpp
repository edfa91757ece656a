// Recordings played while they are read, and the times at which their commands are sent.
#include <doctest/doctest.h>

#include <thread>

#include "driver/workload/replayed_commands.h"
#include "platform/error.h"
#include "support/virtual_run.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;

namespace {

std::vector<IoCommand> readsFrom(std::uint64_t first, std::size_t count, std::uint64_t stepNs) {
  std::vector<IoCommand> commands;
  for (std::uint64_t at = first; at < first + count; ++at)
    commands.push_back({.slba = at, .dueNs = at * stepNs, .blocks = 1, .op = 0});
  return commands;
}

std::shared_ptr<IoSequence> openSequence(std::size_t count, std::uint64_t stepNs) {
  auto sequence = std::make_shared<IoSequence>();
  sequence->opcodes = {0x02};
  sequence->commands = readsFrom(0, count, stepNs);
  sequence->mostBlocks = 1;
  sequence->more = std::make_shared<CommandStream>();
  return sequence;
}

}  // namespace

TEST_CASE("A recording that comes in pieces is sent in order, at its times, and to its end") {
  const auto sequence = openSequence(10, 1'000'000);
  sequence->more->append(readsFrom(10, 200, 1'000'000));
  sequence->more->append(readsFrom(210, 1, 1'000'000));
  sequence->more->close();
  VirtualRun run;
  const auto result = run.run({.regionEnd = 1, .qdepth = 4, .sequence = sequence});
  CHECK(result.end == "completed");
  REQUIRE(run.seen.size() == 211);
  for (std::uint64_t at = 0; at < 211; ++at) REQUIRE(run.seen[at].sqe.cdw10 == at);
  REQUIRE(result.lag);
  CHECK(result.lag->count == 211);
  CHECK(result.lag->maxNs < 100'000);
  CHECK(sequence->more->pending() == 0);
}

TEST_CASE("Without pace commands go as fast as there is room, whatever their times say") {
  const auto sequence = openSequence(100, 1'000'000'000);
  sequence->more->close();
  sequence->paced = false;
  VirtualRun run;
  const auto result = run.run({.regionEnd = 1, .qdepth = 8, .sequence = sequence});
  CHECK(result.reads == 100);
  CHECK(result.elapsedNs < 1'000'000'000);
  CHECK_FALSE(result.lag);
}

TEST_CASE("A stream hands over every command between two threads, and ends only after the last") {
  CommandStream stream;
  constexpr std::uint64_t kCount = 200'000;
  std::jthread producer([&stream] {
    for (std::uint64_t at = 0; at < kCount; at += 500) stream.append(readsFrom(at, 500, 1));
    stream.close();
  });
  std::array<IoCommand, 64> window{};
  std::uint64_t next = 0;
  bool inOrder = true;
  while (!stream.drained()) {
    const std::size_t count = stream.take(window);
    if (count == 0) std::this_thread::yield();
    for (std::size_t at = 0; at < count; ++at) inOrder = inOrder && window[at].slba == next++;
  }
  CHECK(inOrder);
  CHECK(next == kCount);
}

TEST_CASE("Commands that cannot be sent are refused by what is wrong with them") {
  IoSequence sequence{.opcodes = {0x02}, .commands = {}, .mostBlocks = 8};
  const auto refused = [&](IoCommand command, const char* message) {
    CAPTURE(message);
    CHECK_THROWS_WITH_AS(checkCommands(sequence, std::span(&command, 1), 100),
                         doctest::Contains(message), Error);
  };
  refused({.slba = 0, .dueNs = 100, .blocks = 0, .op = 0}, "1 to 65536 blocks");
  refused({.slba = 0, .dueNs = 100, .blocks = 9, .op = 0}, "more blocks than were announced");
  refused({.slba = 0, .dueNs = 100, .blocks = 1, .op = 1}, "names no opcode");
  refused({.slba = 0, .dueNs = 99, .blocks = 1, .op = 0}, "due before the one before it");
  sequence.opcodes = {0x09};
  refused({.slba = 0, .dueNs = 100, .blocks = 0, .op = 0}, "a range of no block");
  const IoCommand large{.slba = 0, .dueNs = 100, .blocks = 0x8000'0000, .op = 0};
  CHECK_NOTHROW(checkCommands(sequence, std::span(&large, 1), 100));
}
