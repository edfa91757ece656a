#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <vector>

#include "driver/dma_buffer.h"
#include "spec/crc32c.h"
#include "support/rig.h"

using namespace doorbell;
using namespace doorbell::driver;
using doorbell::test::codeOf;
using doorbell::test::ScriptedDomain;

namespace {

std::vector<std::byte> bytesOf(const std::string& text) {
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

std::vector<std::byte> contents(const DmaBuffer& buffer) {
  std::vector<std::byte> bytes(buffer.size());
  buffer.read(0, bytes);
  return bytes;
}

}  // namespace

TEST_CASE("Bytes go in and come out, zeros at first") {
  const auto buffer = DmaBuffer::allocate(16);
  CHECK(contents(*buffer) == std::vector<std::byte>(16));
  buffer->write(10, bytesOf("abc"));
  CHECK(contents(*buffer)[10] == std::byte{'a'});
  CHECK(contents(*buffer)[13] == std::byte{0});
}

TEST_CASE("Offsets and lengths beyond the size asked for are refused, though the page is larger") {
  const auto buffer = DmaBuffer::allocate(512);
  std::array<std::byte, 2> two{};
  CHECK(codeOf([&] { buffer->write(511, two); }) == "OUT_OF_RANGE");
  CHECK(codeOf([&] { buffer->read(SIZE_MAX, two); }) == "OUT_OF_RANGE");
  CHECK(codeOf([&] { buffer->fillIncrementing(0, 513, 0); }) == "OUT_OF_RANGE");
  CHECK(codeOf([&] { (void)buffer->crc32c(1, 512); }) == "OUT_OF_RANGE");
  CHECK(codeOf([&] { buffer->fill(0, 1, {}); }) == "OUT_OF_RANGE");
  CHECK(codeOf([&] { (void)DmaBuffer::allocate(0); }) == "OUT_OF_RANGE");
}

TEST_CASE("Patterns repeat, count up, and end where the range ends") {
  const auto buffer = DmaBuffer::allocate(11);
  buffer->fill(0, 11, bytesOf("abcd"));
  CHECK(contents(*buffer) == bytesOf("abcdabcdabc"));
  buffer->fillIncrementing(0, 9, 0x01020304);
  CHECK(contents(*buffer)[0] == std::byte{4});
  CHECK(contents(*buffer)[4] == std::byte{5});
  CHECK(contents(*buffer)[8] == std::byte{6});
  CHECK(contents(*buffer)[9] == std::byte{'b'});
}

TEST_CASE("Random data is the same for the same seed, and as compressible as asked for") {
  const auto a = DmaBuffer::allocate(8192);
  const auto b = DmaBuffer::allocate(8192);
  a->fillRandom(0, 8192, 5, 25);
  b->fillRandom(0, 8192, 5, 25);
  CHECK(a->compare(0, *b, 0, 8192) == -1);
  b->fillRandom(0, 8192, 6, 25);
  CHECK(a->compare(0, *b, 0, 8192) >= 0);
  const auto bytes = contents(*a);
  for (std::size_t chunk = 0; chunk < 2; ++chunk) {
    std::size_t zeros = 0;
    for (std::size_t i = 0; i < 4096; ++i) zeros += bytes[chunk * 4096 + i] == std::byte{0} ? 1 : 0;
    CHECK(zeros >= 1024);
    CHECK(zeros < 1024 + 60);
  }
}

TEST_CASE("Comparing tells the first byte that differs, also behind the first 4 KiB") {
  const auto a = DmaBuffer::allocate(10'000);
  const auto b = DmaBuffer::allocate(10'001);
  CHECK(a->compare(0, *b, 1, 10'000) == -1);
  b->write(9'001, bytesOf("x"));
  CHECK(a->compare(0, *b, 1, 10'000) == 9'000);
}

TEST_CASE("CRC-32C is the one of RFC 3720") {
  CHECK(spec::crc32c(bytesOf("123456789")) == 0xe3069283);
  CHECK(spec::crc32c(std::vector<std::byte>(32)) == 0x8a9136aa);
  const auto buffer = DmaBuffer::allocate(64);
  buffer->write(3, bytesOf("123456789"));
  CHECK(buffer->crc32c(3, 9) == 0xe3069283);
}

TEST_CASE("A pinned buffer cannot be closed; a closed one cannot be used") {
  const auto buffer = DmaBuffer::allocate(512);
  {
    const Pin pin(buffer);
    CHECK(buffer->pins() == 1);
    CHECK(codeOf([&] { buffer->close(); }) == "BUFFER_IN_USE");
  }
  CHECK(buffer->pins() == 0);
  buffer->close();
  buffer->close();
  CHECK(codeOf([&] { buffer->check(0, 0); }) == "CLOSED");
}

TEST_CASE("A buffer is mapped once a domain, and no longer once the domain's controller is gone") {
  const auto domain = std::make_shared<ScriptedDomain>();
  auto scope = std::make_shared<DmaScope>(DmaScope{domain});
  const auto buffer = DmaBuffer::allocate(4096);
  const std::uint64_t bus = buffer->busAddress(scope, 0);
  CHECK(buffer->busAddress(scope, 100) == bus + 100);
  CHECK(domain->mappings() == 1);
  scope.reset();
  const auto other = std::make_shared<ScriptedDomain>();
  (void)buffer->busAddress(std::make_shared<DmaScope>(DmaScope{other}), 0);
  CHECK(domain->mappings() == 0);
  buffer->close();
  CHECK(other->mappings() == 0);
}
