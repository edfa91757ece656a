#include "driver/queue_memory.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "platform/error.h"

namespace doorbell::driver {
namespace {

constexpr std::size_t kHostPage = 4096;

std::size_t roundUp(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

/// A mapping whose bus addresses can be aligned to larger pages than the host's.
platform::DmaMapping mapped(const std::shared_ptr<platform::DmaDomain>& domain, std::size_t bytes,
                            std::size_t pageBytes) {
  return {domain, platform::HostMemory::allocate(bytes + pageBytes - kHostPage)};
}

std::size_t slack(const platform::DmaMapping& mapping, std::size_t pageBytes) {
  return roundUp(mapping.busAddress(), pageBytes) - mapping.busAddress();
}

[[noreturn]] void noMemory(const char* what) {
  throw Error("NO_MEMORY", std::string("queue memory: ") + what + ": " + std::strerror(errno));
}

}  // namespace

std::size_t pageListEntries(std::size_t pages, std::size_t pageBytes) noexcept {
  const std::size_t room = pageBytes / sizeof(std::uint64_t);
  if (pages <= room) return pages;
  return pages + (pages - room + room - 2) / (room - 1);
}

void buildPageList(std::span<const std::uint64_t> pages, std::size_t pageBytes, std::uint64_t* list,
                   std::uint64_t listBus) noexcept {
  const std::size_t room = pageBytes / sizeof(std::uint64_t);
  std::size_t slot = 0;
  for (std::size_t page = 0; page < pages.size(); ++page, ++slot) {
    if (slot % room == room - 1 && page + 1 < pages.size()) {
      // The last entry of a full page points to the next page of the list.
      list[slot] = listBus + (slot + 1) * sizeof(std::uint64_t);
      ++slot;
    }
    list[slot] = pages[page];
  }
}

QueueMemory::QueueMemory(const std::shared_ptr<platform::DmaDomain>& domain,
                         ControllerMemory* inController, const QueueShape& shape) {
  const std::size_t pageBytes = shape.pageBytes;
  const std::size_t size = roundUp(shape.bytes, pageBytes);
  if (inController != nullptr) {
    piece_ = inController->allocate(size, pageBytes);
    data_ = piece_.memory->data();
    bus_ = piece_.bus;
    return;
  }
  if (shape.contiguous) {
    memory_ = mapped(domain, size, pageBytes);
    const std::size_t offset = slack(memory_, pageBytes);
    data_ = memory_.data() + offset;
    bus_ = memory_.busAddress() + offset;
    return;
  }
  const std::size_t pages = size / pageBytes;
  memory_ = mapped(domain, 2 * size, pageBytes);
  list_ =
      mapped(domain, roundUp(pageListEntries(pages, pageBytes) * sizeof(std::uint64_t), pageBytes),
             pageBytes);
  scatter(pages, pageBytes);
}

/// Page i of the queue is page 2 * (pages - 1 - i) of the memory.
void QueueMemory::scatter(std::size_t pages, std::size_t pageBytes) {
  viewBytes_ = pages * pageBytes;
  void* view = mmap(nullptr, viewBytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (view == MAP_FAILED) noMemory("mmap");
  view_ = static_cast<std::byte*>(view);
  const std::size_t start = slack(memory_, pageBytes);
  std::vector<std::uint64_t> bus;
  for (std::size_t page = 0; page < pages; ++page) {
    const std::size_t offset = start + 2 * (pages - 1 - page) * pageBytes;
    if (mmap(view_ + page * pageBytes, pageBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
             memory_.memory()->fd(), static_cast<off_t>(offset)) == MAP_FAILED) {
      munmap(view_, viewBytes_);
      noMemory("mmap");
    }
    bus.push_back(memory_.busAddress() + offset);
  }
  const std::size_t listStart = slack(list_, pageBytes);
  bus_ = list_.busAddress() + listStart;
  buildPageList(bus, pageBytes, reinterpret_cast<std::uint64_t*>(list_.data() + listStart), bus_);
  data_ = view_;
}

QueueMemory::~QueueMemory() {
  if (view_ != nullptr) munmap(view_, viewBytes_);
}

}  // namespace doorbell::driver
