#include "emulator/identifiers.h"

#include <bit>
#include <cstdio>

namespace doorbell::emulator {

namespace {

/// FNV-1a.
std::uint64_t hash(const std::string& text, std::uint64_t basis) {
  for (const char c : text) basis = (basis ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return basis;
}

}  // namespace

std::string serialOf(const std::string& name) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "DBEMU%012llX",
                static_cast<unsigned long long>(hash(name, 0xcbf29ce484222325) >> 16U));
  return text.data();
}

std::array<std::uint8_t, 16> uuidOf(const std::string& name) {
  const std::array<std::uint64_t, 2> halves{hash(name, 0xcbf29ce484222325),
                                            hash(name, 0x84222325cbf29ce4)};
  auto uuid = std::bit_cast<std::array<std::uint8_t, 16>>(halves);
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0f) | 0x80);
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3f) | 0x80);
  return uuid;
}

}  // namespace doorbell::emulator
