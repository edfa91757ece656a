// Addresses of a workload.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "driver/workload/address_stream.h"
#include "support/chi_square.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;

namespace {

std::vector<std::uint64_t> walk(const AddressPlan& plan, std::size_t count) {
  REQUIRE(problemOf(plan) == "");
  AddressStream stream(plan);
  Random random(1);
  std::vector<std::uint64_t> lbas;
  while (lbas.size() < count) {
    const auto extent = stream.next(0, random);
    if (extent.blocks == 0) break;
    lbas.push_back(extent.slba);
  }
  return lbas;
}

AddressPlan sequential(std::optional<std::int64_t> step, std::vector<IoSize> sizes = {{}}) {
  return {.regionStart = 16,
          .regionEnd = 50,
          .step = step,
          .randomPercent = 0,
          .sizes = std::move(sizes)};
}

using Lbas = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE(
    "Contiguous addresses go on where the last command ended, and wrap to the region's start") {
  CHECK(walk(sequential(std::nullopt), 6) == Lbas{16, 24, 32, 40, 16, 24});
}

TEST_CASE("A positive step goes by starting LBA, overlapping or with gaps, and wraps") {
  CHECK(walk(sequential(4), 8) == Lbas{16, 20, 24, 28, 32, 36, 40, 16});
  CHECK(walk(sequential(20), 4) == Lbas{16, 36, 16, 36});
}

TEST_CASE("A negative step begins at the region's end and wraps to it") {
  CHECK(walk(sequential(-8), 7) == Lbas{42, 34, 26, 18, 42, 34, 26});
  AddressPlan plan = sequential(-8);
  plan.first = 20;
  CHECK(walk(plan, 3) == Lbas{20, 42, 34});
}

TEST_CASE("A step of 0 stays where it is") {
  AddressPlan plan = sequential(0);
  plan.first = 23;
  CHECK(walk(plan, 3) == Lbas{23, 23, 23});
  plan.once = true;
  CHECK(problemOf(plan).find("lbaStep 0 has no end") == 0);
  plan.once = false;
  plan.first = 45;
  CHECK(problemOf(plan).find("leaves no room for 8 blocks") != std::string::npos);
}

TEST_CASE("The first command begins where asked") {
  AddressPlan plan = sequential(std::nullopt);
  plan.first = 30;
  CHECK(walk(plan, 4) == Lbas{30, 38, 16, 24});
  plan.first = 50;
  CHECK(problemOf(plan).find("lbaStart 50 is outside the region") == 0);
  plan.first = 15;
  CHECK(problemOf(plan).find("lbaStart 15 is outside") == 0);
}

TEST_CASE("Sequential addresses keep their alignment: upwards by rounding up, downwards down") {
  CHECK(walk(sequential(std::nullopt, {{.blocks = 3, .align = 5}}), 8) ==
        Lbas{20, 25, 30, 35, 40, 45, 20, 25});
  CHECK(walk(sequential(7, {{.blocks = 3, .align = 5}}), 5) == Lbas{20, 30, 40, 20, 30});
  CHECK(walk(sequential(-7, {{.blocks = 3, .align = 5}}), 5) == Lbas{45, 35, 25, 45, 35});
}

TEST_CASE("A single walk is over at the end; a contiguous one ends with a shorter command") {
  AddressPlan plan = sequential(std::nullopt);
  plan.once = true;
  AddressStream stream(plan);
  Random random(1);
  std::uint64_t covered = 16;
  std::uint32_t last = 0;
  for (auto extent = stream.next(0, random); extent.blocks != 0; extent = stream.next(0, random)) {
    CHECK(extent.slba == covered);
    covered += last = extent.blocks;
  }
  CHECK(covered == 50);
  CHECK(last == 2);
  for (const std::int64_t step : {10, -10}) {
    AddressPlan stepped = sequential(step);
    stepped.once = true;
    CHECK(walk(stepped, 100).size() == 3);
  }
}

TEST_CASE("Random addresses are aligned, stay in the region, and reach all of it evenly") {
  const AddressPlan plan{
      .regionStart = 1001, .regionEnd = 2003, .sizes = {{.blocks = 8}, {.blocks = 5, .align = 10}}};
  REQUIRE(problemOf(plan) == "");
  AddressStream stream(plan);
  Random random(7);
  std::vector<std::uint64_t> slots(125);
  std::vector<std::uint64_t> tens(99);
  for (int i = 0; i < 200'000; ++i) {
    const auto [slba, blocks] = stream.next(0, random);
    REQUIRE(blocks == 8);
    REQUIRE((slba - 1001) % 8 == 0);
    ++slots.at((slba - 1001) / 8);
    const auto aligned = stream.next(1, random);
    REQUIRE(aligned.slba % 10 == 0);
    ++tens.at((aligned.slba - 1010) / 10);
  }
  CHECK(chiSquare(slots, std::vector<std::uint32_t>(125, 1)) < chiSquareLimit(124));
  CHECK(chiSquare(tens, std::vector<std::uint32_t>(99, 1)) < chiSquareLimit(98));
}

TEST_CASE("A share of random addresses leaves the others sequential among themselves") {
  AddressPlan plan = sequential(std::nullopt);
  plan.regionEnd = 1'000'000'016;
  plan.randomPercent = 30;
  const auto lbas = walk(plan, 100'000);
  std::uint64_t next = 16;
  std::uint64_t inOrder = 0;
  for (const std::uint64_t lba : lbas) {
    if (lba != next) continue;
    ++inOrder;
    next += 8;
  }
  CHECK(chiSquare({inOrder, 100'000 - inOrder}, {70, 30}) < chiSquareLimit(1));
}

TEST_CASE("A distribution gives every hundredth of the region its share") {
  AddressPlan plan{.regionStart = 1000, .regionEnd = 101'000, .sizes = {{.blocks = 8, .align = 8}}};
  plan.distribution = std::vector<std::uint32_t>(100, 25);
  std::fill_n(plan.distribution.begin(), 5, 1000);
  std::fill_n(plan.distribution.begin() + 5, 15, 200);
  REQUIRE(problemOf(plan) == "");
  AddressStream stream(plan);
  Random random(3);
  std::vector<std::uint64_t> slices(100);
  for (int i = 0; i < 400'000; ++i) {
    const auto [slba, blocks] = stream.next(0, random);
    REQUIRE(slba + blocks <= plan.regionEnd);
    REQUIRE(slba % 8 == 0);
    ++slices.at((slba - 1000) / 1000);
  }
  CHECK(chiSquare(slices, plan.distribution) < chiSquareLimit(99));
}

TEST_CASE(
    "A hundredth that gets nothing is never touched; one without room for a command is refused") {
  AddressPlan plan{.regionEnd = 1000, .sizes = {{.blocks = 8, .align = 8}}};
  plan.distribution = std::vector<std::uint32_t>(100, 0);
  plan.distribution[0] = 5000;
  plan.distribution[60] = 5000;  // LBA 600 to 609
  const auto lbas = walk(plan, 1000);
  const std::set<std::uint64_t> all(lbas.begin(), lbas.end());
  CHECK(all == std::set<std::uint64_t>{0, 8, 600, 608});
  plan.distribution[61] = 5000;
  CHECK(problemOf(plan) == "distribution sums up to 10000, not 15000");
  plan.distribution[60] = 0;
  plan.sizes = {{.blocks = 8, .align = 64}};  // 576 and 640
  CHECK(problemOf(plan).find("distribution[61] is 5000, but no command of 8 blocks") == 0);
  plan.distribution.pop_back();
  CHECK(problemOf(plan) == "distribution has 100 integers, not 99");
  plan.distribution = std::vector<std::uint32_t>(100, 100);
  plan.randomPercent = 0;
  CHECK(problemOf(plan).find("distribution is of random addresses") == 0);
}

TEST_CASE("A region without room for a command at its alignment is refused") {
  CHECK(problemOf({.regionStart = 9, .regionEnd = 15, .sizes = {{.blocks = 8}}})
            .find("holds no command of 8 blocks") != std::string::npos);
  CHECK(problemOf({.regionStart = 9, .regionEnd = 23, .sizes = {{.blocks = 8, .align = 16}}})
            .find("at a multiple of LBA 16") != std::string::npos);
}

TEST_CASE("Regions at the end of all addresses do not overflow") {
  const std::uint64_t end = UINT64_MAX;
  AddressPlan plan{.regionStart = end - 100, .regionEnd = end, .randomPercent = 0, .sizes = {{}}};
  for (const auto step : {std::optional<std::int64_t>(), std::optional<std::int64_t>(INT64_MAX),
                          std::optional<std::int64_t>(INT64_MIN)}) {
    plan.step = step;
    for (const std::uint64_t lba : walk(plan, 100)) {
      REQUIRE(lba >= plan.regionStart);
      REQUIRE(lba <= end - 8);
    }
  }
  plan.sizes = {{.blocks = 8, .align = 0xffffffff}};
  CHECK(problemOf(plan) != "");
}
