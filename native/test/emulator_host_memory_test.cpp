#include <doctest/doctest.h>

#include "emulator/admin/host_memory.h"
#include "test/support/test_host.h"

using namespace doorbell;
using emulator::HostMemory;
using spec::FeatureId;
using test::TestHost;
namespace status = spec::status;

namespace {

constexpr std::uint32_t kPages = 8;

/// A host that lends memory: two pieces and the list that describes them.
struct LendingHost : TestHost {
  test::TestMemory first{*function, 2 * 4096};
  test::TestMemory second{*function, 6 * 4096};
  test::TestMemory list{*function, 4096};

  LendingHost() {
    describe(0, first.bus(), 2);
    describe(1, second.bus(), 6);
  }
  void describe(std::size_t index, std::uint64_t address, std::uint32_t pages) const {
    list.put(index * 16, address);
    list.put(index * 16 + 8, std::uint64_t{pages});
  }
  spec::Cqe set(std::uint32_t flags, std::uint32_t pages = kPages, std::uint32_t entries = 2) {
    auto command = sqe(spec::AdminOpcode::SetFeatures);
    command.cdw10 = static_cast<std::uint32_t>(FeatureId::HostMemoryBuffer);
    command.cdw11 = flags;
    command.cdw12 = pages;
    command.cdw13 = static_cast<std::uint32_t>(list.bus());
    command.cdw14 = static_cast<std::uint32_t>(list.bus() >> 32U);
    command.cdw15 = entries;
    return adminCommand(command);
  }
  void fail() { adminCommand({.opcode = 0xff}); }
  [[nodiscard]] HostMemory::Header header() const { return first.as<HostMemory::Header>(); }
};

}  // namespace

TEST_CASE("memory that the host lends is used until it is taken back") {
  LendingHost host;
  host.first.fill(0xee);
  CHECK(host.set(0).status() == 0);
  REQUIRE(host.set(1).status() == 0);
  CHECK(host.header().magic == HostMemory::Header::kMagic);
  host.fail();
  CHECK(host.header().entries == 1);
  CHECK(host.first.as<spec::ErrorLogEntry>(64).opcode == 0xff);
  CHECK(TestHost::plain(host.set(1)) == status::kCommandSequenceError);
  CHECK(host.header().entries == 2);
  CHECK(host.getFeature(FeatureId::HostMemoryBuffer).dw0 == 1);
  const auto attributes = host.data.as<emulator::HostMemoryAttributes>();
  CHECK(attributes.pages == kPages);
  CHECK(attributes.entries == 2);
  CHECK(host.set(0).status() == 0);
  host.fail();
  CHECK(host.header().entries == 2);
  CHECK(host.getFeature(FeatureId::HostMemoryBuffer).dw0 == 0);
}

TEST_CASE("the ring goes on into the second piece") {
  LendingHost host;
  REQUIRE(host.set(1).status() == 0);
  for (int i = 0; i < 128; ++i) host.fail();
  CHECK(host.second.as<spec::ErrorLogEntry>().opcode == 0xff);
}

TEST_CASE("memory that is returned goes on where it was, spoiled or new memory begins anew") {
  LendingHost host;
  REQUIRE(host.set(1).status() == 0);
  host.fail();
  host.function->write32(spec::reg::kCc, 0);
  host.enable();
  REQUIRE(host.set(3).status() == 0);
  CHECK(host.header().entries == 1);
  REQUIRE(host.set(0).status() == 0);
  host.first.fill(0);
  REQUIRE(host.set(3).status() == 0);
  CHECK(host.header().entries == 0);
}

TEST_CASE("memory that cannot be used is refused") {
  LendingHost host;
  CHECK(TestHost::plain(host.set(1, HostMemory::kMinimum - 1)) == status::kInvalidField);
  CHECK(TestHost::plain(host.set(1, kPages, 0)) == status::kInvalidField);
  host.describe(0, host.first.bus() + 512, 1);
  CHECK(TestHost::plain(host.set(1)) == status::kInvalidField);
  host.describe(0, 0x7fffffff0000, 1);
  CHECK(TestHost::plain(host.set(1)) == status::kDataTransferError);
  host.describe(0, host.first.bus(), 2);
  CHECK(host.set(1).status() == 0);
}

TEST_CASE("memory that the host takes away without a word is used no more") {
  LendingHost host;
  {
    test::TestMemory lent(*host.function, 4 * 4096);
    host.describe(0, lent.bus(), 4);
    REQUIRE(host.set(1, 4, 1).status() == 0);
  }
  host.fail();
  CHECK(host.getFeature(FeatureId::HostMemoryBuffer).dw0 == 0);
}
