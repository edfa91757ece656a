#include "platform/host_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "platform/error.h"

namespace doorbell::platform {

namespace {

[[noreturn]] void fail(std::size_t size, const char* step) {
  const int reason = errno;
  throw Error("NO_MEMORY", "cannot allocate " + std::to_string(size) +
                               " bytes of DMA memory: " + step + ": " + std::strerror(reason));
}

std::size_t roundedToPages(std::size_t size) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  if (size == 0) return page;
  if (size > SIZE_MAX - page) {
    errno = EOVERFLOW;
    fail(size, "size");
  }
  return (size + page - 1) / page * page;
}

}  // namespace

std::shared_ptr<HostMemory> HostMemory::allocate(std::size_t size) {
  const std::size_t bytes = roundedToPages(size);
  const int fd = ::memfd_create("doorbell-dma", MFD_CLOEXEC);
  if (fd < 0) fail(size, "memfd_create");
  if (::ftruncate(fd, static_cast<off_t>(bytes)) != 0) {
    const int reason = errno;
    ::close(fd);
    errno = reason;
    fail(size, "ftruncate");
  }
  void* data = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (data == MAP_FAILED) {
    const int reason = errno;
    ::close(fd);
    errno = reason;
    fail(size, "mmap");
  }
  return std::shared_ptr<HostMemory>(new HostMemory(static_cast<std::byte*>(data), bytes, fd));
}

std::shared_ptr<HostMemory> HostMemory::of(std::span<std::byte> bytes,
                                           std::shared_ptr<void> owner) {
  std::shared_ptr<HostMemory> made(new HostMemory(bytes.data(), bytes.size(), -1));
  made->owner_ = std::move(owner);
  return made;
}

HostMemory::~HostMemory() {
  if (owner_) return;
  ::munmap(data_, size_);
  ::close(fd_);
}

}  // namespace doorbell::platform
