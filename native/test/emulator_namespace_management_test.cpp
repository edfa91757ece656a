#include <doctest/doctest.h>

#include "spec/namespace_management.h"
#include "test/support/test_host.h"

using namespace doorbell;
using spec::AdminOpcode;
using spec::Cns;
using test::TestHost;
namespace status = spec::status;

namespace {

constexpr std::uint64_t kMiB = 1U << 20U;

spec::Cqe create(TestHost& host, const spec::NamespaceRequest& request, std::uint32_t csi = 0) {
  host.data.fill(0);
  host.data.put(0, request);
  auto sqe = TestHost::sqe(AdminOpcode::NamespaceManagement);
  sqe.prp1 = host.data.bus();
  sqe.cdw11 = csi << 24U;
  return host.adminCommand(sqe);
}

spec::NamespaceRequest request(std::uint64_t blocks, std::uint8_t flbas = 0) {
  spec::NamespaceRequest wish;
  wish.nsze = wish.ncap = blocks;
  wish.flbas = flbas;
  return wish;
}

spec::Status remove(TestHost& host, std::uint32_t nsid) {
  auto sqe = TestHost::sqe(AdminOpcode::NamespaceManagement);
  sqe.nsid = nsid;
  sqe.cdw10 = 1;
  return TestHost::plain(host.adminCommand(sqe));
}

spec::Status attach(TestHost& host, std::uint32_t nsid, bool attached = true,
                    std::vector<std::uint16_t> controllers = {1}) {
  spec::ControllerList list;
  list.count = static_cast<std::uint16_t>(controllers.size());
  std::copy(controllers.begin(), controllers.end(), list.ids.begin());
  host.data.put(0, list);
  auto sqe = TestHost::sqe(AdminOpcode::NamespaceAttachment);
  sqe.nsid = nsid;
  sqe.prp1 = host.data.bus();
  sqe.cdw10 = attached ? 0 : 1;
  return TestHost::plain(host.adminCommand(sqe));
}

std::vector<std::uint32_t> list(TestHost& host, Cns cns, std::uint32_t above = 0) {
  REQUIRE(host.identify(cns, above).status() == 0);
  std::vector<std::uint32_t> found;
  for (std::size_t i = 0; host.data.as<std::uint32_t>(i * 4) != 0; ++i) {
    found.push_back(host.data.as<std::uint32_t>(i * 4));
  }
  return found;
}

/// An SSD whose only namespace was deleted.
void clear(TestHost& host) { REQUIRE(remove(host, spec::kBroadcastNsid).ok()); }

using Nsids = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("a namespace is created, attached, used, detached and deleted") {
  TestHost host;
  clear(host);
  const auto created = create(host, request(8 * kMiB / 4096, 1));
  CHECK(created.status() == 0);
  CHECK(created.dw0 == 1);
  CHECK(list(host, Cns::AllocatedNamespaceList) == Nsids{1});
  CHECK(list(host, Cns::ActiveNamespaceList).empty());
  CHECK(attach(host, 1).ok());
  CHECK(list(host, Cns::ActiveNamespaceList) == Nsids{1});
  host.openIo();
  CHECK(host.write(0, 1, 0x42).status() == 0);
  CHECK(host.readFill(0, 4096) == 0x42);
  CHECK(attach(host, 1, false).ok());
  CHECK(TestHost::plain(host.write(0, 1, 0x42)) == status::kInvalidField);
  CHECK(attach(host, 1).ok());
  CHECK(host.readFill(0, 4096) == 0x42);
  CHECK(remove(host, 1).ok());
  CHECK(list(host, Cns::AllocatedNamespaceList).empty());
}

TEST_CASE("capacity is taken and given back") {
  TestHost host;
  clear(host);
  const auto unallocated = [&] {
    host.identify(Cns::Controller);
    return host.data.as<spec::IdentifyController>().unvmcap.low;
  };
  CHECK(unallocated() == 64 * kMiB);
  CHECK(create(host, request(40 * kMiB / 512)).status() == 0);
  CHECK(unallocated() == 24 * kMiB);
  CHECK(TestHost::plain(create(host, request(32 * kMiB / 512))) ==
        status::kNamespaceInsufficientCapacity);
  host.logPage(spec::LogPageId::ErrorInformation, 64);
  CHECK(host.data.as<spec::ErrorLogEntry>().commandSpecific == 32 * kMiB);
  CHECK(remove(host, 1).ok());
  CHECK(unallocated() == 64 * kMiB);
}

TEST_CASE("there are as many NSIDs as NN says") {
  TestHost host;
  clear(host);
  for (std::uint32_t nsid = 1; nsid <= 32; ++nsid) CHECK(create(host, request(8)).dw0 == nsid);
  CHECK(TestHost::plain(create(host, request(8))) == status::kNamespaceIdUnavailable);
  CHECK(remove(host, 7).ok());
  CHECK(create(host, request(8)).dw0 == 7);
  CHECK(list(host, Cns::AllocatedNamespaceList, 30) == Nsids{31, 32});
}

TEST_CASE("what a namespace cannot be is refused") {
  TestHost host;
  clear(host);
  auto thin = request(100);
  thin.ncap = 50;
  CHECK(TestHost::plain(create(host, thin)) == status::kThinProvisioningNotSupported);
  auto inverted = request(100);
  inverted.ncap = 200;
  CHECK(TestHost::plain(create(host, inverted)) == status::kInvalidField);
  CHECK(TestHost::plain(create(host, request(0))) == status::kInvalidField);
  CHECK(TestHost::plain(create(host, request(8, 9))) == status::kInvalidFormat);
  auto protectedWithoutMetadata = request(8);
  protectedWithoutMetadata.dps = 1;
  CHECK(TestHost::plain(create(host, protectedWithoutMetadata)) == status::kInvalidFormat);
  CHECK(TestHost::plain(create(host, request(8), 5)) == status::kCommandSetNotSupported);
  auto grouped = request(8);
  grouped.anagrpid = 1;
  CHECK(TestHost::plain(create(host, grouped)) == status::kAnaGroupInvalid);
}

TEST_CASE("a namespace whose command set is not enabled cannot be attached") {
  TestHost host(test::freshAddress("size=64M&zns=1&zoneSize=1M"));
  CHECK(attach(host, 1, false).ok());
  CHECK(attach(host, 1) == status::kCommandSetNotEnabled);
  host.function->write32(spec::reg::kCc, 0);
  host.enable(TestHost::kCcEnabled | (6U << 4U));
  CHECK(host.setFeature(spec::FeatureId::IoCommandSetProfile, 1).status() == 0);
  CHECK(attach(host, 1) == status::kCommandSetNotEnabled);
  CHECK(host.setFeature(spec::FeatureId::IoCommandSetProfile, 0).status() == 0);
  CHECK(attach(host, 1).ok());
}

TEST_CASE("attachments that make no sense are refused, naming the entry") {
  TestHost host;
  CHECK(attach(host, 1) == status::kNamespaceAlreadyAttached);
  CHECK(attach(host, 1, true, {}) == status::kControllerListInvalid);
  CHECK(attach(host, 1, true, {9}) == status::kControllerListInvalid);
  CHECK(attach(host, 1, true, {1, 1}) == status::kControllerListInvalid);
  host.logPage(spec::LogPageId::ErrorInformation, 64);
  CHECK(host.data.as<spec::ErrorLogEntry>().commandSpecific == 4);
  CHECK(attach(host, 1, false).ok());
  CHECK(attach(host, 1, false) == status::kNamespaceNotAttached);
  CHECK(attach(host, 2) == status::kInvalidField);
  CHECK(attach(host, 0) == status::kInvalidNamespace);
  CHECK(remove(host, 2) == status::kInvalidField);
}

TEST_CASE("Identify tells who is attached, and what namespaces have in common") {
  TestHost host;
  const auto controllers = [&](Cns cns, std::uint32_t nsid, std::uint32_t from) {
    auto sqe = TestHost::sqe(AdminOpcode::Identify);
    sqe.nsid = nsid;
    sqe.prp1 = host.data.bus();
    sqe.cdw10 = static_cast<std::uint32_t>(cns) | (from << 16U);
    REQUIRE(host.adminCommand(sqe).status() == 0);
    return host.data.as<std::uint16_t>();
  };
  CHECK(controllers(Cns::Controllers, 0, 0) == 1);
  CHECK(controllers(Cns::Controllers, 0, 2) == 0);
  CHECK(controllers(Cns::AttachedControllers, 1, 0) == 1);
  CHECK(attach(host, 1, false).ok());
  CHECK(controllers(Cns::AttachedControllers, 1, 0) == 0);
  CHECK(host.identify(Cns::AllocatedNamespace, 1).status() == 0);
  CHECK(host.data.as<spec::IdentifyNamespace>().nsze == 64 * kMiB / 512);
  CHECK(host.identify(Cns::Namespace, 1).status() == 0);
  CHECK(host.data.as<spec::IdentifyNamespace>().nsze == 0);
  CHECK(host.identify(Cns::Namespace, spec::kBroadcastNsid).status() == 0);
  CHECK(host.data.as<spec::IdentifyNamespace>().nsze == 0);
  CHECK(host.data.as<spec::IdentifyNamespace>().lbaf[0].dataSizeShift == 9);
}

TEST_CASE("a change of the active namespaces is an event, and in the Changed Namespace List") {
  TestHost host;
  REQUIRE(host.setFeature(spec::FeatureId::AsynchronousEventConfiguration,
                          spec::EventConfiguration::kNamespaceAttribute)
              .status() == 0);
  CHECK(attach(host, 1, false).ok());
  CHECK(host.adminCommand(TestHost::sqe(AdminOpcode::AsynchronousEventRequest)).dw0 == 0x040002);
  CHECK(host.logPage(spec::LogPageId::ChangedNamespaceList, 4096).status() == 0);
  CHECK(host.data.as<std::uint32_t>() == 1);
  CHECK(host.logPage(spec::LogPageId::ChangedNamespaceList, 4096).status() == 0);
  CHECK(host.data.as<std::uint32_t>() == 0);
}

TEST_CASE("namespaces and attachments outlive power") {
  TestHost host;
  CHECK(attach(host, 1, false).ok());
  host.function->power()->off();
  host.function->power()->on();
  host.enable();
  CHECK(list(host, Cns::AllocatedNamespaceList) == Nsids{1});
  CHECK(list(host, Cns::ActiveNamespaceList).empty());
}
