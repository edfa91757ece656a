#include "driver/prp.h"

namespace doorbell::driver {
namespace {

std::size_t pagesOf(std::size_t offset, std::size_t length, std::size_t pageBytes) noexcept {
  return (offset % pageBytes + length + pageBytes - 1) / pageBytes;
}

}  // namespace

std::size_t prpListPages(std::size_t offset, std::size_t length, std::size_t pageBytes) noexcept {
  const std::size_t pages = pagesOf(offset, length, pageBytes);
  if (pages <= 2) return 0;
  const std::size_t entries = pages - 1;
  const std::size_t room = pageBytes / sizeof(std::uint64_t);
  if (entries <= room) return 1;
  return 1 + (entries - room + room - 2) / (room - 1);
}

Prp buildPrp(std::uint64_t bus, std::size_t length, std::size_t pageBytes, std::uint64_t* list,
             std::uint64_t listBus) noexcept {
  const std::uint64_t firstPage = bus - bus % pageBytes;
  const std::size_t pages = pagesOf(bus % pageBytes, length, pageBytes);
  if (pages == 1) return {bus, 0};
  if (pages == 2) return {bus, firstPage + pageBytes};
  const std::size_t room = pageBytes / sizeof(std::uint64_t);
  std::size_t slot = 0;
  for (std::size_t page = 1; page < pages; ++page, ++slot) {
    if (slot % room == room - 1 && page + 1 < pages) {
      // The last entry of a full page points to the next page of the list.
      list[slot] = listBus + (slot + 1) * sizeof(std::uint64_t);
      ++slot;
    }
    list[slot] = firstPage + page * pageBytes;
  }
  // A command that says more than this transfer finds no pages of an earlier one behind its end.
  if (slot % room != 0) list[slot] = 0;
  return {bus, listBus};
}

}  // namespace doorbell::driver
