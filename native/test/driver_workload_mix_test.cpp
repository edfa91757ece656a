// Sizes, opcodes and data of a workload.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include "driver/workload/generated_commands.h"
#include "driver/workload/io_data.h"
#include "support/chi_square.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;

TEST_CASE("Weights are kept exactly, whatever they are (chi-square)") {
  const std::vector<std::vector<std::uint32_t>> mixes = {
      {1}, {1, 1}, {70, 30}, {4, 1, 1, 1, 1, 1, 1, 67, 10, 7, 3, 3}, {1, 0, 999}, {0, 0, 5, 0, 5}};
  for (const auto& weights : mixes) {
    const WeightedChoice choice(weights);
    Random random(11);
    std::vector<std::uint64_t> seen(weights.size());
    for (int i = 0; i < 300'000; ++i) ++seen.at(choice.pick(random));
    for (std::size_t i = 0; i < weights.size(); ++i) CHECK((weights[i] > 0 || seen[i] == 0));
    const auto kinds = std::count_if(weights.begin(), weights.end(), [](auto w) { return w > 0; });
    if (kinds > 1) CHECK(chiSquare(seen, weights) < chiSquareLimit(static_cast<double>(kinds - 1)));
  }
}

TEST_CASE("Sizes and opcodes of the commands made are the mix asked for (chi-square)") {
  const std::vector<IoSize> sizes = {{.blocks = 1, .weight = 4},
                                     {.blocks = 8, .weight = 67, .align = 8},
                                     {.blocks = 128, .weight = 3, .align = 8}};
  GeneratedCommands source({.regionEnd = 100'000,
                            .ioCount = 200'000,
                            .sizes = sizes,
                            .ops = {{0x02, 50}, {0x01, 30}, {0x09, 15}, {0x00, 0}, {0x08, 5}}});
  std::map<std::uint32_t, std::uint64_t> blocks;
  std::vector<std::uint64_t> ops(4);  // what has no share is not there
  std::vector<IoCommand> commands(200'001);
  REQUIRE(source.fill(commands) == 200'000);
  commands.pop_back();
  for (const IoCommand& command : commands) {
    ++blocks[command.blocks];
    ++ops.at(command.op);
    REQUIRE((command.blocks == 1 || command.slba % 8 == 0));
  }
  CHECK(chiSquare({blocks[1], blocks[8], blocks[128]}, {4, 67, 3}) < chiSquareLimit(2));
  CHECK(chiSquare(ops, {50, 30, 15, 5}) < chiSquareLimit(3));
}

TEST_CASE("FUA is for its share of reads and writes, and for nothing else") {
  GeneratedCommands source(
      {.regionEnd = 100'000, .ioCount = 50'000, .ops = {{0x01, 50}, {0x08, 50}}, .fuaPercent = 20});
  std::vector<IoCommand> commands(50'000);
  REQUIRE(source.fill(commands) == 50'000);
  std::uint64_t writes = 0;
  std::uint64_t forced = 0;
  for (const IoCommand& command : commands) {
    if (command.op == 1) REQUIRE_FALSE(command.fua);
    writes += command.op == 0 ? 1 : 0;
    forced += command.fua ? 1 : 0;
  }
  CHECK(chiSquare({forced, writes - forced}, {20, 80}) < chiSquareLimit(1));
}

TEST_CASE("Data is the pattern asked for, zeros making up its compressible share") {
  std::vector<std::byte> bytes(8192);
  const auto dword = [&](std::size_t index) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + 4 * index, 4);
    return value;
  };
  fillWith({.kind = IoData::Kind::Dword, .dword = 0xcafe}, bytes);
  CHECK(dword(0) == 0xcafe);
  CHECK(dword(2047) == 0xcafe);
  fillWith({.kind = IoData::Kind::Incrementing}, bytes);
  CHECK(dword(0) == 0);
  CHECK(dword(2047) == 2047);
  fillWith({.compressiblePercent = 25, .seed = 5}, bytes);
  for (const std::size_t chunk : {0U, 4096U}) {
    const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(chunk);
    CHECK(std::count(from, from + 3072, std::byte{0}) < 50);
    CHECK(std::count(from + 3072, from + 4096, std::byte{0}) == 1024);
  }
  const auto first = bytes;
  fillWith({.compressiblePercent = 25, .seed = 6}, bytes);
  CHECK(bytes != first);
}
