// Queues that are not physically contiguous: pages that a PRP list names.
#include <doctest/doctest.h>

#include <cstring>

#include "test/support/test_host.h"

using namespace doorbell;
using spec::AdminOpcode;
using test::TestHost;
using test::TestMemory;
using test::TestQueue;
namespace status = spec::status;

namespace {

constexpr std::uint32_t kEntries = 128;  ///< two pages of 4 KiB
constexpr std::size_t kPage = 4096;

/// A host with pages for a submission queue, and a list that names the last one first.
struct Scattered {
  TestHost host;
  TestQueue cq{*host.function, 1, kEntries};
  TestMemory pages{*host.function, 3 * kPage};
  TestMemory list{*host.function, kPage};

  Scattered() {
    REQUIRE(host.createCq(cq, 1).status() == 0);
    list.put<std::uint64_t>(0, pages.bus() + 2 * kPage);
    list.put<std::uint64_t>(8, pages.bus());
  }
  spec::Cqe create() {
    auto sqe = TestHost::sqe(AdminOpcode::CreateIoSq);
    sqe.prp1 = list.bus();
    sqe.cdw10 = ((kEntries - 1) << 16U) | 1U;
    sqe.cdw11 = 1U << 16U;
    return host.adminCommand(sqe);
  }
  void post(std::uint32_t index, std::uint16_t cid) const {
    auto sqe = host.block(spec::NvmOpcode::Flush, 0, 1);
    sqe.cid = cid;
    const std::size_t page = index < kEntries / 2 ? 2 * kPage : 0;
    pages.put(page + index % (kEntries / 2) * sizeof(sqe), sqe);
  }
};

}  // namespace

TEST_CASE("a submission queue lies in the pages of its list, in its order") {
  Scattered scattered;
  REQUIRE(scattered.create().status() == 0);
  // The list was read: what it holds now is the host's business.
  scattered.list.fill(0xff);
  std::uint32_t tail = 0;
  for (std::uint16_t cid = 0; cid < 300; ++cid) {
    scattered.post(tail, cid);
    tail = (tail + 1) % kEntries;
    scattered.cq.ring(2, tail);
    const auto cqe = scattered.cq.await();
    CHECK(cqe.status() == 0);
    CHECK(cqe.cid == cid);
    CHECK(cqe.sqHead == tail);
  }
}

TEST_CASE("a list that cannot be is refused") {
  Scattered scattered;
  scattered.list.put<std::uint64_t>(8, scattered.pages.bus() + 64);
  CHECK(TestHost::plain(scattered.create()) == status::kPrpOffsetInvalid);
  scattered.list.put<std::uint64_t>(8, scattered.pages.bus());
  auto sqe = TestHost::sqe(AdminOpcode::CreateIoSq);
  sqe.cdw10 = ((kEntries - 1) << 16U) | 1U;
  sqe.cdw11 = 1U << 16U;
  sqe.prp1 = scattered.list.bus() + 8;
  CHECK(TestHost::plain(scattered.host.adminCommand(sqe)) == status::kPrpOffsetInvalid);
  sqe.prp1 = std::uint64_t{1} << 60U;
  CHECK(TestHost::plain(scattered.host.adminCommand(sqe)) == status::kDataTransferError);
  CHECK(scattered.create().status() == 0);
}

TEST_CASE("a page that is not there is a fatal status once it is needed") {
  Scattered scattered;
  scattered.list.put<std::uint64_t>(8, std::uint64_t{1} << 60U);
  REQUIRE(scattered.create().status() == 0);
  for (std::uint32_t index = 0; index < kEntries / 2; ++index) {
    scattered.post(index, static_cast<std::uint16_t>(index));
    scattered.cq.ring(2, index + 1);
    CHECK(scattered.cq.await().status() == 0);
  }
  scattered.cq.ring(2, kEntries / 2 + 1);
  CHECK(test::eventually([&] { return scattered.host.csts().cfs(); }));
}

TEST_CASE("CAP.CQR is what the address says") {
  const TestHost required(test::freshAddress("size=64M&cqr=1"));
  CHECK(spec::reg::Cap{required.function->read64(spec::reg::kCap)}.cqr());
  const TestHost free(test::freshAddress("size=64M&cqr=0"));
  CHECK_FALSE(spec::reg::Cap{free.function->read64(spec::reg::kCap)}.cqr());
  CHECK_THROWS(platform::openEmulated("emulated?cqr=2"));
}
