// What lies behind a medium in memory: pages that move between granules and the write cache, and
// are merged once all around them is written.
#include <doctest/doctest.h>

#include <cstring>

#include "emulator/huge_pages.h"
#include "emulator/nvm_subsystem.h"
#include "test/support/test_host.h"

using namespace doorbell;
using emulator::HugePages;
using emulator::MappedRegion;
using spec::NvmOpcode;
using test::TestHost;

namespace {

constexpr std::uint64_t kPart = 512;  ///< granules

/// Deallocates 4 KiB places.
std::uint16_t deallocate(TestHost& host, std::uint64_t place, std::uint32_t count) {
  struct {
    std::uint32_t attributes = 0;
    std::uint32_t blocks;
    std::uint64_t slba;
  } const range{0, count * 8, place * 8};
  host.data.put(0, range);
  auto command = host.block(NvmOpcode::DatasetManagement, 0, 1);
  command.cdw10 = 0;
  command.cdw11 = 4;
  command.cdw12 = 0;
  return host.ioCommand(command).status();
}

/// What a place was filled with by its last write.
int fillOf(std::uint64_t place) { return static_cast<int>(place % 250) + 1; }

}  // namespace

TEST_CASE("memory is merged once it is full, once, and keeps its content") {
  HugePages pages(3 * kPart + 5);
  const MappedRegion memory = MappedRegion::anonymous((3 * kPart + 5) * 4096);
  for (std::uint64_t granule = kPart; granule < 3 * kPart + 5; ++granule) {
    std::memset(memory.data() + granule * 4096, fillOf(granule), 4096);
    if (granule != 2 * kPart) pages.written(granule);
  }
  CHECK(pages.mergeNext(memory.data()));
  CHECK_FALSE(pages.mergeNext(memory.data()));
  pages.written(2 * kPart);
  CHECK(pages.mergeNext(memory.data()));
  CHECK_FALSE(pages.mergeNext(memory.data()));
  std::size_t wrong = 0;
  for (std::uint64_t granule = kPart; granule < 3 * kPart + 5; ++granule) {
    wrong +=
        memory.data()[granule * 4096 + 4095] != static_cast<std::byte>(fillOf(granule)) ? 1 : 0;
  }
  CHECK(wrong == 0);
}

TEST_CASE("memory that is no longer full is not merged, and is again when it is full again") {
  HugePages pages(kPart);
  const MappedRegion memory = MappedRegion::anonymous(kPart * 4096);
  for (std::uint64_t granule = 0; granule < kPart; ++granule) pages.written(granule);
  pages.forgotten(7);
  CHECK_FALSE(pages.mergeNext(memory.data()));
  pages.written(7);
  CHECK(pages.mergeNext(memory.data()));
  pages.forgotten(7);
  pages.forgotten(8);
  pages.written(8);
  CHECK_FALSE(pages.mergeNext(memory.data()));
  pages.written(7);
  CHECK(pages.mergeNext(memory.data()));
}

TEST_CASE(
    "granules keep their content while their pages change places, are given back and merged") {
  TestHost host(test::freshAddress("size=16M"));
  host.openIo();
  constexpr std::uint64_t kPlaces = 3000;  // more than the cache remembers
  for (const std::uint64_t step : {1U, 7U}) {
    for (std::uint64_t i = 0; i < kPlaces; ++i) {
      const std::uint64_t place = i * step % kPlaces;
      REQUIRE(host.write(place * 8, 8, fillOf(place)).status() == 0);
    }
  }
  REQUIRE(deallocate(host, 100, 50) == 0);
  REQUIRE(deallocate(host, 1024, 512) == 0);
  // In part: the rest of the granule comes along to its new page.
  REQUIRE(host.write(2000 * 8 + 3, 1, 251).status() == 0);
  std::uint64_t wrong = 0;
  for (std::uint64_t place = 0; place < kPlaces; ++place) {
    const bool gone = (place >= 100 && place < 150) || (place >= 1024 && place < 1536);
    for (const std::uint64_t block : {0U, 3U, 7U}) {
      const int expected = gone ? 0 : place == 2000 && block == 3 ? 251 : fillOf(place);
      wrong += host.readFill(place * 8 + block) != expected ? 1 : 0;
    }
  }
  CHECK(wrong == 0);
}
