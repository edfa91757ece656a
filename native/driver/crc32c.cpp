#include "driver/crc32c.h"

#include <nmmintrin.h>

#include <cstring>

namespace doorbell::driver {

std::uint32_t crc32c(std::span<const std::byte> bytes) noexcept {
  std::uint64_t crc = 0xffffffffU;
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    crc = _mm_crc32_u64(crc, word);
  }
  auto tail = static_cast<std::uint32_t>(crc);
  for (; i < bytes.size(); ++i) tail = _mm_crc32_u8(tail, static_cast<std::uint8_t>(bytes[i]));
  return ~tail;
}

}  // namespace doorbell::driver
