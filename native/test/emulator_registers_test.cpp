#include <doctest/doctest.h>

#include "test/support/test_host.h"

using namespace doorbell;
using test::TestHost;
namespace reg = spec::reg;

namespace {

struct Property {
  const char* name;
  std::uint32_t offset;
  std::uint32_t reset;
  std::uint32_t afterOnes;  ///< with CC.EN clear
};

/// Every property of the first 4 KiB that a 32-bit access can name.
constexpr Property kProperties[] = {
    {"VS", reg::kVs, 0x00020000, 0x00020000},
    {"AQA", reg::kAqa, 0, 0x0fff0fff},
    {"ASQ", reg::kAsq, 0, 0xfffff000},
    {"ASQ, upper half", reg::kAsq + 4, 0, 0xffffffff},
    {"ACQ", reg::kAcq, 0, 0xfffff000},
    {"ACQ, upper half", reg::kAcq + 4, 0, 0xffffffff},
    {"NSSR", reg::kNssr, 0, 0},
    {"CSTS", reg::kCsts, 0, 0},
    {"CRTO", reg::kCrto, 0x00140014, 0x00140014},
    {"reserved 18h", 0x18, 0, 0},
    {"BPINFO, without boot partitions", 0x40, 0, 0},
    {"reserved", 0x0f00, 0, 0},
};

}  // namespace

TEST_CASE("properties have their reset values and access types") {
  TestHost host(test::freshAddress(), false);
  for (const Property& property : kProperties) {
    CAPTURE(property.name);
    CHECK(host.function->read32(property.offset) == property.reset);
    host.function->write32(property.offset, 0xffffffff);
    CHECK(host.function->read32(property.offset) == property.afterOnes);
  }
  host.function->reset(platform::ResetKind::FunctionLevel);
  for (const Property& property : kProperties) {
    CAPTURE(property.name);
    CHECK(host.function->read32(property.offset) == property.reset);
  }
}

TEST_CASE("64-bit properties are the same by halves") {
  TestHost host(test::freshAddress(), false);
  for (const std::uint32_t offset : {reg::kCap, reg::kAsq, reg::kAcq}) {
    host.function->write64(offset, 0x123456789abcd000);
    const auto low = host.function->read32(offset);
    const auto high = host.function->read32(offset + 4);
    CHECK(host.function->read64(offset) == (low | (std::uint64_t{high} << 32U)));
    if (offset != reg::kCap) CHECK(host.function->read64(offset) == 0x123456789abcd000);
  }
}

TEST_CASE("CAP claims what the controller has") {
  TestHost host(test::freshAddress(), false);
  const reg::Cap cap{host.function->read64(reg::kCap)};
  CHECK(cap.mqes() == 1023);
  CHECK_FALSE(cap.cqr());
  CHECK(cap.ams() == 1);
  CHECK(cap.nssrs());
  CHECK(cap.mpsMin() == 0);
  CHECK((cap.css() & 1U) == 1);
  const auto modes = (cap.raw >> 59U) & 3U;
  CHECK(modes == 3);  // with and independent of media
  CHECK(cap.timeoutMs() == (host.function->read32(reg::kCrto) & 0xffffU) * 500);
}

TEST_CASE("a controller enabled independent of media is ready, and keeps the mode it was given") {
  constexpr std::uint32_t kCrime = 1U << 24U;
  TestHost host(test::freshAddress(), false);
  host.enable(TestHost::kCcEnabled | kCrime);
  CHECK(host.csts().rdy());
  CHECK(host.function->read32(reg::kCc) == (TestHost::kCcEnabled | kCrime));
  host.function->write32(reg::kCc, TestHost::kCcEnabled);
  CHECK(host.function->read32(reg::kCc) == (TestHost::kCcEnabled | kCrime));
  host.function->write32(reg::kCc, 0);
  CHECK(host.function->read32(reg::kCc) == 0);
}

TEST_CASE("INTMS sets and INTMC clears bits of one mask") {
  TestHost host(test::freshAddress(), false);
  host.function->write32(reg::kIntms, 0x0000ff00);
  host.function->write32(reg::kIntms, 0x00000001);
  CHECK(host.function->read32(reg::kIntms) == 0x0000ff01);
  host.function->write32(reg::kIntmc, 0x0000f000);
  CHECK(host.function->read32(reg::kIntms) == 0x00000f01);
  CHECK(host.function->read32(reg::kIntmc) == 0x00000f01);
}

TEST_CASE("a Controller Reset keeps the admin queue's properties, every other reset clears them") {
  TestHost host;
  const auto asq = host.function->read64(reg::kAsq);
  host.function->write32(reg::kCc, 0);
  CHECK(host.function->read64(reg::kAsq) == asq);
  CHECK(host.function->read32(reg::kAqa) == 0x001f001f);
  host.function->reset(platform::ResetKind::Hot);
  CHECK(host.function->read64(reg::kAsq) == 0);
  CHECK(host.function->read32(reg::kAqa) == 0);
}
