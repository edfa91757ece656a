#include <doctest/doctest.h>

#include "emulator/admin/firmware_store.h"
#include "test/support/firmware.h"

using namespace doorbell;
using emulator::Activation;
using emulator::FirmwareRecord;
using emulator::FirmwareStore;
using test::firmwareImage;
namespace status = spec::status;

namespace {

constexpr std::uint32_t kReplace = 0U << 3U;
constexpr std::uint32_t kReplaceAtReset = 1U << 3U;
constexpr std::uint32_t kAtReset = 2U << 3U;
constexpr std::uint32_t kNow = 3U << 3U;

struct Rig {
  FirmwareRecord record;
  FirmwareStore store{record};

  spec::Status download(const std::vector<std::byte>& image, std::size_t offset = 0) {
    const auto checked = store.checkPiece(offset, image.size());
    if (!checked.status.ok()) return plain(checked.status);
    const auto piece = store.piece(offset, image.size());
    std::copy(image.begin(), image.end(), piece.begin());
    return status::kSuccess;
  }
  spec::Status commit(std::uint32_t cdw10) {
    const auto plan = store.plan(cdw10);
    store.carryOut(plan);
    return plain(plan.outcome.status);
  }
  std::string revision() const {
    const auto field = store.revision();
    return {field.begin(), field.end()};
  }
  std::string inSlot(std::size_t slot) const {
    const auto field = store.log().revisions.at(slot - 1);
    return {field.begin(), field.end()};
  }
  static spec::Status plain(spec::Status status) {
    return {static_cast<std::uint16_t>(status.raw & 0x7ffU)};
  }
};

const std::string kEmpty(8, '\0');

}  // namespace

TEST_CASE("as delivered, the read-only first slot is active and the others are empty") {
  const Rig rig;
  CHECK(rig.store.log().activeFirmware == 1);
  CHECK(rig.inSlot(1) == rig.revision());
  for (std::size_t slot = 2; slot <= 7; ++slot) CHECK(rig.inSlot(slot) == kEmpty);
  CHECK(rig.store.pendingStatus().ok());
}

TEST_CASE("an image can be placed without being activated") {
  Rig rig;
  const auto before = rig.revision();
  CHECK(rig.download(firmwareImage("2.0")).ok());
  CHECK(rig.commit(kReplace | 3).ok());
  CHECK(rig.inSlot(3) == "2.0     ");
  CHECK(rig.store.log().activeFirmware == 1);
  CHECK(rig.store.reset(FirmwareStore::Reset::PowerCycle));
  CHECK(rig.revision() == before);
}

TEST_CASE("an image is activated by the next Controller Level Reset") {
  Rig rig;
  rig.download(firmwareImage("2.0"));
  SUBCASE("placed and activated by one command") { CHECK(rig.commit(kReplaceAtReset | 2).ok()); }
  SUBCASE("placed by one, activated by another") {
    CHECK(rig.commit(kReplace | 2).ok());
    CHECK(rig.commit(kAtReset | 2).ok());
  }
  CHECK(rig.store.log().activeFirmware == (1 | (2 << 4)));
  CHECK(rig.store.pendingStatus() == status::kActivationNeedsControllerReset);
  CHECK(rig.store.reset(FirmwareStore::Reset::Controller));
  CHECK(rig.revision() == "2.0     ");
  CHECK(rig.store.log().activeFirmware == 2);
  CHECK(rig.store.pendingStatus().ok());
}

TEST_CASE("an image is activated without a reset") {
  Rig rig;
  rig.download(firmwareImage("2.0"));
  CHECK(rig.commit(kNow | 4).ok());
  CHECK(rig.revision() == "2.0     ");
  CHECK(rig.store.log().activeFirmware == 4);
  CHECK(rig.commit(kNow | 1).ok());  // nothing downloaded: what is in the slot
  CHECK(rig.store.log().activeFirmware == 1);
}

TEST_CASE("an image that needs a certain reset says which, and waits for it") {
  using Reset = FirmwareStore::Reset;
  struct Case {
    Activation needs;
    std::uint32_t action;
    spec::Status expected;
    Reset tooLittle;
    Reset enough;
  };
  for (const Case c :
       {Case{Activation::ControllerReset, kNow, status::kActivationNeedsControllerReset,
             Reset::Controller, Reset::Controller},
        Case{Activation::ConventionalReset, kNow, status::kActivationNeedsConventionalReset,
             Reset::Controller, Reset::Conventional},
        Case{Activation::ConventionalReset, kReplaceAtReset,
             status::kActivationNeedsConventionalReset, Reset::Subsystem, Reset::PowerCycle},
        Case{Activation::SubsystemReset, kReplaceAtReset, status::kActivationNeedsSubsystemReset,
             Reset::Conventional, Reset::Subsystem}}) {
    Rig rig;
    rig.download(firmwareImage("3", c.needs));
    CHECK(rig.commit(c.action | 5) == c.expected);
    CHECK(rig.store.pendingStatus() == c.expected);
    CHECK(rig.inSlot(5) == "3       ");
    if (c.tooLittle != c.enough) {
      CHECK(rig.store.reset(c.tooLittle));
      CHECK(rig.store.log().activeFirmware == (1 | (5 << 4)));
    }
    CHECK(rig.store.reset(c.enough));
    CHECK(rig.store.log().activeFirmware == 5);
  }
}

TEST_CASE("an image that takes longer than MTFA is placed, and activated by a reset only") {
  Rig rig;
  rig.download(firmwareImage("3", Activation::TooLong));
  CHECK(rig.commit(kNow | 2) == status::kActivationNeedsTimeViolation);
  CHECK(rig.inSlot(2) == "3       ");
  CHECK(rig.store.pendingStatus().ok());
  CHECK(rig.commit(kAtReset | 2).ok());
  CHECK(rig.store.reset(FirmwareStore::Reset::Controller));
  CHECK(rig.store.log().activeFirmware == 2);
}

TEST_CASE("slots and actions that do not exist or are read-only are refused") {
  Rig rig;
  rig.download(firmwareImage("2.0"));
  CHECK(rig.commit(kReplace | 1) == status::kInvalidFirmwareSlot);
  CHECK(rig.commit(kReplaceAtReset | 1) == status::kInvalidFirmwareSlot);
  for (const std::uint32_t action : {4U, 5U, 6U, 7U}) {
    CHECK(rig.commit((action << 3U) | 2) == status::kInvalidField);
  }
  CHECK(rig.commit(kAtReset | 6) == status::kInvalidFirmwareImage);
  CHECK(rig.commit(kReplace | 2).ok());  // the image is still there
  CHECK(rig.commit(kReplace | 3) == status::kInvalidFirmwareImage);
}

TEST_CASE("an image that is not one is refused, and leaves the slot as it was") {
  Rig rig;
  auto image = firmwareImage("2.0");
  SUBCASE("nothing downloaded") { image.clear(); }
  SUBCASE("a byte changed") { image[5000] = std::byte{1}; }
  SUBCASE("no magic") { image[0] = std::byte{1}; }
  SUBCASE("cut short") { image.resize(4096); }
  if (!image.empty()) CHECK(rig.download(image).ok());
  CHECK(rig.commit(kReplaceAtReset | 2) == status::kInvalidFirmwareImage);
  CHECK(rig.inSlot(2) == kEmpty);
  CHECK(rig.store.pendingStatus().ok());
}

TEST_CASE("pieces may come in any order, without gaps or overlap") {
  Rig rig;
  const auto image = firmwareImage("2.0", Activation::Immediate, 12288);
  const auto part = [&](std::size_t from) {
    return std::vector<std::byte>(image.begin() + static_cast<std::ptrdiff_t>(from),
                                  image.begin() + static_cast<std::ptrdiff_t>(from + 4096));
  };
  CHECK(rig.download(part(8192), 8192).ok());
  CHECK(rig.download(part(0), 0).ok());
  SUBCASE("whole") {
    CHECK(rig.download(part(4096), 4096).ok());
    CHECK(rig.commit(kReplace | 2).ok());
  }
  SUBCASE("a gap") { CHECK(rig.commit(kReplace | 2) == status::kInvalidFirmwareImage); }
  SUBCASE("overlap") {
    CHECK(rig.download(part(0), 0) == status::kOverlappingRange);
    CHECK(rig.download(part(4096), 4096).ok());
    CHECK(rig.commit(kReplace | 2) == status::kOverlappingRange);
    CHECK(rig.download(image).ok());  // the first download after a commit starts anew
    CHECK(rig.commit(kReplace | 2).ok());
  }
}

TEST_CASE("pieces must keep to the Firmware Update Granularity") {
  Rig rig;
  CHECK(rig.download(std::vector<std::byte>(512)) == status::kInvalidField);
  CHECK(rig.download(std::vector<std::byte>(4096), 512) == status::kInvalidField);
  CHECK(rig.download(std::vector<std::byte>(4096), 1U << 20U) == status::kInvalidField);
  CHECK(rig.store.checkPiece(0xffff'ffff'f000, 4096).status.code() == 0x02);
}

TEST_CASE("a reset discards what was downloaded") {
  Rig rig;
  rig.download(firmwareImage("2.0"));
  CHECK(rig.store.reset(FirmwareStore::Reset::Controller));
  CHECK(rig.commit(kReplace | 2) == status::kInvalidFirmwareImage);
}

TEST_CASE("the controller chooses the slot when none is given") {
  Rig rig;
  for (int i = 0; i < 6; ++i) {
    rig.download(firmwareImage("9." + std::to_string(i)));
    CHECK(rig.commit(kReplace).ok());
    CHECK(rig.inSlot(static_cast<std::size_t>(i) + 2) == "9." + std::to_string(i) + "     ");
  }
  CHECK(rig.commit(kAtReset).ok());  // the one committed last
  CHECK(rig.store.log().activeFirmware == (1 | (7 << 4)));
}

TEST_CASE("images that may never run, cannot be loaded or are in use are handled as such") {
  Rig rig;
  rig.download(firmwareImage("bad", Activation::Prohibited));
  CHECK(rig.commit(kNow | 2) == status::kActivationProhibited);
  CHECK(rig.inSlot(2) == kEmpty);
  rig.download(
      firmwareImage("broken", Activation::Immediate, 8192, emulator::FirmwareHeader::kFailsToLoad));
  CHECK(rig.commit(kReplaceAtReset | 3).ok());
  CHECK_FALSE(rig.store.reset(FirmwareStore::Reset::Controller));
  CHECK(rig.store.log().activeFirmware == 1);
  rig.download(firmwareImage("2.0"));
  CHECK(rig.commit(kNow | 4).ok());
  rig.download(firmwareImage("2.1"));
  CHECK(rig.commit(kReplace | 4) == status::kCommandSequenceError);
}

TEST_CASE("slots and the running revision outlive power") {
  Rig rig;
  rig.download(firmwareImage("2.0"));
  rig.commit(kReplaceAtReset | 2);
  FirmwareRecord kept = rig.record;
  FirmwareStore after(kept);
  CHECK(after.reset(FirmwareStore::Reset::PowerCycle));
  CHECK(after.activeSlot() == 2);
}
