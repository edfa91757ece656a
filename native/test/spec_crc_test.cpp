#include <doctest/doctest.h>

#include <cstring>
#include <random>
#include <string_view>
#include <vector>

#include "spec/crc16_t10.h"
#include "spec/crc32c.h"

using namespace doorbell::spec;

namespace {

std::span<const std::byte> bytesOf(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::vector<std::byte> randomBytes(std::size_t count) {
  std::mt19937_64 random(count);
  std::vector<std::byte> bytes(count);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

/// The definition, bit by bit.
std::uint16_t crc16ByBit(std::span<const std::byte> bytes) {
  unsigned crc = 0;
  for (const std::byte byte : bytes) {
    crc ^= static_cast<unsigned>(byte) << 8U;
    for (int bit = 0; bit < 8; ++bit) crc = (crc << 1U) ^ ((crc & 0x8000U) != 0 ? 0x18bb7U : 0U);
  }
  return static_cast<std::uint16_t>(crc);
}

std::uint32_t crc32cByBit(std::span<const std::byte> bytes) {
  std::uint32_t crc = ~0U;
  for (const std::byte byte : bytes) {
    crc ^= static_cast<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82f63b78U : 0U);
  }
  return ~crc;
}

}  // namespace

TEST_CASE("the published check values come out") {
  CHECK(crc16T10(bytesOf("123456789")) == 0xd0db);
  CHECK(crc16T10ByTable(bytesOf("123456789")) == 0xd0db);
  CHECK(crc16T10(std::vector<std::byte>(32)) == 0);
  CHECK(crc16T10(std::vector<std::byte>(32, std::byte{0xff})) == 0xa293);
  CHECK(crc32c(bytesOf("123456789")) == 0xe3069283);
  CHECK(crc32cByTable(bytesOf("123456789")) == 0xe3069283);
  CHECK(crc32c(std::vector<std::byte>(32)) == 0x8a9136aa);
  CHECK(crc32c({}) == 0);
}

TEST_CASE("every length and alignment gives what the definition gives") {
  const auto bytes = randomBytes(4200);
  std::vector<std::size_t> lengths;
  for (std::size_t n = 0; n < 300; ++n) lengths.push_back(n);
  for (const std::size_t n : {511, 512, 513, 520, 1023, 4095, 4096, 4104, 4160})
    lengths.push_back(n);
  for (const std::size_t length : lengths) {
    const std::size_t offset = length % 17;
    const auto part = std::span(bytes).subspan(offset, length);
    CAPTURE(length);
    const std::uint16_t guard = crc16ByBit(part);
    CHECK(crc16T10(part) == guard);
    CHECK(crc16T10ByTable(part) == guard);
    const std::uint32_t crc = crc32cByBit(part);
    CHECK(crc32c(part) == crc);
    CHECK(crc32cByTable(part) == crc);
  }
}

TEST_CASE("a CRC continues where another one ended") {
  const auto bytes = randomBytes(1024);
  const std::span all(bytes);
  for (const std::size_t cut : {0, 1, 8, 100, 512, 1000, 1024}) {
    CAPTURE(cut);
    CHECK(crc16T10(all.subspan(cut), crc16T10(all.first(cut))) == crc16T10(all));
    CHECK(crc16T10ByTable(all.subspan(cut), crc16T10(all.first(cut))) == crc16T10(all));
    CHECK(crc32c(all.subspan(cut), crc32c(all.first(cut))) == crc32c(all));
    CHECK(crc32cByTable(all.subspan(cut), crc32c(all.first(cut))) == crc32c(all));
  }
}
