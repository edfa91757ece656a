#include <doctest/doctest.h>

#include <string_view>

#include "test/support/test_host.h"

using namespace doorbell;
using spec::Cns;
using test::TestHost;
namespace status = spec::status;

TEST_CASE("Identify Controller reports what the controller does") {
  TestHost host;
  CHECK(host.identify(Cns::Controller).status() == 0);
  const auto id = host.data.as<spec::IdentifyController>();
  CHECK(id.ver == host.function->read32(spec::reg::kVs));
  CHECK(id.mdts == 9);
  CHECK(id.sqes == 0x66);
  CHECK(id.cqes == 0x44);
  CHECK(id.nn == 32);
  CHECK((id.vwc & 1) == 1);
  CHECK(id.cntrltype == 1);
  CHECK(id.npss < 32);
  CHECK(std::string_view(id.mn.data(), 21) == "Doorbell Emulated SSD");
  CHECK(id.mn[39] == ' ');
  CHECK(std::string_view(id.subnqn.data()).starts_with("nqn.2014-08.org.nvmexpress:uuid:"));
  CHECK(std::string_view(id.subnqn.data()).size() == 68);
}

TEST_CASE("two SSDs have different serial numbers, one always the same") {
  const auto address = test::freshAddress();
  const auto serial = [](TestHost& host) {
    host.identify(Cns::Controller);
    const auto id = host.data.as<spec::IdentifyController>();
    return std::string(id.sn.data(), id.sn.size());
  };
  std::string first;
  {
    TestHost host(address);
    first = serial(host);
  }
  TestHost again(address);
  TestHost other;
  CHECK(serial(again) == first);
  CHECK(serial(other) != first);
}

TEST_CASE("Identify Namespace reports size and format") {
  std::string options;
  std::uint64_t blocks = 0;
  unsigned shift = 0;
  SUBCASE("512-byte blocks") { options = "size=64M", blocks = 131072, shift = 9; }
  SUBCASE("4096-byte blocks") { options = "size=64M&lbaSize=4096", blocks = 16384, shift = 12; }
  TestHost host(test::freshAddress(options));
  CHECK(host.identify(Cns::Namespace, 1).status() == 0);
  const auto id = host.data.as<spec::IdentifyNamespace>();
  CHECK(id.nsze == blocks);
  CHECK(id.ncap == blocks);
  CHECK(id.lbaf[id.flbas & 0xf].dataSizeShift == shift);
  CHECK(id.lbaf[id.flbas & 0xf].metadataSize == 0);
}

TEST_CASE("without options the namespace has 1 GiB of 512-byte blocks") {
  TestHost host(test::freshAddress("seed=1"));
  host.identify(Cns::Namespace, 1);
  CHECK(host.data.as<spec::IdentifyNamespace>().nsze == 2097152);
}

TEST_CASE("the active namespace list goes on after the given NSID") {
  TestHost host;
  CHECK(host.identify(Cns::ActiveNamespaceList, 0).status() == 0);
  CHECK(host.data.as<std::uint32_t>(0) == 1);
  CHECK(host.data.as<std::uint32_t>(4) == 0);
  CHECK(host.identify(Cns::ActiveNamespaceList, 1).status() == 0);
  CHECK(host.data.as<std::uint32_t>(0) == 0);
  CHECK(TestHost::plain(host.identify(Cns::ActiveNamespaceList, 0xfffffffe)) ==
        status::kInvalidNamespace);
}

TEST_CASE("the namespace descriptors name an NGUID, a UUID and the command set") {
  TestHost host;
  CHECK(host.identify(Cns::NamespaceDescriptorList, 1).status() == 0);
  CHECK(host.data.as<std::uint8_t>(0) == 2);
  CHECK(host.data.as<std::uint8_t>(1) == 16);
  CHECK(host.data.as<std::uint8_t>(20) == 3);
  CHECK(host.data.as<std::uint8_t>(40) == 4);
  CHECK(host.data.as<std::uint8_t>(41) == 1);
  CHECK(host.data.as<std::uint32_t>(45) == 0);
}

TEST_CASE("the structures that depend on the command set exist for those there are") {
  TestHost host;
  CHECK(host.identify(Cns::CommandSetNamespace, 1).status() == 0);
  CHECK(host.identify(Cns::CommandSetController).status() == 0);
  CHECK(host.identify(Cns::CommandSetActiveNamespaceList).status() == 0);
  CHECK(host.data.as<std::uint32_t>(0) == 1);
  CHECK(host.identify(Cns::IndependentNamespace, 1).status() == 0);
  CHECK(host.data.as<spec::IndependentIdentifyNamespace>().nstat == 1);
  CHECK(host.identify(Cns::CommandSets).status() == 0);
  CHECK(host.data.as<std::uint64_t>(0) == 5);  // NVM and Zoned Namespace
  CHECK(host.data.as<std::uint64_t>(8) == 1);
  CHECK(TestHost::plain(host.identify(Cns::CommandSetController, 0, 1U << 24U)) ==
        status::kInvalidField);
}

TEST_CASE("an invalid namespace and an unknown CNS are refused, an inactive one is all zeros") {
  TestHost host;
  for (const auto cns : {Cns::Namespace, Cns::CommandSetNamespace, Cns::IndependentNamespace}) {
    for (const std::uint32_t nsid : {0U, 33U, 0xfffffffeU}) {
      CHECK(TestHost::plain(host.identify(cns, nsid)) == status::kInvalidNamespace);
    }
    host.data.fill(0xee);
    CHECK(host.identify(cns, 2).status() == 0);
    for (std::size_t at = 0; at < 4096; at += 8) REQUIRE(host.data.as<std::uint64_t>(at) == 0);
  }
  CHECK(TestHost::plain(host.identify(static_cast<Cns>(0x7f), 1)) == status::kInvalidField);
}
