#include "emulator/media.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace doorbell::emulator {

alignas(64) const std::byte Media::kZeros[kGranule] = {};

namespace {

/// Fewer granules are not worth the system call that gives their memory back.
constexpr std::uint64_t kReleaseFrom = 16;

constexpr std::uint64_t bitmapBytes(std::uint64_t bytes) {
  return ((bytes / Media::kGranule + 63) / 64) * sizeof(std::uint64_t);
}

}  // namespace

Media::Media(std::uint64_t bytes)
    : data_(MappedRegion::anonymous(bytes)),
      written_(MappedRegion::anonymous(bitmapBytes(bytes))),
      marks_(MappedRegion::anonymous(bytes / kGranule)) {}

Media::Media(int fd, std::uint64_t bytes, MappedRegion marks)
    : data_(MappedRegion::ofFile(fd, 0, bytes)),
      written_(MappedRegion::anonymous(bitmapBytes(bytes))),
      marks_(std::move(marks)),
      fd_(fd) {
  std::memset(written_.data(), 0xff, written_.size());
  const auto* first = marks_.data();
  marked_ = static_cast<std::uint64_t>(std::count_if(
      first, first + bytes / kGranule, [](std::byte b) { return b != std::byte{0}; }));
}

void Media::begin(std::uint64_t granule, bool wholly) noexcept {
  bits()[granule / 64] |= std::uint64_t{1} << (granule % 64);
  if (!wholly) std::memset(data_.data() + granule * kGranule, 0, kGranule);
}

void Media::clear(std::uint64_t first, std::uint64_t count) noexcept {
  if (fd_ >= 0) {
    clearFile(first, count);
    return;
  }
  for (std::uint64_t g = first; g < first + count; ++g) {
    if (g % 64 == 0 && first + count - g >= 64) {
      bits()[g / 64] = 0;
      g += 63;
    } else {
      bits()[g / 64] &= ~(std::uint64_t{1} << (g % 64));
    }
  }
  if (count >= kReleaseFrom) {
    ::madvise(data_.data() + first * kGranule, count * kGranule, MADV_DONTNEED);
  }
}

void Media::clearFile(std::uint64_t first, std::uint64_t count) noexcept {
  const auto offset = static_cast<off_t>(first * kGranule);
  const auto length = static_cast<off_t>(count * kGranule);
  if (count >= kReleaseFrom &&
      ::fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length) == 0) {
    return;
  }
  std::memset(data_.data() + offset, 0, count * kGranule);
}

void Media::setMarks(std::uint64_t granule, std::uint8_t marks) noexcept {
  const std::uint8_t before = this->marks(granule);
  if (before == 0 && marks != 0) ++marked_;
  if (before != 0 && marks == 0) --marked_;
  marks_.data()[granule] = std::byte{marks};
}

}  // namespace doorbell::emulator
