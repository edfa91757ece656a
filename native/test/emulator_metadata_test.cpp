#include <doctest/doctest.h>

#include "spec/sgl.h"
#include "test/support/formatted_host.h"

using namespace doorbell;
using spec::NvmOpcode;
using test::FormattedHost;
namespace status = spec::status;

namespace {

constexpr std::array kFormats{"512+8",          "4096+8",          "4096+64",
                              "512+8:extended", "4096+8:extended", "4096+64:extended"};

}  // namespace

TEST_CASE("metadata comes back with its block, apart from the data and with it") {
  for (const char* format : kFormats) {
    CAPTURE(format);
    FormattedHost host(format);
    // A PRP entry pair reaches two pages: one block where blocks are large.
    const std::uint32_t count = host.lbaBytes == 512 ? 11 : 1;
    host.putBlocks(count, 0x30);
    REQUIRE(host.send(NvmOpcode::Write, 5, count).ok());
    host.data.fill(0xee);
    REQUIRE(host.send(NvmOpcode::Read, 5, count).ok());
    CHECK(host.holds(count, 0x30));
    CHECK(host.holdsMetadata(count, 0x30));
    CHECK(host.data.as<std::uint8_t>(host.blockAt(count) - 1) != 0xee);
    CHECK(host.data.as<std::uint8_t>(host.blockAt(count)) == 0xee);
    host.data.fill(0xee);
    REQUIRE(host.send(NvmOpcode::Read, 4, 1).ok());
    CHECK(host.data.as<std::uint8_t>(host.metadataAt(0)) == 0);
  }
}

TEST_CASE("a partial write leaves the metadata of its neighbours alone") {
  FormattedHost host("512+8");
  host.putBlocks(8, 1);
  REQUIRE(host.send(NvmOpcode::Write, 0, 8).ok());
  host.putBlocks(2, 0x50);
  REQUIRE(host.send(NvmOpcode::Write, 3, 2).ok());
  REQUIRE(host.send(NvmOpcode::Read, 0, 3).ok());
  CHECK(host.holdsMetadata(3, 1));
  REQUIRE(host.send(NvmOpcode::Read, 3, 2).ok());
  CHECK(host.holdsMetadata(2, 0x50));
  REQUIRE(host.send(NvmOpcode::Read, 5, 3).ok());
  CHECK(host.holdsMetadata(3, 6));
}

TEST_CASE("Compare looks at the metadata too") {
  for (const char* format : kFormats) {
    CAPTURE(format);
    FormattedHost host(format);
    host.putBlocks(1, 0x20);
    REQUIRE(host.send(NvmOpcode::Write, 9, 1).ok());
    CHECK(host.send(NvmOpcode::Compare, 9, 1).ok());
    host.metadata(0)[7] ^= std::byte{1};
    CHECK(host.send(NvmOpcode::Compare, 9, 1) == status::kCompareFailure);
    host.metadata(0)[7] ^= std::byte{1};
    host.block(0)[host.lbaBytes - 1] ^= std::byte{1};
    CHECK(host.send(NvmOpcode::Compare, 9, 1) == status::kCompareFailure);
  }
}

TEST_CASE("Write Zeroes and deallocation clear metadata") {
  FormattedHost host("512+8");
  host.putBlocks(16, 1);
  REQUIRE(host.send(NvmOpcode::Write, 0, 16).ok());
  REQUIRE(host.send(NvmOpcode::WriteZeroes, 3, 2).ok());
  auto trim = host.command(NvmOpcode::DatasetManagement, 0, 1);
  trim.cdw10 = 0;
  trim.cdw11 = 4;
  host.data.put(0, std::array<std::uint32_t, 4>{0, 9, 7, 0});
  REQUIRE(host.ioCommand(trim).status() == 0);
  REQUIRE(host.send(NvmOpcode::Read, 0, 16).ok());
  for (std::uint32_t i = 0; i < 16; ++i) {
    CAPTURE(i);
    const bool cleared = i == 3 || i == 4 || i >= 7;
    CHECK(host.metadata(i)[0] == (cleared ? std::byte{0} : static_cast<std::byte>(~(1 + i))));
    CHECK(host.block(i)[0] == (cleared ? std::byte{0} : static_cast<std::byte>(1 + i)));
  }
}

TEST_CASE("the metadata pointer is dword aligned with PRPs and mapped") {
  FormattedHost host("512+8");
  auto sqe = host.command(NvmOpcode::Read, 0, 1);
  sqe.mptr += 2;
  CHECK(FormattedHost::plain(host.ioCommand(sqe)) == status::kInvalidField);
  host.logPage(spec::LogPageId::ErrorInformation, 64);
  CHECK(host.data.as<spec::ErrorLogEntry>().parameterErrorLocation == 16);
  sqe.mptr = 0x70'0000'0000;
  CHECK(FormattedHost::plain(host.ioCommand(sqe)) == status::kDataTransferError);
}

TEST_CASE("with SGLs, metadata is a byte aligned buffer or described by an SGL") {
  FormattedHost host("512+8");
  host.putBlocks(2, 0x40);
  REQUIRE(host.send(NvmOpcode::Write, 0, 2).ok());
  auto sqe = host.command(NvmOpcode::Read, 0, 2);
  spec::putSgl(sqe, spec::SglDescriptor::of(spec::SglType::DataBlock, host.data.bus(), 1024));
  SUBCASE("byte aligned") {
    sqe.flags = 0x40;
    sqe.mptr += 3;
    REQUIRE(host.ioCommand(sqe).status() == 0);
    CHECK(host.data.as<std::uint8_t>(FormattedHost::kMetadata + 3) == 0xbf);
    CHECK(host.data.as<std::uint8_t>(FormattedHost::kMetadata + 11) == 0xbe);
  }
  SUBCASE("an SGL of one descriptor") {
    constexpr std::uint32_t kDescriptor = 3U << 20U;
    constexpr std::uint32_t kTarget = 2U << 20U;
    const auto place = [&](std::uint32_t length) {
      host.data.put(kDescriptor, spec::SglDescriptor::of(spec::SglType::DataBlock,
                                                         host.data.bus() + kTarget + 1, length));
    };
    sqe.flags = 0x80;
    sqe.mptr = host.data.bus() + kDescriptor;
    place(16);
    REQUIRE(host.ioCommand(sqe).status() == 0);
    CHECK(host.data.as<std::uint8_t>(kTarget + 1) == 0xbf);
    CHECK(host.data.as<std::uint8_t>(kTarget + 9) == 0xbe);
    place(15);
    CHECK(FormattedHost::plain(host.ioCommand(sqe)) == status::kMetadataSglLengthInvalid);
    sqe.mptr += 4;
    CHECK(FormattedHost::plain(host.ioCommand(sqe)) == status::kInvalidField);
  }
}

TEST_CASE("interleaved metadata counts towards the largest transfer") {
  FormattedHost apart("512+8");
  auto sqe = apart.command(NvmOpcode::Read, 0, 4096);
  sqe.flags = 0x40;
  spec::putSgl(sqe, spec::SglDescriptor::of(spec::SglType::DataBlock, apart.data.bus(), 4U << 20U));
  CHECK(apart.ioCommand(sqe).status() == 0);
  FormattedHost with("512+8:extended");
  auto large = with.command(NvmOpcode::Read, 0, 4096);
  large.flags = 0x40;
  spec::putSgl(large,
               spec::SglDescriptor::of(spec::SglType::DataBlock, with.data.bus(), 4U << 20U));
  CHECK(FormattedHost::plain(with.ioCommand(large)) == status::kInvalidField);
  large.cdw12 = 4032 - 1;
  CHECK(with.ioCommand(large).status() == 0);
}

TEST_CASE("power takes cached metadata together with its data") {
  FormattedHost host("512+8");
  host.putBlocks(1, 0x10);
  REQUIRE(host.send(NvmOpcode::Write, 0, 1, 1U << 30U).ok());
  host.putBlocks(1, 0x20);
  REQUIRE(host.send(NvmOpcode::Write, 0, 1).ok());
  host.function->power()->off();
  host.function->power()->on();
  host.enable();
  host.openIo();
  REQUIRE(host.send(NvmOpcode::Read, 0, 1).ok());
  CHECK(host.holds(1, 0x10));
  CHECK(host.holdsMetadata(1, 0x10));
}

TEST_CASE("Identify names where metadata may be and the format in use") {
  FormattedHost host("4096+64:extended:first:pi3");
  host.identify(spec::Cns::Namespace, 1);
  const auto id = host.data.as<spec::IdentifyNamespace>();
  CHECK(id.mc == 0x03);
  CHECK(id.dpc == 0x1f);
  CHECK(id.flbas == 0x14);
  CHECK(id.dps == 0x0b);
  CHECK(id.lbaf[4].metadataSize == 64);
}
