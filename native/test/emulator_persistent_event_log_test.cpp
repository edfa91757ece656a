#include <doctest/doctest.h>

#include <cstring>

#include "emulator/logs/persistent_event_log.h"

using namespace doorbell;
using emulator::PersistentEventLog;
using emulator::PersistentEventStore;
using spec::PersistentEventType;

namespace {

struct Page {
  spec::PersistentEventLogHeader header;
  std::vector<spec::PersistentEventHeader> events;
};

Page pageOf(const PersistentEventLog& log) {
  std::vector<std::byte> bytes(log.bytes());
  log.read(0, bytes);
  Page page;
  std::memcpy(static_cast<void*>(&page.header), bytes.data(), sizeof(page.header));
  for (std::size_t at = sizeof(page.header); at < bytes.size();) {
    spec::PersistentEventHeader event;
    std::memcpy(static_cast<void*>(&event), bytes.data() + at, sizeof(event));
    page.events.push_back(event);
    at += sizeof(event) + event.eventBytes;
  }
  return page;
}

}  // namespace

TEST_CASE("the log page lists its events, newest first, as they were when it was established") {
  auto store = std::make_unique<PersistentEventStore>();
  auto log = std::make_unique<PersistentEventLog>(*store);
  log->record(PersistentEventType::PowerOnOrReset, 5, spec::PowerOnOrResetEvent{});
  log->record(PersistentEventType::ThermalExcursion, 7, spec::ThermalExcursionEvent{3, 70});
  log->establish({});
  log->record(PersistentEventType::SetFeature, 9, spec::SetFeatureEvent{});
  const Page page = pageOf(*log);
  CHECK(page.header.events == 2);
  CHECK(page.header.bytes == 512 + 24 + 44 + 24 + 2);
  REQUIRE(page.events.size() == 2);
  CHECK(page.events[0].type == PersistentEventType::ThermalExcursion);
  CHECK(std::uint64_t{page.events[0].timestamp} == 7);
  CHECK(page.events[1].type == PersistentEventType::PowerOnOrReset);
  log->establish({});
  CHECK(pageOf(*log).header.events == 3);
  CHECK(pageOf(*log).header.generation == page.header.generation + 1);
}

TEST_CASE("a part of the log page is the same bytes, and zeros after its end") {
  auto store = std::make_unique<PersistentEventStore>();
  auto log = std::make_unique<PersistentEventLog>(*store);
  log->record(PersistentEventType::ThermalExcursion, 7, spec::ThermalExcursionEvent{3, 70});
  log->establish({});
  std::vector<std::byte> all(log->bytes());
  log->read(0, all);
  std::vector<std::byte> part(64, std::byte{0xee});
  log->read(500, part);
  CHECK(std::memcmp(part.data(), all.data() + 500, all.size() - 500) == 0);
  CHECK(part[all.size() - 500] == std::byte{0});
  CHECK(part.back() == std::byte{0});
}

TEST_CASE("the oldest events make room, and the rest outlives the object") {
  auto store = std::make_unique<PersistentEventStore>();
  auto log = std::make_unique<PersistentEventLog>(*store);
  const std::array<std::byte, 4096> big{};
  for (std::uint64_t i = 0; i < 100; ++i) log->record(PersistentEventType::SmartSnapshot, i, big);
  log = std::make_unique<PersistentEventLog>(*store);
  log->establish({});
  const Page page = pageOf(*log);
  CHECK(page.header.events == PersistentEventStore::kBytes / (4096 + 24));
  CHECK(std::uint64_t{page.events.front().timestamp} == 99);
  CHECK(std::uint64_t{page.events.back().timestamp} == 100 - page.header.events);
}
