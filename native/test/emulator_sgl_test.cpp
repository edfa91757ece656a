#include <doctest/doctest.h>

#include <vector>

#include "spec/sgl.h"
#include "test/support/test_host.h"

using namespace doorbell;
using spec::SglDescriptor;
using spec::SglType;
using test::TestHost;
namespace status = spec::status;

namespace {

constexpr std::uint32_t kPage = 4096;
constexpr std::uint32_t kLists = 1U << 20U;  ///< where in TestHost::data the segments are
constexpr std::uint32_t kSegment = 1024;     ///< from one segment to the next

/// A host that sends block commands with SGLs; block n of the medium holds n in every byte.
struct SglHost : TestHost {
  SglHost() {
    openIo();
    for (int i = 0; i < 16; ++i) REQUIRE(write(static_cast<std::uint64_t>(i), 1, i).status() == 0);
    data.fill(0xee);
  }

  [[nodiscard]] SglDescriptor block(std::uint32_t offset, std::uint32_t bytes) const {
    return SglDescriptor::of(SglType::DataBlock, data.bus() + offset, bytes);
  }
  static SglDescriptor bucket(std::uint32_t bytes) {
    return SglDescriptor::of(SglType::BitBucket, 0, bytes);
  }
  /// Lays out segment `index`; the descriptor that points to it.
  [[nodiscard]] SglDescriptor segment(SglType type, std::uint32_t index,
                                      const std::vector<SglDescriptor>& descriptors) const {
    const std::uint32_t at = kLists + index * kSegment;
    for (std::size_t i = 0; i < descriptors.size(); ++i) {
      data.put(at + i * sizeof(SglDescriptor), descriptors[i]);
    }
    return SglDescriptor::of(type, data.bus() + at,
                             static_cast<std::uint32_t>(descriptors.size() * 16));
  }
  [[nodiscard]] SglDescriptor last(const std::vector<SglDescriptor>& descriptors,
                                   std::uint32_t index = 0) const {
    return segment(SglType::LastSegment, index, descriptors);
  }

  spec::Cqe send(spec::NvmOpcode opcode, const SglDescriptor& sgl, std::uint32_t blocks = 2,
                 std::uint8_t flags = 0x40) {
    auto command = TestHost::block(opcode, 0, blocks);
    command.flags = flags;
    spec::putSgl(command, sgl);
    return ioCommand(command);
  }
  spec::Status read(const SglDescriptor& sgl, std::uint32_t blocks = 2) {
    return plain(send(spec::NvmOpcode::Read, sgl, blocks));
  }
  [[nodiscard]] int byteAt(std::uint32_t offset) const { return data.as<std::uint8_t>(offset); }
};

}  // namespace

TEST_CASE("one data block descriptor in the command moves data to any byte address") {
  SglHost host;
  CHECK(host.read(host.block(kPage - 511, 1024)).ok());
  CHECK(host.byteAt(kPage - 512) == 0xee);
  CHECK(host.byteAt(kPage - 511) == 0);
  CHECK(host.byteAt(kPage + 1) == 1);
  CHECK(host.byteAt(kPage + 512) == 1);
  CHECK(host.byteAt(kPage + 513) == 0xee);
}

TEST_CASE("segments are followed in order; pieces may be of any length, none too") {
  SglHost host;
  const auto tail = host.last({host.block(9001, 500), host.block(0, 0), host.block(20000, 24)}, 1);
  const auto head =
      host.segment(SglType::Segment, 0, {host.block(5000, 1), host.block(7000, 499), tail});
  CHECK(host.read(head).ok());
  CHECK(host.byteAt(5000) == 0);
  CHECK(host.byteAt(5001) == 0xee);
  CHECK(host.byteAt(7498) == 0);
  CHECK(host.byteAt(9001 + 11) == 0);
  CHECK(host.byteAt(9001 + 12) == 1);
  CHECK(host.byteAt(20023) == 1);
  CHECK(host.byteAt(20024) == 0xee);
}

TEST_CASE("a write gathers what its SGL describes; PSDT 10b without metadata is the same") {
  SglHost host;
  for (const auto flags : {std::uint8_t{0x40}, std::uint8_t{0x80}}) {
    host.data.fill(flags);
    const auto sgl = host.last({host.block(3, 700), host.block(kPage + 1, 324)});
    CHECK(host.send(spec::NvmOpcode::Write, sgl, 2, flags).status() == 0);
    CHECK(host.readFill(0) == flags);
    CHECK(host.readFill(1) == flags);
    CHECK(host.readFill(2) == 2);
  }
}

TEST_CASE("bit buckets swallow data on a read and are ignored on a write") {
  SglHost host;
  CHECK(host.read(host.last({host.bucket(512), host.block(0, 512)})).ok());
  CHECK(host.byteAt(0) == 1);
  CHECK(host.byteAt(512) == 0xee);
  CHECK(host.read(host.bucket(8192), 16).ok());
  CHECK(host.read(host.last({host.bucket(512), host.block(0, 511)})) ==
        status::kDataSglLengthInvalid);
  host.data.fill(0x77);
  const auto sgl = host.last({host.bucket(512), host.block(0, 1024)});
  CHECK(host.send(spec::NvmOpcode::Write, sgl).status() == 0);
  CHECK(host.readFill(1) == 0x77);
}

TEST_CASE("an SGL may be longer than the data, not shorter") {
  SglHost host;
  CHECK(host.read(host.block(0, 5000)).ok());
  CHECK(host.byteAt(1023) == 1);
  CHECK(host.byteAt(1024) == 0xee);
  host.data.fill(0xee);
  CHECK(host.read(host.block(0, 1023)) == status::kDataSglLengthInvalid);
  CHECK(host.read(host.last({host.block(0, 512), host.block(0, 511)})) ==
        status::kDataSglLengthInvalid);
  CHECK(host.byteAt(0) == 0xee);
}

TEST_CASE("segment descriptors must be where and what the specification wants") {
  SglHost host;
  const auto good = host.last({host.block(0, 1024)}, 5);
  auto bad = good;
  SUBCASE("address not qword aligned") {
    bad.address += 4;
    CHECK(host.read(bad) == status::kInvalidSglSegment);
  }
  SUBCASE("no length") {
    bad.length = 0;
    CHECK(host.read(bad) == status::kInvalidSglSegment);
  }
  SUBCASE("length not of whole descriptors") {
    bad.length = 24;
    CHECK(host.read(bad) == status::kInvalidSglSegment);
  }
  SUBCASE("a further segment in the last one") {
    CHECK(host.read(host.last({host.block(0, 512), good})) == status::kInvalidSglSegment);
  }
  SUBCASE("a segment descriptor before the end of its segment") {
    const auto sgl = host.segment(SglType::Segment, 0, {host.block(0, 512), good, good});
    CHECK(host.read(sgl) == status::kInvalidSglCount);
  }
  SUBCASE("a segment that is not the last and does not point on") {
    const auto sgl = host.segment(SglType::Segment, 0, {host.block(0, 512)});
    CHECK(host.read(sgl) == status::kDataSglLengthInvalid);
  }
  SUBCASE("a circle of segments") {
    auto self = host.segment(SglType::Segment, 0, {});
    self.length = 16;
    host.data.put(kLists, self);
    CHECK(host.read(self) == status::kInvalidSglCount);
  }
  SUBCASE("nothing is mapped there") {
    bad.address = 0x70'0000'0000;
    CHECK(host.read(bad) == status::kDataTransferError);
    CHECK(host.read(SglDescriptor::of(SglType::DataBlock, 0x70'0000'0000, 1024)) ==
          status::kDataTransferError);
  }
  CHECK(host.read(good).ok());
}

TEST_CASE("descriptor types this controller has no use for are refused") {
  SglHost host;
  for (unsigned identifier = 0; identifier < 256; ++identifier) {
    CAPTURE(identifier);
    auto descriptor = host.block(0, 1024);
    descriptor.identifier = static_cast<std::uint8_t>(identifier);
    if (identifier == 0x00 || identifier == 0x10) {
      CHECK(host.read(descriptor).ok());
    } else if (identifier != 0x20 && identifier != 0x30) {
      CHECK(host.read(descriptor) == status::kSglTypeInvalid);
      CHECK(host.read(host.last({descriptor})) ==
            (descriptor.pointsOn() ? status::kInvalidSglSegment : status::kSglTypeInvalid));
    }
  }
}

TEST_CASE("a refused SGL names the data pointer in the error log") {
  SglHost host;
  host.read(host.block(0, 1));
  host.logPage(spec::LogPageId::ErrorInformation, 64);
  CHECK(host.data.as<spec::ErrorLogEntry>().parameterErrorLocation == 24);
}

TEST_CASE("the reserved PSDT value is refused, and admin commands take PRPs only") {
  SglHost host;
  CHECK(TestHost::plain(host.send(spec::NvmOpcode::Read, host.block(0, 1024), 2, 0xc0)) ==
        status::kInvalidField);
  auto identify = TestHost::sqe(spec::AdminOpcode::Identify);
  identify.cdw10 = 1;
  identify.flags = 0x40;
  spec::putSgl(identify, host.block(0, 4096));
  CHECK(TestHost::plain(host.adminCommand(identify)) == status::kInvalidField);
}

TEST_CASE("Identify says which SGLs are understood") {
  SglHost host;
  host.identify(spec::Cns::Controller);
  CHECK(host.data.as<spec::IdentifyController>().sgls == 0x000f0001);
}
