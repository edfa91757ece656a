#include <doctest/doctest.h>

#include "test/support/durability_ledger.h"

using doorbell::test::DurabilityLedger;

namespace {
using Found = std::vector<std::uint64_t>;
}

TEST_CASE("a durable write must be there") {
  DurabilityLedger ledger(2, 1, 0);
  const auto token = ledger.write(0, 2);
  SUBCASE("by Force Unit Access") { ledger.completed(token, true); }
  SUBCASE("by Flush") {
    ledger.completed(token, false);
    ledger.flushed(ledger.flush());
  }
  SUBCASE("by shutdown") {
    ledger.completed(token, false);
    ledger.settled();
  }
  SUBCASE("it is") {
    ledger.completed(token, true);
    CHECK(ledger.check(Found{token, token}).empty());
    CHECK(ledger.seen().durable == 2);
    return;
  }
  CHECK(ledger.check(Found{token, 0}).find("durable write") != std::string::npos);
}

TEST_CASE("a Flush submitted before the write completed does not make it durable") {
  DurabilityLedger ledger(1, 1, 0);
  const auto token = ledger.write(0, 1);
  const auto mark = ledger.flush();
  ledger.completed(token, false);
  ledger.flushed(mark);
  CHECK(ledger.check(Found{0}).empty());
  CHECK(ledger.seen().lost == 1);
}

TEST_CASE("another write may be there or not, but nothing else") {
  DurabilityLedger ledger(1, 1, 0);
  const auto first = ledger.write(0, 1);
  ledger.completed(first, true);
  const auto second = ledger.write(0, 1);
  SUBCASE("there") {
    CHECK(ledger.check(Found{second}).empty());
    CHECK(ledger.seen().kept == 1);
  }
  SUBCASE("not there") {
    CHECK(ledger.check(Found{first}).empty());
    CHECK(ledger.seen().lost == 1);
  }
  SUBCASE("older than the durable one") { CHECK_FALSE(ledger.check(Found{0}).empty()); }
  SUBCASE("of another block") { CHECK_FALSE(ledger.check(Found{99}).empty()); }
}

TEST_CASE("what was found after a loss stays") {
  DurabilityLedger ledger(1, 1, 0);
  const auto token = ledger.write(0, 1);
  CHECK(ledger.check(Found{token}).empty());
  CHECK_FALSE(ledger.check(Found{0}).empty());
}

TEST_CASE("an atomic write is there as a whole, a larger one block by block") {
  DurabilityLedger ledger(16, 4, 8);
  std::uint32_t slba = 0;
  std::uint32_t count = 4;
  bool torn = false;
  SUBCASE("atomic") {}
  SUBCASE("too large") {
    count = 5;
    torn = true;
  }
  SUBCASE("across the boundary") {
    slba = 6;
    torn = true;
  }
  const auto token = ledger.write(slba, count);
  Found found(16, 0);
  found[slba + 1] = token;
  CHECK(ledger.check(found).empty() == torn);
  CHECK(ledger.seen().torn == 1);
}

TEST_CASE("blocks that a later write took tell nothing about an atomic write") {
  DurabilityLedger ledger(4, 4, 0);
  ledger.write(0, 4);
  const auto second = ledger.write(0, 2);
  CHECK(ledger.check(Found{second, second, 0, 0}).empty());
}
