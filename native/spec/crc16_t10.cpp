#include "spec/crc16_t10.h"

#include <immintrin.h>

#include <array>

namespace doorbell::spec {

namespace {

constexpr std::uint16_t kPolynomial = 0x8bb7;
constexpr std::size_t kSlices = 16;

constexpr std::uint16_t timesX(std::uint16_t value) {
  const auto shifted = static_cast<std::uint16_t>(value << 1U);
  return (value & 0x8000U) != 0 ? static_cast<std::uint16_t>(shifted ^ kPolynomial) : shifted;
}

/// [k][b]: the CRC of byte b followed by k zero bytes.
using Tables = std::array<std::array<std::uint16_t, 256>, kSlices>;

constexpr Tables makeTables() {
  Tables tables{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    auto crc = static_cast<std::uint16_t>(byte << 8U);
    for (auto& table : tables) {
      for (int bit = 0; bit < 8; ++bit) crc = timesX(crc);
      table[byte] = crc;
    }
  }
  return tables;
}

constexpr Tables kTables = makeTables();

/// x^n modulo the polynomial.
constexpr long long power(unsigned n) {
  std::uint16_t value = 1;
  for (; n > 0; --n) value = timesX(value);
  return value;
}

#define DOORBELL_CLMUL __attribute__((target("ssse3,pclmul")))

/// Sixteen bytes as a polynomial: the first byte is the most significant.
DOORBELL_CLMUL inline __m128i block(const std::byte* at) noexcept {
  const __m128i reverse = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)), reverse);
}

/// Something congruent to `value` times x^Bits.
template <unsigned Bits>
DOORBELL_CLMUL inline __m128i fold(__m128i value) noexcept {
  const __m128i factors = _mm_set_epi64x(power(Bits + 64), power(Bits));
  return _mm_xor_si128(_mm_clmulepi64_si128(value, factors, 0x00),
                       _mm_clmulepi64_si128(value, factors, 0x11));
}

/// Four registers side by side hide the latency of the multiplication.
DOORBELL_CLMUL std::uint16_t byFolding(std::span<const std::byte> bytes,
                                       std::uint16_t before) noexcept {
  if (bytes.size() < 128) return crc16T10ByTable(bytes, before);
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  __m128i a = _mm_xor_si128(
      block(at), _mm_set_epi64x(static_cast<long long>(std::uint64_t{before} << 48U), 0));
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
  std::array<std::byte, 16> rest{};
  _mm_storeu_si128(reinterpret_cast<__m128i*>(rest.data()), d);
  for (std::size_t i = 0; i < 8; ++i) std::swap(rest[i], rest[15 - i]);
  return crc16T10ByTable({at, left}, crc16T10ByTable(rest));
}

#undef DOORBELL_CLMUL

using Function = std::uint16_t (*)(std::span<const std::byte>, std::uint16_t) noexcept;

Function best() noexcept {
  return __builtin_cpu_supports("pclmul") != 0 && __builtin_cpu_supports("ssse3") != 0
             ? byFolding
             : crc16T10ByTable;
}

}  // namespace

std::uint16_t crc16T10ByTable(std::span<const std::byte> bytes, std::uint16_t before) noexcept {
  unsigned crc = before;
  std::size_t i = 0;
  const auto at = [&](std::size_t k) { return static_cast<unsigned>(bytes[i + k]); };
  for (; i + kSlices <= bytes.size(); i += kSlices) {
    unsigned next = kTables[15][at(0) ^ (crc >> 8U)] ^ kTables[14][at(1) ^ (crc & 0xffU)];
    for (std::size_t k = 2; k < kSlices; ++k) next ^= kTables[15 - k][at(k)];
    crc = next;
  }
  for (; i < bytes.size(); ++i) {
    crc = ((crc << 8U) & 0xffffU) ^ kTables[0][(crc >> 8U) ^ at(0)];
  }
  return static_cast<std::uint16_t>(crc);
}

std::uint16_t crc16T10(std::span<const std::byte> bytes, std::uint16_t before) noexcept {
  static const Function function = best();
  return function(bytes, before);
}

}  // namespace doorbell::spec
