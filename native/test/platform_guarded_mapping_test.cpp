#include <doctest/doctest.h>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "platform/file_descriptor.h"
#include "platform/guarded_mapping.h"
#include "platform/iova_allocator.h"
#include "support/rig.h"

using namespace doorbell;
using platform::FileDescriptor;
using platform::GuardedMapping;
using platform::IovaAllocator;

namespace {

FileDescriptor file(long bytes) {
  FileDescriptor fd(::memfd_create("test", MFD_CLOEXEC));
  REQUIRE(::ftruncate(fd.get(), bytes) == 0);
  return fd;
}

}  // namespace

TEST_CASE("touching a page that is gone gives the fill, and the mapping says so") {
  const FileDescriptor fd = file(8192);
  GuardedMapping mapping(fd.get(), 0, 8192, 0xff);
  auto* words = reinterpret_cast<volatile std::uint32_t*>(mapping.data());
  words[0] = 7;
  CHECK(words[0] == 7);
  CHECK_FALSE(mapping.broken());
  REQUIRE(::ftruncate(fd.get(), 0) == 0);
  words[1024] = 1;  // a write is lost, and ends nobody
  CHECK(mapping.broken());
  CHECK(words[0] == 0xffffffff);
  REQUIRE(::ftruncate(fd.get(), 8192) == 0);
  REQUIRE(mapping.mend(fd.get(), 0));
  CHECK_FALSE(mapping.broken());
  CHECK(words[0] == 0);
  words[0] = 9;
  CHECK(words[0] == 9);
}

TEST_CASE("many threads may touch it at once") {
  const FileDescriptor fd = file(65536);
  const GuardedMapping mapping(fd.get(), 0, 65536, 0xff);
  REQUIRE(::ftruncate(fd.get(), 0) == 0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 1000; ++k) {
        (void)*reinterpret_cast<volatile std::uint32_t*>(mapping.data() + 64 * k);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(mapping.broken());
}

TEST_CASE("a bus error elsewhere ends the process as ever") {
  const FileDescriptor fd = file(4096);
  const GuardedMapping guarded(fd.get(), 0, 4096, 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const FileDescriptor other(::memfd_create("other", MFD_CLOEXEC));
    auto* data = static_cast<volatile char*>(
        ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, other.get(), 0));
    data[0] = 1;
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  // By the signal, or by a sanitizer's handler of it.
  CHECK_FALSE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

TEST_CASE("bus addresses keep apart, and within what the IOMMU can") {
  IovaAllocator iova({{0x0, 0xfedfffff}, {0xfef00000, 0x1ffffffff}});
  std::uint64_t before = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t address = iova.take(4096);
    CHECK(address % 0x10000 == 0);
    CHECK(address > before);
    before = address;
  }
  const std::uint64_t big = iova.take(0xf0000000 - 0x10000000);
  CHECK(big + 0xe0000000 <= 0xfee00000);
  const std::uint64_t above = iova.take(0x80000000);
  CHECK(above >= 0xfef00000);
  CHECK(test::codeOf([&] { (void)iova.take(std::uint64_t{1} << 40U); }) == "DMA_MAP_FAILED");
  CHECK(test::codeOf([&] { (void)iova.take(UINT64_MAX); }) == "DMA_MAP_FAILED");
  iova.give(above);
  CHECK(iova.take(0x80000000) == above);
}
