#include <doctest/doctest.h>

#include <poll.h>
#include <unistd.h>

#include "test/support/test_host.h"

using namespace doorbell;
using test::TestHost;

namespace {

/// The eventfd becomes readable within `ms`; takes its count.
bool fires(int fd, int ms) {
  pollfd entry{fd, POLLIN, 0};
  if (::poll(&entry, 1, ms) != 1) return false;
  std::uint64_t count = 0;
  return ::read(fd, &count, sizeof(count)) == sizeof(count);
}

constexpr int kSoon = 5000;
constexpr int kNever = 20;

}  // namespace

TEST_CASE("a completion signals the vector of its queue, and only that") {
  TestHost host;
  host.function->enableInterrupts(3);
  host.openIo();
  while (fires(host.function->interruptFd(0), 0)) {
  }
  host.io->submit(host.block(spec::NvmOpcode::Read, 0, 1));
  CHECK(fires(host.function->interruptFd(1), kSoon));
  CHECK_FALSE(fires(host.function->interruptFd(0), kNever));
  CHECK_FALSE(fires(host.function->interruptFd(2), 0));
  CHECK(host.io->await().status() == 0);
}

TEST_CASE("a masked vector keeps its interrupt until it is unmasked") {
  TestHost host;
  host.function->enableInterrupts(2);
  host.openIo();
  host.function->maskInterrupt(1, true);
  host.ioCommand(host.block(spec::NvmOpcode::Read, 0, 1));
  CHECK_FALSE(fires(host.function->interruptFd(1), kNever));
  CHECK(host.function->read32(0x3000) == 2);  // the Pending Bit Array
  host.function->maskInterrupt(1, false);
  CHECK(fires(host.function->interruptFd(1), kSoon));
  CHECK(host.function->read32(0x3000) == 0);
  CHECK_FALSE(fires(host.function->interruptFd(1), kNever));
}

TEST_CASE("the table entry in BAR0 masks the same vector") {
  TestHost host;
  host.function->enableInterrupts(2);
  host.openIo();
  host.function->write32(0x2000 + 16 + 12, 1);
  host.ioCommand(host.block(spec::NvmOpcode::Read, 0, 1));
  CHECK_FALSE(fires(host.function->interruptFd(1), kNever));
  host.function->write32(0x2000 + 16 + 12, 0);
  CHECK(fires(host.function->interruptFd(1), kSoon));
}

TEST_CASE("a queue without interrupts enabled does not signal") {
  TestHost host;
  host.function->enableInterrupts(2);
  test::TestQueue queue(*host.function, 1, 8);
  REQUIRE(host.createCq(queue, 1, 1, 1).status() == 0);
  REQUIRE(host.createSq(queue, 1, 1).status() == 0);
  host.execute(queue, host.block(spec::NvmOpcode::Read, 0, 1));
  CHECK_FALSE(fires(host.function->interruptFd(1), kNever));
}

TEST_CASE("the function mask holds every vector back") {
  namespace pci = spec::pci;
  TestHost host;
  host.function->enableInterrupts(2);
  host.openIo();
  while (fires(host.function->interruptFd(1), 0)) {
  }
  std::uint32_t msix = host.function->configRead(pci::kCapabilities, 1);
  while (host.function->configRead(msix, 1) != pci::kCapMsix) {
    msix = host.function->configRead(msix + 1, 1);
  }
  const auto control = msix + pci::kMsixControl;
  const auto enabled = host.function->configRead(control, 2);
  host.function->configWrite(control, 2, enabled | pci::kMsixFunctionMask);
  host.ioCommand(host.block(spec::NvmOpcode::Read, 0, 1));
  CHECK_FALSE(fires(host.function->interruptFd(1), kNever));
  host.function->configWrite(control, 2, enabled);
  CHECK(fires(host.function->interruptFd(1), kSoon));
}

TEST_CASE("MSI, enabled instead of MSI-X, signals and obeys INTMS and INTMC") {
  namespace pci = spec::pci;
  TestHost host;
  host.function->enableInterrupts(1);
  std::uint32_t at = host.function->configRead(pci::kCapabilities, 1);
  for (; at != 0; at = host.function->configRead(at + 1, 1)) {
    const auto id = host.function->configRead(at, 1);
    if (id == pci::kCapMsix) host.function->configWrite(at + pci::kMsixControl, 2, 0);
    if (id == pci::kCapMsi) host.function->configWrite(at + 2, 2, 1);
  }
  host.function->write32(spec::reg::kIntms, 1);
  CHECK(host.function->read32(spec::reg::kIntmc) == 1);
  host.identify(spec::Cns::Controller);
  CHECK_FALSE(fires(host.function->interruptFd(0), kNever));
  host.function->write32(spec::reg::kIntmc, 1);
  CHECK(fires(host.function->interruptFd(0), kSoon));
}

TEST_CASE("vectors beyond the table or not enabled are refused") {
  TestHost host;
  CHECK_THROWS_AS(host.function->enableInterrupts(host.function->interruptVectors() + 1), Error);
  host.function->enableInterrupts(1);
  CHECK_THROWS_AS(host.function->interruptFd(1), Error);
  CHECK_THROWS_AS(host.function->interruptFd(1000), Error);
}

TEST_CASE(
    "Interrupt Status shows the pin as long as completions wait, unless messages are enabled") {
  namespace pci = spec::pci;
  TestHost host;
  const auto status = [&] {
    return (host.function->configRead(pci::kStatus, 2) & pci::kStatusInterrupt) != 0;
  };
  CHECK_FALSE(status());
  auto identify = TestHost::sqe(spec::AdminOpcode::Identify);
  identify.prp1 = host.data.bus();
  identify.cdw10 = 1;
  host.admin->submit(identify);
  CHECK(test::eventually(status));
  CHECK((host.function->configRead(pci::kCommand, 4) >> 16U & pci::kStatusInterrupt) != 0);
  host.function->write32(spec::reg::kIntms, 1);
  CHECK_FALSE(status());
  host.function->write32(spec::reg::kIntmc, 1);
  CHECK(status());
  // Interrupt Disable keeps the pin low; what the bit says stays.
  const auto command = host.function->configRead(pci::kCommand, 2);
  host.function->configWrite(pci::kCommand, 2, command | pci::kCommandInterruptDisable);
  CHECK(status());
  host.function->configWrite(pci::kCommand, 2, command);
  host.function->enableInterrupts(1);
  CHECK_FALSE(status());
  host.function->enableInterrupts(0);
  CHECK(status());
  CHECK(host.admin->await().status() == 0);
  CHECK_FALSE(status());
}
