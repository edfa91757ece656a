#include <doctest/doctest.h>

#include "emulator/nvm_subsystem.h"
#include "test/support/test_host.h"

using namespace doorbell;
using emulator::NamespaceSpec;
using emulator::NvmSubsystem;
using emulator::SsdOptions;
using test::TestHost;
namespace status = spec::status;

namespace {

constexpr std::uint64_t kMiB = 1U << 20U;

SsdOptions options(std::uint32_t namespaces = 1) {
  SsdOptions made;
  made.name = "namespaces";
  made.bytes = 64 * kMiB;
  made.namespaces = namespaces;
  return made;
}

NamespaceSpec spec512(std::uint64_t blocks) {
  NamespaceSpec spec;
  spec.blocks = spec.capacity = blocks;
  return spec;
}

}  // namespace

TEST_CASE("namespaces share the capacity and keep their blocks apart") {
  TestHost host(test::freshAddress("size=64M&namespaces=2&lbaSize=512,4096"));
  host.openIo();
  CHECK(host.identify(spec::Cns::ActiveNamespaceList, 0).status() == 0);
  CHECK(host.data.as<std::uint32_t>(0) == 1);
  CHECK(host.data.as<std::uint32_t>(4) == 2);
  host.identify(spec::Cns::Namespace, 1);
  const auto first = host.data.as<spec::IdentifyNamespace>();
  CHECK(first.nsze == 65536);
  host.identify(spec::Cns::Namespace, 2);
  const auto second = host.data.as<spec::IdentifyNamespace>();
  CHECK(second.nsze == 8192);
  CHECK(second.nguid != first.nguid);
  CHECK(host.write(0, 8, 1).status() == 0);
  auto other = host.block(spec::NvmOpcode::Write, 0, 1);
  other.nsid = 2;
  host.data.fill(2);
  CHECK(host.ioCommand(other).status() == 0);
  CHECK(host.readFill(0) == 1);
  other.opcode = static_cast<std::uint8_t>(spec::NvmOpcode::Read);
  CHECK(host.ioCommand(other).status() == 0);
  CHECK(host.data.as<std::uint8_t>(4095) == 2);
}

TEST_CASE("capacity is accounted, and namespaces come and go") {
  NvmSubsystem ssd(options());
  CHECK(ssd.capacity() == 64 * kMiB);
  CHECK(ssd.unallocated() == 0);
  CHECK(ssd.createNamespace(spec512(8)).status == status::kNamespaceInsufficientCapacity);
  ssd.deleteNamespace(1);
  CHECK(ssd.unallocated() == 64 * kMiB);
  CHECK(ssd.namespaces().allocated(1) == nullptr);
  const auto one = ssd.createNamespace(spec512(1));
  CHECK(one.status.ok());
  CHECK(one.nsid == 1);
  CHECK(ssd.unallocated() == 64 * kMiB - 4096);
  CHECK(ssd.namespaces().active(1) == nullptr);
  ssd.attachNamespace(1, true);
  CHECK(ssd.namespaces().active(1)->blocks() == 1);
  for (std::uint32_t nsid = 2; nsid <= 32; ++nsid)
    CHECK(ssd.createNamespace(spec512(8)).nsid == nsid);
  CHECK(ssd.createNamespace(spec512(8)).status == status::kNamespaceIdUnavailable);
  CHECK(ssd.createNamespace(spec512(0)).status == status::kNamespaceInsufficientCapacity);
  CHECK(ssd.createNamespace(spec512(UINT64_MAX)).status == status::kNamespaceInsufficientCapacity);
}

TEST_CASE("another namespace of the same NSID is another namespace, and empty") {
  NvmSubsystem ssd(options());
  const auto before = ssd.namespaces().allocated(1)->record().nguid;
  auto& media = ssd.namespaces().allocated(1)->media();
  media.write(0, true)[0] = std::byte{7};
  media.setMarks(1, 1);
  ssd.deleteNamespace(1);
  REQUIRE(ssd.createNamespace(spec512(16)).nsid == 1);
  CHECK(ssd.namespaces().allocated(1)->record().nguid != before);
  CHECK(ssd.namespaces().allocated(1)->media().read(0)[0] == std::byte{0});
  CHECK_FALSE(ssd.namespaces().allocated(1)->media().anyMarked());
}

TEST_CASE("formatting erases, and keeps the bytes") {
  NvmSubsystem ssd(options());
  auto& ns = *ssd.namespaces().allocated(1);
  ns.media().write(3, true)[0] = std::byte{7};
  ssd.formatNamespace(1, {.index = 4, .extended = 1, .piType = 1});
  CHECK(ns.lbaBytes() == 4096);
  CHECK(ns.metadataBytes() == 64);
  CHECK(ns.blocks() == 16384);
  CHECK(ns.capacity() == 16384);
  CHECK(ns.media().read(3)[0] == std::byte{0});
  CHECK(ns.media().write(3, true) != nullptr);
  CHECK(ns.media().readMetadata(3)[0] == std::byte{0});
  ns.media().writeMetadata(3)[63] = std::byte{9};
  CHECK(ns.media().readMetadata(3)[63] == std::byte{9});
}

TEST_CASE("a power loss takes cached metadata back with its block") {
  NvmSubsystem ssd(options());
  ssd.formatNamespace(1, {.index = 2});
  auto& ns = *ssd.namespaces().allocated(1);
  CHECK(ns.media().write(0, true) != nullptr);
  ns.media().writeMetadata(0)[8] = std::byte{1};
  ns.cache().remember(0);
  ns.media().writeMetadata(0)[8] = std::byte{2};
  ssd.powerOff(false);
  CHECK(ns.media().readMetadata(0)[8] == std::byte{1});
}
