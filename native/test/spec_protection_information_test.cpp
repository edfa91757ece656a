#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "spec/crc16_t10.h"
#include "spec/protection_information.h"

using namespace doorbell::spec;
using Fault = ProtectionFault;
using Field = ProtectionInfoField;

namespace {

constexpr std::uint8_t kAll = Field::kGuard | Field::kAppTag | Field::kRefTag;

/// One block with protection information that is right for tag 1234h and reference 77.
struct Block {
  ProtectionLayout layout;
  std::vector<std::byte> data = std::vector<std::byte>(512, std::byte{0x5a});
  std::vector<std::byte> metadata;

  explicit Block(ProtectionLayout with) : layout(with), metadata(with.metadataBytes, std::byte{7}) {
    insertProtection(layout, 0x1234, 77, data, metadata.data());
  }
  [[nodiscard]] std::byte* tuple() { return metadata.data() + layout.offset(); }
  [[nodiscard]] Fault check(std::uint8_t checks, std::uint16_t appTag = 0x1234,
                            std::uint16_t mask = 0xffff, std::uint32_t refTag = 77) const {
    return checkProtection(layout, {checks, appTag, mask, refTag}, data, metadata.data());
  }
  /// New tags and a wrong guard.
  void retag(std::uint16_t appTag, std::uint32_t refTag) {
    const auto wrong = static_cast<std::uint16_t>(crc16T10(data) + 1U);
    storeProtection(tuple(), {wrong, appTag, refTag});
  }
};

}  // namespace

TEST_CASE("the fields of a tuple are big-endian") {
  std::array<std::byte, 8> bytes{};
  storeProtection(bytes.data(), {0x0102, 0x0304, 0x05060708});
  for (std::size_t i = 0; i < 8; ++i) CHECK(static_cast<std::size_t>(bytes[i]) == i + 1);
  CHECK(loadProtection(bytes.data()) == ProtectionTuple{0x0102, 0x0304, 0x05060708});
}

TEST_CASE("each check finds its own fault and nothing else") {
  Block block({ProtectionType::Type1, false, 8});
  CHECK(block.check(kAll) == Fault::None);
  CHECK(block.check(kAll, 0x1235) == Fault::AppTag);
  CHECK(block.check(kAll, 0x1235, 0xfff0) == Fault::None);
  CHECK(block.check(Field::kGuard | Field::kRefTag, 0x9999) == Fault::None);
  CHECK(block.check(kAll, 0x1234, 0xffff, 78) == Fault::RefTag);
  CHECK(block.check(Field::kGuard | Field::kAppTag, 0x1234, 0xffff, 78) == Fault::None);
  block.data[100] ^= std::byte{1};
  CHECK(block.check(kAll, 0x1235, 0xffff, 78) == Fault::Guard);
  CHECK(block.check(Field::kAppTag | Field::kRefTag) == Fault::None);
}

TEST_CASE("the guard covers metadata before the tuple, none when the tuple is first") {
  Block last({ProtectionType::Type1, false, 64});
  CHECK(last.layout.offset() == 56);
  last.metadata[10] ^= std::byte{1};
  CHECK(last.check(Field::kGuard) == Fault::Guard);
  Block first({ProtectionType::Type1, true, 64});
  CHECK(first.layout.offset() == 0);
  CHECK(loadProtection(first.tuple()).guard == crc16T10(first.data));
  first.metadata[10] ^= std::byte{1};
  CHECK(first.check(Field::kGuard) == Fault::None);
}

TEST_CASE("an Application Tag of FFFFh turns the checks of types 1 and 2 off") {
  for (const auto type : {ProtectionType::Type1, ProtectionType::Type2}) {
    Block block({type, false, 8});
    block.retag(kEscapeAppTag, 5);
    CHECK(block.check(kAll) == Fault::None);
    block.retag(0xfffe, 5);
    CHECK(block.check(kAll) == Fault::Guard);
  }
}

TEST_CASE("type 3 takes both tags at all ones to turn the checks off") {
  Block block({ProtectionType::Type3, false, 8});
  block.retag(kEscapeAppTag, 5);
  CHECK(block.check(kAll) == Fault::Guard);
  block.retag(kEscapeAppTag, kEscapeRefTag);
  CHECK(block.check(kAll) == Fault::None);
}

TEST_CASE("reference tags count up, but for type 3") {
  CHECK(ProtectionLayout{ProtectionType::Type1, false, 8}.refTag(0xffffffff, 2) == 1);
  CHECK(ProtectionLayout{ProtectionType::Type2, false, 8}.refTag(7, 2) == 9);
  CHECK(ProtectionLayout{ProtectionType::Type3, false, 8}.refTag(7, 2) == 7);
}

TEST_CASE("PRINFO is bits 29:26 of cdw12") {
  const auto field = Field::ofCdw12(0x2400'0000);
  CHECK(field.action());
  CHECK(field.checks() == Field::kRefTag);
  CHECK(field.checksRefTag());
  CHECK(Field::ofCdw12(0xc3ff'ffff).bits == 0);
}
