#include <doctest/doctest.h>

#include <map>
#include <vector>

#include "driver/prp.h"

using namespace doorbell::driver;

namespace {

constexpr std::size_t kPage = 4096;
constexpr std::uint64_t kListBus = 0x700000000;

/// Follows a data pointer as a controller does; returns (address, length) of every piece.
std::vector<std::pair<std::uint64_t, std::size_t>> walk(const Prp& prp, std::size_t length,
                                                        const std::vector<std::uint64_t>& list) {
  std::vector<std::pair<std::uint64_t, std::size_t>> pieces;
  const std::size_t first = std::min(length, kPage - prp.prp1 % kPage);
  pieces.emplace_back(prp.prp1, first);
  length -= first;
  if (length == 0) return pieces;
  if (length <= kPage) {
    pieces.emplace_back(prp.prp2, length);
    return pieces;
  }
  std::size_t slot = (prp.prp2 - kListBus) / 8;
  while (length > 0) {
    const bool last = slot % 512 == 511;
    if (last && length > kPage) {
      slot = (list.at(slot) - kListBus) / 8;
      continue;
    }
    const std::size_t count = std::min(length, kPage);
    pieces.emplace_back(list.at(slot), count);
    length -= count;
    ++slot;
  }
  return pieces;
}

}  // namespace

TEST_CASE("A PRP describes exactly the bytes asked for, whatever offset and length") {
  const std::size_t offsets[] = {0, 4, 512, 4092};
  const std::size_t lengths[] = {1,
                                 512,
                                 4096,
                                 4097,
                                 8192,
                                 8193,
                                 12288,
                                 512 * 4096,
                                 513 * 4096,
                                 513 * 4096 + 1,
                                 514 * 4096,
                                 4U << 20U,
                                 1024U * 4096U + 4096U,
                                 8U << 20U};
  for (const std::size_t offset : offsets) {
    for (const std::size_t length : lengths) {
      CAPTURE(offset);
      CAPTURE(length);
      const std::size_t pages = prpListPages(offset, length, kPage);
      // One guard word behind the room asked for.
      std::vector<std::uint64_t> list(pages * 512 + 1, 0xdead);
      const std::uint64_t bus = 0x100000000 + offset;
      const Prp prp = buildPrp(bus, length, kPage, list.data(), kListBus);
      std::uint64_t next = bus;
      std::size_t total = 0;
      for (const auto& [address, count] : walk(prp, length, list)) {
        CHECK(address == next);
        next = address + count;
        total += count;
      }
      CHECK(total == length);
      CHECK(list.back() == 0xdead);
    }
  }
}

TEST_CASE("PRP2 is 0, a page, or a list") {
  std::vector<std::uint64_t> list(1024);
  CHECK(buildPrp(0x10000, 4096, kPage, nullptr, 0).prp2 == 0);
  CHECK(buildPrp(0x10004, 4092, kPage, nullptr, 0).prp2 == 0);
  CHECK(buildPrp(0x10004, 4093, kPage, nullptr, 0).prp2 == 0x11000);
  CHECK(buildPrp(0x10000, 8192, kPage, nullptr, 0).prp2 == 0x11000);
  CHECK(buildPrp(0x10000, 8193, kPage, list.data(), kListBus).prp2 == kListBus);
  CHECK(list[0] == 0x11000);
  CHECK(list[1] == 0x12000);
}

TEST_CASE("A list takes a second page only when one cannot hold all entries") {
  CHECK(prpListPages(0, 8192, kPage) == 0);
  CHECK(prpListPages(4, 8192, kPage) == 1);
  CHECK(prpListPages(0, 513 * kPage, kPage) == 1);  // 512 entries fill one page
  CHECK(prpListPages(0, 514 * kPage, kPage) == 2);
  CHECK(prpListPages(0, (1 + 511 + 512) * kPage, kPage) == 2);
  CHECK(prpListPages(0, (1 + 511 + 513) * kPage, kPage) == 3);
}
