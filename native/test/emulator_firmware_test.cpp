#include <doctest/doctest.h>

#include <span>

#include "spec/sanitize.h"
#include "test/support/firmware.h"
#include "test/support/test_host.h"

using namespace doorbell;
using emulator::Activation;
using spec::AdminOpcode;
using test::firmwareImage;
using test::TestHost;
namespace status = spec::status;

namespace {

constexpr std::uint32_t kReplaceAtReset = 1U << 3U;
constexpr std::uint32_t kNow = 3U << 3U;
constexpr std::uint32_t kPaused = 1U << 5U;

spec::Status download(TestHost& host, std::span<const std::byte> image, std::uint32_t offset = 0) {
  std::memcpy(host.data.data(), image.data(), image.size());
  auto sqe = TestHost::sqe(AdminOpcode::FirmwareImageDownload);
  sqe.prp1 = host.data.bus();
  sqe.prp2 = host.data.bus() + 4096;
  sqe.cdw10 = static_cast<std::uint32_t>(image.size() / 4 - 1);
  sqe.cdw11 = offset / 4;
  return TestHost::plain(host.adminCommand(sqe));
}

spec::Sqe commitSqe(std::uint32_t cdw10) {
  auto sqe = TestHost::sqe(AdminOpcode::FirmwareCommit);
  sqe.cdw10 = cdw10;
  return sqe;
}

spec::Status commit(TestHost& host, std::uint32_t cdw10) {
  return TestHost::plain(host.adminCommand(commitSqe(cdw10)));
}

std::string revision(TestHost& host) {
  host.identify(spec::Cns::Controller);
  const auto fr = host.data.as<spec::IdentifyController>().fr;
  return {fr.begin(), fr.end()};
}

std::string inSlot(TestHost& host, std::size_t slot) {
  host.logPage(spec::LogPageId::FirmwareSlot, 512);
  const auto field = host.data.as<spec::FirmwareSlotLog>().revisions.at(slot - 1);
  return {field.begin(), field.end()};
}

const std::string kEmpty(8, '\0');

}  // namespace

TEST_CASE("Identify tells how firmware is updated") {
  TestHost host;
  host.identify(spec::Cns::Controller);
  const auto id = host.data.as<spec::IdentifyController>();
  CHECK((id.oacs & 4) != 0);
  CHECK(int{id.frmw} == 0x1f);  // 7 slots, the first read-only, activation without reset
  CHECK(int{id.fwug} == 1);
  CHECK(id.mtfa == 1);
}

TEST_CASE("a committed image runs after the next controller reset") {
  TestHost host;
  CHECK(download(host, firmwareImage("2.0")).ok());
  CHECK(commit(host, kReplaceAtReset | 2).ok());
  CHECK(inSlot(host, 2) == "2.0     ");
  CHECK(revision(host) != "2.0     ");
  host.function->write32(spec::reg::kCc, 0);
  host.enable();
  CHECK(revision(host) == "2.0     ");
}

TEST_CASE("which reset activates an image is what the image says") {
  const auto afterReset = [](TestHost& host, platform::ResetKind kind) {
    host.function->reset(kind);
    host.enable();
    return revision(host);
  };
  TestHost host;
  SUBCASE("Conventional Reset") {
    download(host, firmwareImage("3.0", Activation::ConventionalReset));
    CHECK(commit(host, kReplaceAtReset | 2) == status::kActivationNeedsConventionalReset);
    CHECK(afterReset(host, platform::ResetKind::FunctionLevel) != "3.0     ");
    CHECK(afterReset(host, platform::ResetKind::Hot) == "3.0     ");
  }
  SUBCASE("NVM Subsystem Reset") {
    download(host, firmwareImage("3.0", Activation::SubsystemReset));
    CHECK(commit(host, kReplaceAtReset | 2) == status::kActivationNeedsSubsystemReset);
    CHECK(afterReset(host, platform::ResetKind::Hot) != "3.0     ");
    host.enableBusMaster();
    host.function->write32(spec::reg::kNssr, spec::reg::kNssrMagic);
    host.enable();
    CHECK(revision(host) == "3.0     ");
  }
}

TEST_CASE("an image is activated without a reset while processing pauses") {
  TestHost host;
  host.setFeature(spec::FeatureId::AsynchronousEventConfiguration,
                  spec::EventConfiguration::kFirmwareActivation);
  download(host, firmwareImage("2.0"));
  auto sqe = commitSqe(kNow | 2);
  sqe.cid = 0x700;
  host.admin->submit(sqe);
  CHECK(test::eventually([&] { return (host.csts().raw & kPaused) != 0; }));
  CHECK(host.admin->await().status() == 0);
  CHECK((host.csts().raw & kPaused) == 0);
  CHECK(revision(host) == "2.0     ");
}

TEST_CASE("what interrupts a commit leaves the old image") {
  TestHost host;
  download(host, firmwareImage("2.0"));
  auto sqe = commitSqe(kReplaceAtReset | 2);
  sqe.cid = 0x700;
  host.admin->submit(sqe);
  SUBCASE("power") {
    host.function->power()->off();
    host.function->power()->on();
  }
  SUBCASE("reset") { host.function->write32(spec::reg::kCc, 0); }
  host.enable();
  CHECK(inSlot(host, 2) == kEmpty);
  CHECK(revision(host) != "2.0     ");
}

TEST_CASE("a reset discards what was downloaded") {
  TestHost host;
  download(host, firmwareImage("2.0"));
  host.function->write32(spec::reg::kCc, 0);
  host.enable();
  CHECK(commit(host, kReplaceAtReset | 2) == status::kInvalidFirmwareImage);
}

TEST_CASE("an image that cannot be loaded is reported as an event, and the one before runs on") {
  TestHost host;
  const auto before = revision(host);
  download(host, firmwareImage("bad", Activation::Immediate, 8192,
                               emulator::FirmwareHeader::kFailsToLoad));
  CHECK(commit(host, kReplaceAtReset | 2).ok());
  host.function->write32(spec::reg::kCc, 0);
  host.enable();
  auto request = TestHost::sqe(AdminOpcode::AsynchronousEventRequest);
  CHECK(host.adminCommand(request).dw0 == 0x010500);
  CHECK(revision(host) == before);
}

TEST_CASE("pieces that overlap or miss the granularity are refused") {
  TestHost host;
  const auto image = firmwareImage("2.0");
  CHECK(download(host, image).ok());
  CHECK(download(host, std::span(image).first(4096), 4096) == status::kOverlappingRange);
  CHECK(commit(host, kReplaceAtReset | 2) == status::kOverlappingRange);
  CHECK(download(host, std::span(image).first(512)) == status::kInvalidField);
}

TEST_CASE("a sanitize operation waits for the reset that new firmware needs") {
  TestHost host;
  download(host, firmwareImage("3.0", Activation::SubsystemReset));
  commit(host, kReplaceAtReset | 2);
  auto sqe = TestHost::sqe(AdminOpcode::Sanitize);
  sqe.cdw10 = static_cast<std::uint32_t>(spec::SanitizeAction::BlockErase);
  CHECK(TestHost::plain(host.adminCommand(sqe)) == status::kActivationNeedsSubsystemReset);
}
