// Commands that carry other protocols: security, directives.
#include <doctest/doctest.h>

#include <vector>

#include "spec/directive.h"
#include "test/support/test_host.h"

using namespace doorbell;
using spec::AdminOpcode;
using test::TestHost;
namespace status = spec::status;

namespace {

struct Directive {
  std::uint32_t type = 0;
  std::uint32_t operation = 0;
  std::uint32_t nsid = 1;
  std::uint32_t cdw12 = 0;
  std::uint32_t specific = 0;
};

spec::Cqe send(TestHost& host, AdminOpcode opcode, const Directive& what,
               std::uint32_t bytes = 4096) {
  auto sqe = TestHost::sqe(opcode);
  sqe.nsid = what.nsid;
  sqe.prp1 = host.data.bus();
  sqe.cdw10 = bytes / 4 - 1;
  sqe.cdw11 = (what.specific << 16U) | (what.type << 8U) | what.operation;
  sqe.cdw12 = what.cdw12;
  return host.adminCommand(sqe);
}

spec::Cqe receive(TestHost& host, const Directive& what, std::uint32_t bytes = 4096) {
  return send(host, AdminOpcode::DirectiveReceive, what, bytes);
}

constexpr std::uint32_t kStreams = 1;
constexpr std::uint32_t kEnableStreams = (kStreams << 8U) | 1U;

void enable(TestHost& host, std::uint32_t nsid = 1) {
  const Directive what{0, 1, nsid, kEnableStreams, 0};
  REQUIRE(send(host, AdminOpcode::DirectiveSend, what).status() == 0);
}

spec::Cqe security(TestHost& host, AdminOpcode opcode, std::uint32_t cdw10, std::uint32_t length) {
  auto sqe = TestHost::sqe(opcode);
  sqe.prp1 = host.data.bus();
  sqe.cdw10 = cdw10;
  sqe.cdw11 = length;
  return host.adminCommand(sqe);
}

}  // namespace

TEST_CASE("Security Receive lists the protocols: only the one that lists them") {
  TestHost host;
  host.data.fill(0xee);
  CHECK(security(host, AdminOpcode::SecurityReceive, 0, 512).status() == 0);
  CHECK(host.data.as<std::uint16_t>(6) == 0x0100);  // big-endian 1
  CHECK(int{host.data.as<std::uint8_t>(8)} == 0);
  CHECK(int{host.data.as<std::uint8_t>(9)} == 0xee);
  host.data.fill(0xee);
  CHECK(security(host, AdminOpcode::SecurityReceive, 0, 7).status() == 0);
  CHECK(int{host.data.as<std::uint8_t>(7)} == 0xee);
  CHECK(security(host, AdminOpcode::SecurityReceive, 1U << 8U, 512).status() == 0);
  CHECK(security(host, AdminOpcode::SecurityReceive, 0, 0).status() == 0);
}

TEST_CASE("other security protocols are refused") {
  TestHost host;
  for (const std::uint32_t protocol : {0x01U, 0xeaU, 0xefU}) {
    CHECK(TestHost::plain(security(host, AdminOpcode::SecurityReceive, protocol << 24U, 512)) ==
          status::kInvalidField);
    CHECK(TestHost::plain(security(host, AdminOpcode::SecuritySend, protocol << 24U, 512)) ==
          status::kInvalidField);
  }
  CHECK(TestHost::plain(security(host, AdminOpcode::SecurityReceive, 2U << 8U, 512)) ==
        status::kInvalidField);
  CHECK(TestHost::plain(security(host, AdminOpcode::SecuritySend, 0, 512)) ==
        status::kInvalidField);
}

TEST_CASE("the Identify Directive tells what is supported and enabled") {
  TestHost host;
  const Directive parameters{0, 1};
  CHECK(receive(host, parameters).status() == 0);
  CHECK(int{host.data.as<std::uint8_t>(0)} == 3);
  CHECK(int{host.data.as<std::uint8_t>(32)} == 1);
  enable(host);
  CHECK(receive(host, parameters).status() == 0);
  CHECK(int{host.data.as<std::uint8_t>(32)} == 3);
  host.function->write32(spec::reg::kCc, 0);
  host.enable();
  CHECK(receive(host, parameters).status() == 0);
  CHECK(int{host.data.as<std::uint8_t>(32)} == 1);
}

TEST_CASE("stream resources are told, allocated and released") {
  TestHost host;
  enable(host);
  CHECK(receive(host, {kStreams, 1}).status() == 0);
  CHECK(host.data.as<spec::StreamParameters>().maxStreams == 16);
  CHECK(receive(host, {kStreams, 3, 1, 4, 0}).dw0 == 4);
  CHECK(TestHost::plain(receive(host, {kStreams, 3, 1, 4, 0})) == status::kInvalidField);
  CHECK(receive(host, {kStreams, 1}).status() == 0);
  CHECK(host.data.as<spec::StreamParameters>().allocated == 4);
  CHECK(send(host, AdminOpcode::DirectiveSend, {kStreams, 2}).status() == 0);
  CHECK(receive(host, {kStreams, 1}).status() == 0);
  CHECK(host.data.as<spec::StreamParameters>().allocated == 0);
  CHECK(receive(host, {kStreams, 2}).status() == 0);
  CHECK(host.data.as<std::uint16_t>() == 0);
  const Directive release{kStreams, 1, 1, 0, 7};
  CHECK(send(host, AdminOpcode::DirectiveSend, release).status() == 0);
}

TEST_CASE("directives that are not enabled or do not exist are refused") {
  TestHost host;
  const auto refusedReceive = [&](const Directive& what) {
    return TestHost::plain(receive(host, what));
  };
  CHECK(refusedReceive({kStreams, 1}) == status::kInvalidField);
  CHECK(refusedReceive({2, 1}) == status::kInvalidField);
  CHECK(refusedReceive({0, 2}) == status::kInvalidField);
  CHECK(refusedReceive({0, 1, 0xffffffff, 0, 0}) == status::kInvalidField);
  CHECK(refusedReceive({0, 1, 0, 0, 0}) == status::kInvalidNamespace);
  enable(host);
  CHECK(refusedReceive({kStreams, 9}) == status::kInvalidField);
  CHECK(TestHost::plain(send(host, AdminOpcode::DirectiveSend, {0, 1, 1, (2U << 8U) | 1U, 0})) ==
        status::kInvalidField);
}

TEST_CASE("without stream resources left none can be allocated") {
  TestHost host(test::freshAddress("size=64M&namespaces=2"));
  enable(host, spec::kBroadcastNsid);
  CHECK(receive(host, {kStreams, 3, 1, 16, 0}).dw0 == 16);
  CHECK(TestHost::plain(receive(host, {kStreams, 3, 2, 1, 0})) ==
        status::kStreamResourceAllocationFailed);
}

namespace {

constexpr std::uint32_t kWriteToStream = kStreams << 20U;  ///< DTYPE

spec::Status writeTo(TestHost& host, std::uint32_t stream, std::uint32_t directive = kWriteToStream,
                     std::uint64_t slba = 0) {
  auto sqe = host.block(spec::NvmOpcode::Write, slba, 1);
  sqe.cdw12 |= directive;
  sqe.cdw13 = stream << 16U;
  return TestHost::plain(host.ioCommand(sqe));
}

/// Identifiers of the streams that are open in namespace 1.
std::vector<std::uint16_t> openStreams(TestHost& host) {
  REQUIRE(receive(host, {kStreams, 2}).status() == 0);
  std::vector<std::uint16_t> found(host.data.as<std::uint16_t>());
  for (std::size_t i = 0; i < found.size(); ++i) found[i] = host.data.as<std::uint16_t>(2 + 2 * i);
  return found;
}

}  // namespace

TEST_CASE("writes to streams open them, other writes and writes that fail do not") {
  TestHost host;
  host.openIo();
  enable(host);
  CHECK(openStreams(host).empty());
  CHECK(writeTo(host, 7) == status::kSuccess);
  CHECK(writeTo(host, 3) == status::kSuccess);
  CHECK(writeTo(host, 7) == status::kSuccess);
  CHECK(writeTo(host, 0) == status::kSuccess);
  CHECK(writeTo(host, 9, 0) == status::kSuccess);
  CHECK(writeTo(host, 9, kWriteToStream, 131072) == status::kLbaOutOfRange);
  CHECK(openStreams(host) == std::vector<std::uint16_t>{3, 7});
  REQUIRE(receive(host, {kStreams, 1}).status() == 0);
  CHECK(host.data.as<spec::StreamParameters>().openInNamespace == 2);
  CHECK(host.data.as<spec::StreamParameters>().open == 2);
  CHECK(send(host, AdminOpcode::DirectiveSend, {kStreams, 1, 1, 0, 7}).status() == 0);
  CHECK(openStreams(host) == std::vector<std::uint16_t>{3});
}

TEST_CASE("a stream more than there are resources closes the one used longest ago") {
  TestHost host(test::freshAddress("size=64M&threads=2"));
  host.openIo();
  enable(host);
  REQUIRE(receive(host, {kStreams, 3, 1, 2, 0}).dw0 == 2);
  for (const std::uint32_t stream : {5U, 6U, 5U, 8U}) REQUIRE(writeTo(host, stream).ok());
  CHECK(openStreams(host) == std::vector<std::uint16_t>{5, 8});
}

TEST_CASE("writes that name a directive that is not enabled are refused") {
  TestHost host;
  host.openIo();
  CHECK(writeTo(host, 1) == status::kInvalidField);
  enable(host);
  CHECK(writeTo(host, 1, 2U << 20U) == status::kInvalidField);
  CHECK(writeTo(host, 1) == status::kSuccess);
  const Directive disable{0, 1, 1, kStreams << 8U, 0};
  REQUIRE(send(host, AdminOpcode::DirectiveSend, disable).status() == 0);
  CHECK(writeTo(host, 1) == status::kInvalidField);
  // Reads have no such field.
  auto read = host.block(spec::NvmOpcode::Read, 0, 1);
  read.cdw12 |= kWriteToStream;
  CHECK(host.ioCommand(read).status() == 0);
}

TEST_CASE("copies go to streams too") {
  TestHost host;
  host.openIo();
  enable(host);
  auto sqe = host.block(spec::NvmOpcode::Copy, 100, 1);
  host.data.fill(0);
  sqe.cdw12 = kWriteToStream;
  sqe.cdw13 = 4U << 16U;
  CHECK(host.ioCommand(sqe).status() == 0);
  CHECK(openStreams(host) == std::vector<std::uint16_t>{4});
}
