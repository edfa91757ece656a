#include "emulator/mapped_region.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "platform/error.h"

namespace doorbell::emulator {

namespace {

constexpr std::uint64_t kPage = 4096;

std::byte* mapOrThrow(std::uint64_t bytes, int flags, int fd, std::uint64_t offset) {
  void* data =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, fd, static_cast<off_t>(offset));
  if (data == MAP_FAILED) {
    throw Error("NO_MEMORY", "cannot map " + std::to_string(bytes) +
                                 " bytes for the emulated SSD: " + std::strerror(errno) +
                                 "; choose a smaller size in its address");
  }
  return static_cast<std::byte*>(data);
}

}  // namespace

/// What is large begins where a huge page can.
MappedRegion MappedRegion::anonymous(std::uint64_t bytes) {
  constexpr std::uint64_t kHuge = std::uint64_t{2} << 20U;
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  if (bytes < kHuge) return {mapOrThrow(bytes, kFlags, -1, 0), bytes};
  std::byte* data = mapOrThrow(bytes + kHuge, kFlags, -1, 0);
  const std::uint64_t before = kHuge - reinterpret_cast<std::uintptr_t>(data) % kHuge;
  const std::uint64_t whole = (bytes + kPage - 1) / kPage * kPage;
  ::munmap(data, before);
  if (before < kHuge) ::munmap(data + before + whole, kHuge - before);
  return {data + before, bytes};
}

MappedRegion MappedRegion::ofFile(int fd, std::uint64_t offset, std::uint64_t bytes) {
  return {mapOrThrow(bytes, MAP_SHARED, fd, offset), bytes};
}

MappedRegion MappedRegion::shareable(std::uint64_t offset, std::uint64_t bytes,
                                     platform::FileDescriptor& fd) {
  fd = platform::FileDescriptor(::memfd_create("emulated-ssd", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  // Sealed: nobody who has it can take the pages away under the device's threads.
  if (::ftruncate(fd.get(), static_cast<off_t>(offset + bytes)) != 0 ||
      ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    throw Error("NO_MEMORY", std::string("cannot make shared memory: ") + std::strerror(errno));
  }
  return ofFile(fd.get(), offset, bytes);
}

MappedRegion::MappedRegion(MappedRegion&& other) noexcept { *this = std::move(other); }

MappedRegion& MappedRegion::operator=(MappedRegion&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedRegion::~MappedRegion() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

}  // namespace doorbell::emulator
