#include "spec/crc32c.h"

#include <immintrin.h>

#include <array>
#include <cstring>

namespace doorbell::spec {

namespace {

constexpr std::uint32_t kReflectedPolynomial = 0x82f63b78;
constexpr std::size_t kSlices = 8;

/// [k][b]: the CRC register after byte b and k zero bytes.
using Tables = std::array<std::array<std::uint32_t, 256>, kSlices>;

constexpr Tables makeTables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kReflectedPolynomial : 0);
    }
    tables[0][byte] = crc;
  }
  for (std::size_t slice = 1; slice < kSlices; ++slice) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t crc = tables[slice - 1][byte];
      tables[slice][byte] = (crc >> 8U) ^ tables[0][crc & 0xffU];
    }
  }
  return tables;
}

constexpr Tables kTables = makeTables();

std::uint64_t load64(const std::byte* at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

/// x^n modulo the polynomial, as a factor that moves bits n + 1 places on: the reflected product of
/// two 64-bit halves is short of one place.
constexpr std::uint64_t shiftFactor(unsigned n) {
  std::uint32_t value = 0x80000000;  // reflected: x^0
  for (; n > 0; --n) value = (value >> 1U) ^ ((value & 1U) != 0 ? kReflectedPolynomial : 0);
  return std::uint64_t{value} << 32U;
}

#define DOORBELL_CLMUL __attribute__((target("sse4.2,pclmul")))

/// `high` and `low` halves of a register, moved on by `Bits`.
template <unsigned Bits>
DOORBELL_CLMUL inline __m128i fold(__m128i value) noexcept {
  const __m128i factors = _mm_set_epi64x(static_cast<long long>(shiftFactor(Bits - 1)),
                                         static_cast<long long>(shiftFactor(Bits + 63)));
  return _mm_xor_si128(_mm_clmulepi64_si128(value, factors, 0x00),
                       _mm_clmulepi64_si128(value, factors, 0x11));
}

DOORBELL_CLMUL inline __m128i block(const std::byte* at) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

/// The CRC instruction over what is too short, or left, to fold.
DOORBELL_CLMUL std::uint32_t byInstruction(const std::byte* at, std::size_t bytes,
                                           std::uint32_t state) noexcept {
  std::uint64_t crc = state;
  for (; bytes >= 8; bytes -= 8, at += 8) crc = _mm_crc32_u64(crc, load64(at));
  auto tail = static_cast<std::uint32_t>(crc);
  for (; bytes > 0; --bytes, ++at) tail = _mm_crc32_u8(tail, static_cast<std::uint8_t>(*at));
  return tail;
}

/// Four registers side by side hide the latency of the multiplication.
DOORBELL_CLMUL std::uint32_t byFolding(std::span<const std::byte> bytes,
                                       std::uint32_t before) noexcept {
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint32_t state = ~before;
  if (left >= 128) {
    __m128i a = _mm_xor_si128(block(at), _mm_cvtsi32_si128(static_cast<int>(state)));
    __m128i b = block(at + 16);
    __m128i c = block(at + 32);
    __m128i d = block(at + 48);
    for (at += 64, left -= 64; left >= 64; at += 64, left -= 64) {
      a = _mm_xor_si128(fold<512>(a), block(at));
      b = _mm_xor_si128(fold<512>(b), block(at + 16));
      c = _mm_xor_si128(fold<512>(c), block(at + 32));
      d = _mm_xor_si128(fold<512>(d), block(at + 48));
    }
    b = _mm_xor_si128(b, fold<128>(a));
    c = _mm_xor_si128(c, fold<128>(b));
    d = _mm_xor_si128(d, fold<128>(c));
    state = static_cast<std::uint32_t>(
        _mm_crc32_u64(_mm_crc32_u64(0, static_cast<std::uint64_t>(_mm_extract_epi64(d, 0))),
                      static_cast<std::uint64_t>(_mm_extract_epi64(d, 1))));
  }
  return ~byInstruction(at, left, state);
}

#undef DOORBELL_CLMUL

using Function = std::uint32_t (*)(std::span<const std::byte>, std::uint32_t) noexcept;

Function best() noexcept {
  return __builtin_cpu_supports("pclmul") != 0 && __builtin_cpu_supports("sse4.2") != 0
             ? byFolding
             : crc32cByTable;
}

}  // namespace

std::uint32_t crc32cByTable(std::span<const std::byte> bytes, std::uint32_t before) noexcept {
  std::uint32_t crc = ~before;
  std::size_t i = 0;
  for (; i + kSlices <= bytes.size(); i += kSlices) {
    const std::uint64_t word = load64(bytes.data() + i) ^ crc;
    crc = 0;
    for (std::size_t k = 0; k < kSlices; ++k) {
      crc ^= kTables[kSlices - 1 - k][(word >> (8 * k)) & 0xffU];
    }
  }
  for (; i < bytes.size(); ++i) {
    crc = (crc >> 8U) ^ kTables[0][(crc ^ static_cast<std::uint8_t>(bytes[i])) & 0xffU];
  }
  return ~crc;
}

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t before) noexcept {
  static const Function function = best();
  return function(bytes, before);
}

}  // namespace doorbell::spec
