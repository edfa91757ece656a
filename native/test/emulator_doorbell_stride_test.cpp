#include <doctest/doctest.h>

#include "test/support/test_host.h"

using namespace doorbell;
using test::TestHost;
namespace reg = spec::reg;

namespace {

/// Enables the controller and has it execute Identify, with doorbells rung by register writes.
spec::Cqe identifyByRegisters(TestHost& host, std::uint32_t stride) {
  host.enableBusMaster();
  host.writeAdminQueue();
  host.function->write32(reg::kCc, TestHost::kCcEnabled);
  auto command = TestHost::sqe(spec::AdminOpcode::Identify);
  command.prp1 = host.data.bus();
  command.cdw10 = 1;
  host.admin->post(command);
  host.function->write32(reg::sqTailDoorbell(0, stride), 1);
  std::optional<spec::Cqe> cqe;
  if (!test::eventually([&] { return (cqe = host.admin->reap(false)).has_value(); })) {
    throw std::runtime_error("no completion");
  }
  host.function->write32(reg::cqHeadDoorbell(0, stride), 1);
  return *cqe;
}

}  // namespace

TEST_CASE("doorbells lie where CAP.DSTRD says, and the MSI-X table behind them") {
  for (const std::uint32_t stride : {0U, 1U, 4U, 8U}) {
    CAPTURE(stride);
    TestHost host(test::freshAddress("size=64M&dstrd=" + std::to_string(stride)), false);
    const reg::Cap cap{host.function->read64(reg::kCap)};
    CHECK(cap.dstrd() == stride);
    CHECK(identifyByRegisters(host, stride).status() == 0);
    CHECK(host.function->barSize() > reg::cqHeadDoorbell(64, stride));
    std::uint32_t msix = host.function->configRead(spec::pci::kCapabilities, 1);
    while (host.function->configRead(msix, 1) != spec::pci::kCapMsix) {
      msix = host.function->configRead(msix + 1, 1);
    }
    const auto table = host.function->configRead(msix + spec::pci::kMsixTable, 4);
    CHECK(table > reg::cqHeadDoorbell(64, stride));
    host.function->write32(table + 12, 0);
    CHECK(host.function->read32(table + 12) == 0);
  }
}

TEST_CASE("between two doorbells there is nothing to ring") {
  TestHost host(test::freshAddress("size=64M&dstrd=2"), false);
  host.enableBusMaster();
  host.writeAdminQueue();
  host.function->write32(reg::kCc, TestHost::kCcEnabled);
  auto command = TestHost::sqe(spec::AdminOpcode::Identify);
  command.prp1 = host.data.bus();
  command.cdw10 = 1;
  host.admin->post(command);
  host.function->write32(reg::kDoorbells + 4, 1);
  CHECK_FALSE(host.admin->reap(false).has_value());
  host.function->write32(reg::sqTailDoorbell(0, 2), 1);
  CHECK(test::eventually([&] { return host.admin->reap(false).has_value(); }));
}
