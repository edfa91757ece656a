#include "driver/workload/io_data.h"

#include <algorithm>
#include <cstring>

#include "driver/random.h"

namespace doorbell::driver {
namespace {

void fillRandom(const IoData& data, std::span<std::byte> bytes) noexcept {
  constexpr std::size_t kChunk = 4096;
  const std::size_t dense = kChunk - kChunk * data.compressiblePercent / 100;
  Random random(data.seed);
  for (std::size_t at = 0; at < bytes.size(); at += kChunk) {
    const auto chunk = bytes.subspan(at, std::min(kChunk, bytes.size() - at));
    const std::size_t filled = std::min(dense, chunk.size());
    for (std::size_t i = 0; i < filled; i += sizeof(std::uint64_t)) {
      const std::uint64_t word = random.next();
      std::memcpy(chunk.data() + i, &word, std::min(sizeof(word), filled - i));
    }
    std::fill(chunk.begin() + static_cast<std::ptrdiff_t>(filled), chunk.end(), std::byte{0});
  }
}

}  // namespace

void fillWith(const IoData& data, std::span<std::byte> bytes) noexcept {
  if (data.kind == IoData::Kind::Random) return fillRandom(data, bytes);
  std::uint32_t dword = data.kind == IoData::Kind::Dword ? data.dword : 0;
  for (std::size_t i = 0; i < bytes.size(); i += sizeof(dword)) {
    std::memcpy(bytes.data() + i, &dword, std::min(sizeof(dword), bytes.size() - i));
    if (data.kind == IoData::Kind::Incrementing) ++dword;
  }
}

}  // namespace doorbell::driver
