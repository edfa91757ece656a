// The Controller Memory Buffer of the emulated SSD: its properties, BAR0, and bus addresses.
#include <doctest/doctest.h>

#include <cstring>

#include "test/support/test_host.h"

using namespace doorbell;
using spec::AdminOpcode;
using test::TestHost;
using test::TestQueue;
namespace reg = spec::reg;
namespace status = spec::status;

namespace {

constexpr std::uint64_t kBase = std::uint64_t{1} << 50U;  ///< where nothing is mapped
constexpr std::uint64_t kOn = reg::kCmbRegistersEnabled | reg::kCmbSpaceEnabled;
constexpr std::uint32_t kBytes = 64U << 10U;

/// A host of an SSD with 64 KiB of it.
struct Host : TestHost {
  explicit Host(const std::string& options = "size=64M&cmb=64K")
      : TestHost(test::freshAddress(options)) {
    enableMemory();
  }
  void enableMemory() const { function->write64(reg::kCmbmsc, kBase | kOn); }
  [[nodiscard]] std::uint64_t barOffset() const {
    const reg::Cmbloc place{function->read32(reg::kCmbloc)};
    return place.offset() * reg::Cmbsz{function->read32(reg::kCmbsz)}.unit();
  }
  [[nodiscard]] std::shared_ptr<platform::HostMemory> memory() const {
    return function->barMemory(0, barOffset(), kBytes);
  }
  /// Writes or reads one block by that address.
  spec::Cqe block(spec::NvmOpcode opcode, std::uint64_t prp1) {
    auto sqe = TestHost::block(opcode, 0, 1);
    sqe.prp1 = prp1;
    return ioCommand(sqe);
  }
};

}  // namespace

TEST_CASE("without an option there is no such memory") {
  const TestHost host;
  CHECK_FALSE(reg::Cap{host.function->read64(reg::kCap)}.cmbs());
  host.function->write64(reg::kCmbmsc, kBase | kOn);
  CHECK(host.function->read64(reg::kCmbmsc) == 0);
  CHECK(host.function->read32(reg::kCmbsz) == 0);
  CHECK(host.function->barMemory(0, 0x4000, 4096) == nullptr);
}

TEST_CASE("CMBLOC and CMBSZ show once CMBMSC.CRE is set") {
  const TestHost host(test::freshAddress("size=64M&cmb=64K"), false);
  CHECK(reg::Cap{host.function->read64(reg::kCap)}.cmbs());
  host.enableBusMaster();
  CHECK(host.function->read32(reg::kCmbloc) == 0);
  CHECK(host.function->read32(reg::kCmbsz) == 0);
  host.function->write32(reg::kCmbmsc, reg::kCmbRegistersEnabled);
  const reg::Cmbsz size{host.function->read32(reg::kCmbsz)};
  CHECK(size.bytes() == kBytes);
  CHECK((size.raw & reg::Cmbsz::kEverything) == reg::Cmbsz::kEverything);
  const reg::Cmbloc place{host.function->read32(reg::kCmbloc)};
  CHECK(place.bir() == 0);
  CHECK(place.offset() * size.unit() + kBytes <= host.function->barSize());
  host.function->write32(reg::kCmbloc, 0xffffffff);
  host.function->write32(reg::kCmbsz, 0xffffffff);
  CHECK(host.function->read32(reg::kCmbsz) == size.raw);
  CHECK(host.function->read32(reg::kCmbloc) == place.raw);
}

TEST_CASE("CMBMSC outlives Controller Reset and Function Level Reset, no other reset") {
  Host host;
  host.function->write32(reg::kCc, 0);
  CHECK(host.function->read64(reg::kCmbmsc) == (kBase | kOn));
  host.function->reset(platform::ResetKind::FunctionLevel);
  host.enableBusMaster();
  CHECK(host.function->read64(reg::kCmbmsc) == (kBase | kOn));
  host.function->reset(platform::ResetKind::Hot);
  host.enableBusMaster();
  CHECK(host.function->read64(reg::kCmbmsc) == 0);
  host.enableMemory();
  std::memset(host.memory()->data(), 0x5a, kBytes);
  const auto kept = host.memory();
  host.function->power()->off();
  host.function->power()->on();
  host.enableBusMaster();
  CHECK(host.function->read64(reg::kCmbmsc) == 0);
  CHECK(kept->data()[kBytes - 1] == std::byte{0});
}

TEST_CASE("a base address that the buffer does not fit behind is invalid") {
  const Host host;
  CHECK(host.function->read32(reg::kCmbsts) == 0);
  host.function->write64(reg::kCmbmsc, ~std::uint64_t{0xfff} | kOn);
  CHECK(host.function->read32(reg::kCmbsts) == reg::kCmbAddressInvalid);
  host.function->write64(reg::kCmbmsc, (~std::uint64_t{0} - kBytes + 1) | kOn);
  CHECK(host.function->read32(reg::kCmbsts) == 0);
  host.function->write64(reg::kCmbmsc, 0);
  CHECK(host.function->read32(reg::kCmbsts) == 0);
}

TEST_CASE("BAR0 and the mapping are the same bytes") {
  const Host host;
  const auto memory = host.memory();
  REQUIRE(memory != nullptr);
  CHECK(host.function->barMemory(0, host.barOffset() - 4096, 4096) == nullptr);
  CHECK(host.function->barMemory(0, host.barOffset(), kBytes + 1) == nullptr);
  CHECK(host.function->barMemory(2, host.barOffset(), 4096) == nullptr);
  host.function->write64(host.barOffset() + 8, 0x1122334455667788);
  CHECK(memory->data()[8] == std::byte{0x88});
  memory->data()[kBytes - 4] = std::byte{7};
  CHECK(host.function->read32(host.barOffset() + kBytes - 4) == 7);
}

TEST_CASE("data and PRP lists may lie in the buffer while CMBMSC.CMSE is set") {
  Host host;
  host.openIo();
  const auto memory = host.memory();
  std::memset(memory->data(), 0x42, 512);
  REQUIRE(host.block(spec::NvmOpcode::Write, kBase).status() == 0);
  CHECK(host.readFill(0) == 0x42);
  REQUIRE(host.block(spec::NvmOpcode::Read, kBase + kBytes - 512).status() == 0);
  CHECK(memory->data()[kBytes - 1] == std::byte{0x42});
  // A list in the buffer, of pages in host memory.
  for (std::uint64_t page = 1; page < 3; ++page) {
    const std::uint64_t address = host.data.bus() + page * 4096;
    std::memcpy(memory->data() + 4096 + page * 8, &address, sizeof(address));
  }
  auto sqe = host.TestHost::block(spec::NvmOpcode::Write, 0, 24);
  sqe.prp2 = kBase + 4096 + 8;
  CHECK(host.ioCommand(sqe).status() == 0);
  // Beyond its end, and after it was disabled, there is nothing.
  CHECK(TestHost::plain(host.block(spec::NvmOpcode::Write, kBase + kBytes)) ==
        status::kDataTransferError);
  host.function->write64(reg::kCmbmsc, kBase | reg::kCmbRegistersEnabled);
  CHECK(TestHost::plain(host.block(spec::NvmOpcode::Write, kBase)) == status::kDataTransferError);
}

TEST_CASE("the buffer hides host memory at the same addresses") {
  Host host;
  host.openIo();
  host.data.fill(1);
  host.function->write64(reg::kCmbmsc, host.data.bus() | kOn);
  host.memory()->data()[0] = std::byte{9};
  REQUIRE(host.block(spec::NvmOpcode::Write, host.data.bus()).status() == 0);
  host.function->write64(reg::kCmbmsc, 0);
  REQUIRE(host.block(spec::NvmOpcode::Read, host.data.bus()).status() == 0);
  CHECK(host.data.as<std::uint8_t>(0) == 9);
  CHECK(host.data.as<std::uint8_t>(1) == 0);
}

TEST_CASE("queues may lie in the buffer") {
  Host host;
  const auto memory = host.memory();
  const TestQueue shape(*host.function, 1, 8);
  auto sqe = TestHost::sqe(AdminOpcode::CreateIoCq);
  sqe.prp1 = kBase + 4096;
  sqe.cdw10 = (7U << 16U) | 1U;
  sqe.cdw11 = 1;
  REQUIRE(host.adminCommand(sqe).status() == 0);
  sqe.opcode = static_cast<std::uint8_t>(AdminOpcode::CreateIoSq);
  sqe.prp1 = kBase;
  sqe.cdw11 = (1U << 16U) | 1U;
  REQUIRE(host.adminCommand(sqe).status() == 0);
  const auto flush = host.TestHost::block(spec::NvmOpcode::Flush, 0, 1);
  std::memcpy(memory->data(), &flush, sizeof(flush));
  TestQueue(*host.function, 1, 8).ring(2, 1);
  CHECK(test::eventually([&] {
    auto* word = reinterpret_cast<std::uint64_t*>(memory->data() + 4096 + 8);
    return (std::atomic_ref(*word).load() >> 48U) == 1;  // success, phase tag 1
  }));
}

TEST_CASE("an address says how large the buffer is, within limits") {
  for (const char* bad : {"cmb=0", "cmb=1", "cmb=6000", "cmb=32M", "cmb=x"}) {
    CAPTURE(bad);
    CHECK_THROWS(platform::openEmulated(std::string("emulated?") + bad));
  }
  const TestHost largest(test::freshAddress("size=64M&cmb=16M&dstrd=8"));
  CHECK(largest.function->barSize() == 32U << 20U);
}
