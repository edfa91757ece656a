#include <doctest/doctest.h>

#include "test/support/test_host.h"

using namespace doorbell;
using spec::NvmOpcode;
using test::TestHost;
namespace status = spec::status;

TEST_CASE("what was written is read back, and everything else reads as zeros") {
  TestHost host;
  host.openIo();
  CHECK(host.write(7, 1, 0xa5).status() == 0);
  CHECK(host.readFill(7) == 0xa5);
  CHECK(host.readFill(6) == 0);
  CHECK(host.readFill(8) == 0);
}

TEST_CASE("blocks of 4096 bytes work the same") {
  TestHost host(test::freshAddress("size=64M&lbaSize=4096"));
  host.openIo();
  CHECK(host.write(16383, 1, 0x5a).status() == 0);
  CHECK(host.readFill(16383, 4096) == 0x5a);
  CHECK(host.readFill(16382, 4096) == 0);
  CHECK(TestHost::plain(host.write(16384, 1, 1)) == status::kLbaOutOfRange);
}

TEST_CASE("a transfer that begins and ends within granules keeps its neighbours") {
  TestHost host;
  host.openIo();
  REQUIRE(host.write(0, 8, 1).status() == 0);
  REQUIRE(host.write(8, 8, 2).status() == 0);
  REQUIRE(host.write(5, 8, 3).status() == 0);
  CHECK(host.readFill(4) == 1);
  CHECK(host.readFill(5) == 3);
  CHECK(host.readFill(12) == 3);
  CHECK(host.readFill(13) == 2);
}

TEST_CASE("the namespace ends at its last block") {
  TestHost host;
  host.openIo();
  constexpr std::uint64_t kBlocks = 131072;
  for (const auto opcode : {NvmOpcode::Read, NvmOpcode::Write, NvmOpcode::Compare,
                            NvmOpcode::WriteZeroes, NvmOpcode::WriteUncorrectable}) {
    CAPTURE(static_cast<int>(opcode));
    for (const std::uint64_t slba : {kBlocks - 1, kBlocks, ~std::uint64_t{0}}) {
      const auto cqe = host.ioCommand(host.block(opcode, slba, 2));
      CHECK(TestHost::plain(cqe) == status::kLbaOutOfRange);
      CHECK((cqe.status() & spec::Status::kDnr) != 0);
    }
  }
  CHECK(host.ioCommand(host.block(NvmOpcode::Read, kBlocks - 1, 1)).status() == 0);
}

TEST_CASE("an unknown namespace or opcode is refused") {
  TestHost host;
  host.openIo();
  for (const auto opcode :
       {NvmOpcode::Read, NvmOpcode::Write, NvmOpcode::Compare, NvmOpcode::WriteZeroes,
        NvmOpcode::WriteUncorrectable, NvmOpcode::DatasetManagement, NvmOpcode::Flush}) {
    auto sqe = host.block(opcode, 0, 1);
    sqe.nsid = 2;  // valid, but there is none
    CHECK(TestHost::plain(host.ioCommand(sqe)) == status::kInvalidField);
    sqe.nsid = 33;
    CHECK(TestHost::plain(host.ioCommand(sqe)) == status::kInvalidNamespace);
  }
  auto unknown = host.block(static_cast<NvmOpcode>(0x7f), 0, 1);
  const auto cqe = host.ioCommand(unknown);
  CHECK(TestHost::plain(cqe) == status::kInvalidOpcode);
  CHECK((cqe.status() & spec::Status::kDnr) != 0);
  CHECK(TestHost::plain(host.adminCommand(TestHost::sqe(static_cast<spec::AdminOpcode>(0x7f)))) ==
        status::kInvalidOpcode);
}

TEST_CASE("Compare names the first block that differs") {
  TestHost host;
  host.openIo();
  host.write(0, 16, 0x11);
  host.data.fill(0x11);
  host.data.data()[512 * 10 + 3] = std::byte{0x12};
  auto command = host.block(NvmOpcode::Compare, 0, 16);
  CHECK(TestHost::plain(host.ioCommand(command)) == status::kCompareFailure);
  host.logPage(spec::LogPageId::ErrorInformation, 64);
  CHECK(host.data.as<spec::ErrorLogEntry>().lba == 10);
}

TEST_CASE("Compare agrees with what is there and fails on a difference") {
  TestHost host;
  host.openIo();
  REQUIRE(host.write(3, 4, 0x33).status() == 0);
  host.data.fill(0x33);
  CHECK(host.ioCommand(host.block(NvmOpcode::Compare, 3, 4)).status() == 0);
  host.data.put<std::uint8_t>(3 * 512 + 511, 0x34);
  CHECK(TestHost::plain(host.ioCommand(host.block(NvmOpcode::Compare, 3, 4))) ==
        status::kCompareFailure);
  host.data.fill(0);
  CHECK(host.ioCommand(host.block(NvmOpcode::Compare, 100, 4)).status() == 0);
}

TEST_CASE("Flush takes the namespace or all of them") {
  TestHost host;
  host.openIo();
  auto sqe = host.block(NvmOpcode::Flush, 0, 1);
  CHECK(host.ioCommand(sqe).status() == 0);
  sqe.nsid = spec::kBroadcastNsid;
  CHECK(host.ioCommand(sqe).status() == 0);
  sqe.nsid = 0;
  CHECK(TestHost::plain(host.ioCommand(sqe)) == status::kInvalidNamespace);
}

TEST_CASE("a batch of commands completes wholly, each CID once") {
  TestHost host;
  host.openIo(64);
  for (std::uint16_t cid = 0; cid < 63; ++cid) {
    auto sqe = host.block(NvmOpcode::Read, cid, 1);
    sqe.cid = cid;
    host.io->post(sqe);
  }
  host.io->ringTail();
  std::uint64_t seen = 0;
  for (int i = 0; i < 63; ++i) {
    const auto cqe = host.io->await();
    CHECK(cqe.status() == 0);
    CHECK((seen >> cqe.cid & 1) == 0);
    seen |= std::uint64_t{1} << cqe.cid;
  }
  CHECK(seen == (std::uint64_t{1} << 63U) - 1);
}
