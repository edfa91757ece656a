// NVMe-MI Send and NVMe-MI Receive.
#include <doctest/doctest.h>

#include <numeric>

#include "spec/management_interface.h"
#include "test/support/test_host.h"

using namespace doorbell;
using spec::AdminOpcode;
using test::TestHost;
using Flags = spec::HealthFlags;
using Opcode = spec::ManagementOpcode;
namespace status = spec::status;

namespace {

spec::Sqe request(const TestHost& host, AdminOpcode admin, Opcode opcode, std::uint32_t nmd0 = 0,
                  std::uint32_t nmd1 = 0) {
  auto sqe = TestHost::sqe(admin);
  sqe.prp1 = host.data.bus();
  sqe.cdw10 = spec::ManagementHeader::kCommand;
  sqe.cdw11 = static_cast<std::uint32_t>(opcode);
  sqe.cdw12 = nmd0;
  sqe.cdw13 = nmd1;
  return sqe;
}

/// Completion dword 0, of a command whose NVMe status is success.
std::uint32_t answer(TestHost& host, const spec::Sqe& sqe) {
  const spec::Cqe cqe = host.adminCommand(sqe);
  REQUIRE(cqe.status() == 0);
  return cqe.dw0;
}

std::uint32_t receive(TestHost& host, Opcode opcode, std::uint32_t nmd0 = 0,
                      std::uint32_t nmd1 = 0) {
  host.data.fill(0xee);
  return answer(host, request(host, AdminOpcode::NvmeMiReceive, opcode, nmd0, nmd1));
}

std::uint32_t send(TestHost& host, Opcode opcode, std::uint32_t nmd0 = 0, std::uint32_t nmd1 = 0) {
  return answer(host, request(host, AdminOpcode::NvmeMiSend, opcode, nmd0, nmd1));
}

constexpr std::uint32_t kAllControllers = 0x81000000;  ///< ALL, INCF

spec::SubsystemHealth subsystemHealth(TestHost& host, bool clear = false) {
  REQUIRE(receive(host, Opcode::SubsystemHealthStatusPoll, 0, clear ? 1U << 31U : 0) == 0);
  return host.data.as<spec::SubsystemHealth>();
}

std::uint32_t invalidParameter(std::uint32_t byte, std::uint32_t bit = 0) {
  return 0x04U | (bit << 8U) | (byte << 16U);
}

}  // namespace

TEST_CASE("Identify says that there is NVMe-MI in-band, and no Management Endpoint") {
  TestHost host;
  REQUIRE(host.identify(spec::Cns::Controller).status() == 0);
  const auto id = host.data.as<spec::IdentifyController>();
  CHECK((id.oacs & 0x40U) != 0);
  CHECK(int{id.nvmsr} == 1);
  CHECK(int{id.mec} == 0);
}

TEST_CASE("data structures have the length that the response tells, and no more") {
  TestHost host;
  CHECK(receive(host, Opcode::ReadDataStructure) == 32U << 8U);
  const auto subsystem = host.data.as<spec::ManagementSubsystem>();
  CHECK(int{subsystem.ports} == 0);
  CHECK(int{subsystem.major} == 1);
  CHECK(int{subsystem.minor} == 2);
  CHECK(int{host.data.as<std::uint8_t>(32)} == 0xee);

  CHECK(receive(host, Opcode::ReadDataStructure, 0x01000000) == 32U << 8U);
  const auto port = host.data.as<spec::ManagementPort>();
  CHECK(int{port.type} == 1);
  const auto linkAt = [&](std::uint32_t at) { return host.function->configRead(0x70 + at, 4); };
  CHECK(int{port.maxPayload} == (linkAt(4) & 7U));
  CHECK(int{port.maxWidth} == ((linkAt(0x0c) >> 4U) & 0x3fU));
  CHECK(int{port.currentSpeed} == ((linkAt(0x10) >> 16U) & 0xfU));
  CHECK(int{port.supportedSpeeds} == ((linkAt(0x2c) >> 1U) & 0x7fU));

  CHECK(receive(host, Opcode::ReadDataStructure, 0x02000000) == 4U << 8U);
  CHECK(host.data.as<std::uint32_t>() == 0x00010001);
  CHECK(receive(host, Opcode::ReadDataStructure, 0x02000002) == 2U << 8U);
  CHECK(host.data.as<std::uint32_t>() == 0xeeee0000);

  CHECK(receive(host, Opcode::ReadDataStructure, 0x03000001) == 32U << 8U);
  CHECK(host.data.as<spec::ManagementController>().vendor == host.function->configRead(0, 2));

  CHECK(receive(host, Opcode::ReadDataStructure, 0x04000001) == 10U << 8U);
  CHECK(host.data.as<std::uint16_t>() == 4);
  CHECK(host.data.as<std::uint64_t>(2) == 0x0608040803080008);
}

TEST_CASE("data structures that do not exist are invalid parameters") {
  TestHost host;
  CHECK(receive(host, Opcode::ReadDataStructure, 0x01010000) == invalidParameter(10));
  CHECK(receive(host, Opcode::ReadDataStructure, 0x03000000) == invalidParameter(8));
  CHECK(receive(host, Opcode::ReadDataStructure, 0x04000002) == invalidParameter(8));
  CHECK(receive(host, Opcode::ReadDataStructure, 0x05000000) == invalidParameter(11));
  CHECK(receive(host, Opcode::ReadDataStructure, 0xff000000) == invalidParameter(11));
  CHECK(int{host.data.as<std::uint8_t>()} == 0xee);
}

TEST_CASE("the NVM subsystem's health is told, and what changed until it is cleared") {
  TestHost host;
  const auto first = subsystemHealth(host, true);
  CHECK(int{first.status} == 0x38);
  CHECK(int{first.warnings} == 0xff);
  CHECK(int{first.temperature} == 40);
  CHECK(first.composite == (Flags::kReady | Flags::kEnable | Flags::kStatus));
  CHECK(subsystemHealth(host).composite == 0);

  host.function->write32(spec::reg::kCc, 0);
  host.enable();
  constexpr unsigned kChanged = Flags::kReady | Flags::kEnable | Flags::kStatus;
  CHECK(subsystemHealth(host).composite == kChanged);
  // The bits of Health Status Change lie closer together: CECO is bit 4, CSCHNG bit 7.
  CHECK(send(host, Opcode::ConfigurationSet, 2, 1U << 4U) == 0);
  CHECK(subsystemHealth(host).composite == (Flags::kReady | Flags::kStatus));
  CHECK(send(host, Opcode::ConfigurationSet, 2, (1U << 7U) | 1U) == 0);
  CHECK(subsystemHealth(host).composite == 0);
}

TEST_CASE("a poll whose data cannot be transferred clears nothing") {
  TestHost host;
  auto sqe =
      request(host, AdminOpcode::NvmeMiReceive, Opcode::SubsystemHealthStatusPoll, 0, 1U << 31U);
  sqe.prp1 = 0xdead00000000;
  const spec::Cqe cqe = host.adminCommand(sqe);
  CHECK(TestHost::plain(cqe) == status::kDataTransferError);
  CHECK(cqe.dw0 == 0);
  CHECK(subsystemHealth(host).composite != 0);
}

TEST_CASE("the controller's health is told to who asks for it") {
  TestHost host;
  CHECK(receive(host, Opcode::ControllerHealthStatusPoll, kAllControllers) == 1U << 24U);
  auto health = host.data.as<spec::ControllerHealth>();
  CHECK(health.id == 1);
  CHECK(health.status == (1U | Flags::kEnable));
  CHECK(health.temperature == 313);
  CHECK(int{health.availableSpare} == 100);
  CHECK(int{host.data.as<std::uint8_t>(16)} == 0xee);

  constexpr std::uint32_t kFunctions = 1U << 24U;
  constexpr std::uint32_t kStatusChanges = 1U;
  constexpr std::uint32_t kClear = 1U << 31U;
  const auto poll = [&](std::uint32_t which, std::uint32_t what) {
    return receive(host, Opcode::ControllerHealthStatusPoll, which, what);
  };
  CHECK(poll(1U << 31U, 0) == 0);            // no kind of function
  CHECK(poll(kAllControllers | 2, 0) == 0);  // none from there on
  CHECK(poll(kFunctions, 0) == 0);           // no change selected
  CHECK(poll(kFunctions, 2) == 0);           // the temperature did not change
  CHECK(int{host.data.as<std::uint8_t>()} == 0xee);
  CHECK(poll(kFunctions, kStatusChanges | kClear) == 1U << 24U);
  CHECK(poll(kFunctions, kStatusChanges) == 0);
  CHECK(poll(kAllControllers, 0) == 1U << 24U);
  CHECK(host.data.as<spec::ControllerHealth>().status == 1);
  // The composite flags are others.
  CHECK(subsystemHealth(host).composite != 0);
}

TEST_CASE("an NVM Subsystem Reset and a shutdown are changes") {
  TestHost host;
  subsystemHealth(host, true);
  host.function->write32(spec::reg::kNssr, spec::reg::kNssrMagic);
  host.enable();
  CHECK((subsystemHealth(host, true).composite & Flags::kSubsystemReset) != 0);
  host.function->write32(spec::reg::kCc, TestHost::kCcEnabled | (1U << 14U));
  host.function->write32(spec::reg::kCc, 0);
  host.enable();
  CHECK((subsystemHealth(host).composite & Flags::kShutdown) != 0);
}

TEST_CASE("only Health Status Change is configured in-band") {
  TestHost host;
  CHECK(receive(host, Opcode::ConfigurationGet, 2) == 0);
  CHECK(int{host.data.as<std::uint8_t>()} == 0xee);
  for (const std::uint32_t other : {0U, 1U, 3U, 4U, 0xc0U}) {
    CHECK(receive(host, Opcode::ConfigurationGet, other) == invalidParameter(8));
    CHECK(send(host, Opcode::ConfigurationSet, other) == invalidParameter(8));
  }
}

TEST_CASE("Vital Product Data is a FRU with valid checksums") {
  TestHost host;
  REQUIRE(receive(host, Opcode::VpdRead, 0, 256) == 0);
  const auto vpd = host.data.as<std::array<std::uint8_t, 256>>();
  const auto sum = [&](std::size_t begin, std::size_t bytes) {
    return std::accumulate(&vpd[begin], &vpd[begin] + bytes, 0U) & 0xffU;
  };
  CHECK(sum(0, 8) == 0);
  CHECK(sum(8, 112) == 0);
  CHECK(vpd[4] * 8 == 8);
  CHECK(vpd[5] * 8 == 120);
  CHECK(sum(120, 5) == 0);
  CHECK(((vpd[123] + sum(125, vpd[122])) & 0xffU) == 0);
  const std::size_t second = 125 + vpd[122];
  CHECK(int{vpd[second]} == 0x0c);
  CHECK(sum(second, 5) == 0);
  CHECK(int{vpd[second + 1]} == 0x82);
  CHECK(int{vpd[255]} == 0xff);
}

TEST_CASE("Vital Product Data is written in parts and outlives a reset") {
  TestHost host;
  REQUIRE(receive(host, Opcode::VpdRead, 0, 256) == 0);
  const auto before = host.data.as<std::array<std::uint8_t, 256>>();
  host.data.fill(0x5a);
  CHECK(send(host, Opcode::VpdWrite, 250, 6) == 0);
  CHECK(send(host, Opcode::VpdWrite, 0, 0) == 0);
  host.function->write32(spec::reg::kNssr, spec::reg::kNssrMagic);
  host.enable();
  CHECK(receive(host, Opcode::VpdRead, 249, 7) == 0);
  CHECK(host.data.as<std::uint64_t>() == 0xee5a5a5a5a5a5affULL);
  CHECK(receive(host, Opcode::VpdRead, 0, 8) == 0);
  CHECK(host.data.as<std::uint8_t>(7) == before[7]);
}

TEST_CASE("beyond the end of the Vital Product Data are invalid parameters") {
  TestHost host;
  for (const auto direction : {AdminOpcode::NvmeMiReceive, AdminOpcode::NvmeMiSend}) {
    const auto opcode = direction == AdminOpcode::NvmeMiSend ? Opcode::VpdWrite : Opcode::VpdRead;
    const auto run = [&](std::uint32_t offset, std::uint32_t bytes) {
      return answer(host, request(host, direction, opcode, offset, bytes));
    };
    CHECK(run(0, 257) == invalidParameter(12));
    CHECK(run(255, 2) == invalidParameter(12));
    CHECK(run(257, 0) == invalidParameter(8));
    CHECK(run(0xffff, 0xffff) == invalidParameter(8));
    CHECK(run(256, 0) == 0);
  }
}

TEST_CASE("messages that may not be tunneled are refused in the response") {
  TestHost host;
  const auto withHeader = [&](std::uint32_t header) {
    auto sqe = request(host, AdminOpcode::NvmeMiReceive, Opcode::SubsystemHealthStatusPoll);
    sqe.cdw10 = header;
    return answer(host, sqe);
  };
  for (const std::uint32_t type : {0U, 2U, 4U, 15U}) {
    CHECK(withHeader((type << 11U) | 4U) == invalidParameter(1, 3));
  }
  CHECK(withHeader(0) == invalidParameter(0));
  CHECK(withHeader(0x884) == invalidParameter(0, 7));
  CHECK(withHeader(0x8804) == invalidParameter(1, 7));
  CHECK(withHeader(0x804) == 0);
}

TEST_CASE("each command has its direction, and others do not exist in-band") {
  TestHost host;
  for (std::uint32_t code = 0; code < 256; ++code) {
    const auto opcode = static_cast<Opcode>(code);
    const bool sent = opcode == Opcode::ConfigurationSet || opcode == Opcode::VpdWrite;
    const bool known = code <= 6;
    CHECK((send(host, opcode) == 3) == !(known && sent));
    CHECK((receive(host, opcode) == 3) == !(known && !sent));
  }
}

TEST_CASE("the log page lists what is supported") {
  TestHost host;
  REQUIRE(host.logPage(static_cast<spec::LogPageId>(0x13), 4096).status() == 0);
  for (std::uint32_t code = 0; code < 1024; ++code) {
    CHECK((host.data.as<std::uint32_t>(4UL * code) & 1U) == (code <= 6 ? 1U : 0U));
  }
}
