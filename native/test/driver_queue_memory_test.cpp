// The memory of queues: contiguous, or pages that a PRP list names.
#include <doctest/doctest.h>

#include <cstring>
#include <set>

#include "driver/queue_memory.h"
#include "support/scripted_function.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;

TEST_CASE("A page list names every page, and chains its own") {
  constexpr std::size_t kPage = 64;  // 8 entries
  for (std::size_t count = 1; count <= 40; ++count) {
    CAPTURE(count);
    std::vector<std::uint64_t> pages;
    for (std::size_t i = 0; i < count; ++i) pages.push_back(0x1000 * (i + 1));
    std::vector<std::uint64_t> list(pageListEntries(count, kPage) + 1, 0);
    buildPageList(pages, kPage, list.data(), 0x100000);
    CHECK(list.back() == 0);
    // As a controller walks it: the last entry of a page is a pointer when more follow.
    std::vector<std::uint64_t> walked;
    std::size_t at = 0;
    while (walked.size() < count) {
      const bool chain = at % 8 == 7 && count - walked.size() > 1;
      if (chain) {
        REQUIRE(list[at] == 0x100000 + (at + 1) * 8);
      } else {
        walked.push_back(list[at]);
      }
      ++at;
    }
    CHECK(walked == pages);
    CHECK(at == pageListEntries(count, kPage));
  }
}

TEST_CASE("Queue memory is aligned to the controller's pages, and gone with its owner") {
  ScriptedDomain domain;
  const auto shared = std::shared_ptr<platform::DmaDomain>(&domain, [](auto*) {});
  for (const std::size_t page : {std::size_t{4096}, std::size_t{65536}}) {
    const QueueMemory memory(shared, nullptr, {.bytes = 10000, .pageBytes = page});
    CHECK(memory.bus() % page == 0);
    std::memset(memory.data(), 0x5a, 10000);
    CHECK(*domain.at(memory.bus() + 9999, 1) == std::byte{0x5a});
  }
  CHECK(domain.mappings() == 0);
}

TEST_CASE("Scattered queue memory is one piece for the host and apart for the device") {
  ScriptedDomain domain;
  const auto shared = std::shared_ptr<platform::DmaDomain>(&domain, [](auto*) {});
  constexpr std::size_t kPage = 16384;
  const QueueMemory memory(shared, nullptr,
                           {.bytes = 5 * kPage, .pageBytes = kPage, .contiguous = false});
  for (std::size_t i = 0; i < 5; ++i) memory.data()[i * kPage + 7] = static_cast<std::byte>(i + 1);
  std::set<std::uint64_t> pages;
  for (std::size_t i = 0; i < 5; ++i) {
    std::uint64_t bus = 0;
    std::memcpy(&bus, domain.at(memory.bus() + i * 8, 8), 8);
    CHECK(bus % kPage == 0);
    CHECK(*domain.at(bus + 7, 1) == static_cast<std::byte>(i + 1));
    CHECK_FALSE(pages.contains(bus - kPage));
    CHECK_FALSE(pages.contains(bus + kPage));
    pages.insert(bus);
  }
  CHECK(pages.size() == 5);
}
