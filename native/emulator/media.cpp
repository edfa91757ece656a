#include "emulator/media.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace doorbell::emulator {

alignas(64) const std::byte Media::kZeros[kGranule] = {};

namespace {

/// Fewer granules are not worth the system call that gives their memory back.
constexpr std::uint64_t kReleaseFrom = 16;

constexpr std::uint64_t kSpareBytes = kMaxShards * Media::kSparesPerShard * Media::kGranule;

MappedRegion regionOf(int fd, std::uint64_t offset, std::uint64_t bytes, std::uint64_t spare = 0) {
  return fd < 0 ? MappedRegion::anonymous(bytes + spare) : MappedRegion::ofFile(fd, offset, bytes);
}

/// Room in a sparse file. A file system that cannot promise it is trusted to have it.
bool reserveRoom(int fd, std::uint64_t offset, std::uint64_t bytes) noexcept {
  int result = 0;
  do {
    result =
        ::fallocate(fd, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset), static_cast<off_t>(bytes));
  } while (result != 0 && errno == EINTR);
  return result == 0 || errno == EOPNOTSUPP;
}

}  // namespace

Media::Media(const MediaParts& parts)
    : bytes_(parts.bytes),
      data_(regionOf(parts.fd, parts.offset, parts.bytes, kSpareBytes)),
      metadata_(regionOf(parts.stateFd, parts.metadataAt, parts.bytes / kGranule * kMetadata)),
      hugePages_(parts.fd < 0 ? parts.bytes / kGranule : 0),
      words_(parts.bytes / kGranule),
      marks_(regionOf(parts.stateFd, parts.marksAt, parts.bytes / kGranule)),
      holes_(parts.fd < 0
                 ? MappedRegion()
                 : MappedRegion::ofFile(parts.stateFd, parts.holesAt, parts.bytes / kGranule)),
      marked_(std::make_unique<std::atomic<std::uint64_t>>(0)),
      fd_(parts.fd),
      fileOffset_(parts.offset),
      stateFd_(parts.stateFd),
      metadataAt_(parts.metadataAt) {
  if (fd_ < 0) return;
  markData();
  const auto* first = marks_.data();
  *marked_ = static_cast<std::uint64_t>(std::count_if(
      first, first + bytes() / kGranule, [](std::byte b) { return b != std::byte{0}; }));
}

void Media::begin(std::uint64_t granule, bool wholly) noexcept {
  words_.setWritten(granule);
  setHoles(granule, wholly ? 0 : 0xff);
  hugePages_.written(granule);
  if (!wholly) std::memset(page(words_.page(granule)), 0, kGranule);
  if (hasMetadata()) std::memcpy(writeMetadata(granule), unwrittenMetadata_.data(), kMetadata);
}

void Media::clear(std::uint64_t first, std::uint64_t count) noexcept {
  words_.forEachTouched(first, first + count, [this](std::uint64_t from, std::uint64_t end) {
    for (std::uint64_t g = from; g < end; ++g) words_.lock(g);
    release(from, end - from);
    for (std::uint64_t g = from; g < end; ++g) {
      if (written(g)) {
        keepHoles(g, 0xff);  // the file may have data there all the same
        hugePages_.forgotten(g);
      }
      words_.forget(g);
      words_.unlock(g);
    }
  });
}

/// Gives the room of granules back, where that is worth a system call and possible. A file's
/// content must go now: its holes are what a later process takes for never written.
void Media::release(std::uint64_t first, std::uint64_t count) noexcept {
  if (fd_ < 0) {
    if (count >= kReleaseFrom) releasePages(first, first + count);
    return;
  }
  const auto offset = static_cast<off_t>(fileOffset_ + first * kGranule);
  const auto length = static_cast<off_t>(count * kGranule);
  if (::fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length) == 0) return;
  for (std::uint64_t g = first; g < first + count; ++g) {
    if (!written(g)) continue;
    std::memset(page(g), 0, kGranule);
    if (hasMetadata()) std::memcpy(writeMetadata(g), unwrittenMetadata_.data(), kMetadata);
  }
}

/// Granules that follow each other need not be in pages that do.
void Media::releasePages(std::uint64_t first, std::uint64_t end) noexcept {
  while (first < end) {
    const std::uint64_t from = words_.page(first);
    std::uint64_t count = 1;
    while (first + count < end && words_.page(first + count) == from + count) ++count;
    ::madvise(page(from), count * kGranule, MADV_DONTNEED);
    first += count;
  }
}

bool Media::reserveFile(std::uint64_t first, std::uint64_t count) noexcept {
  const std::uint64_t end = first + count;
  while (first < end && written(first)) ++first;
  if (first == end) return true;
  return reserveRoom(fd_, fileOffset_ + first * kGranule, (end - first) * kGranule) &&
         (!hasMetadata() ||
          reserveRoom(stateFd_, metadataAt_ + first * kMetadata, (end - first) * kMetadata));
}

/// Where the file has data. Holes are never touched: on tmpfs even reading one takes memory.
void Media::markData() noexcept {
  const auto begin = static_cast<off_t>(fileOffset_);
  const auto end = begin + static_cast<off_t>(bytes_);
  off_t hole = begin;
  while (hole < end) {
    const off_t data = ::lseek(fd_, hole, SEEK_DATA);
    if (data < 0 && errno == ENXIO) return;  // a hole up to the end
    const off_t next = data < 0 ? -1 : ::lseek(fd_, data, SEEK_HOLE);
    const bool known = next > data;
    if (data >= end) return;
    mark(static_cast<std::uint64_t>((known ? data : hole) - begin) / kGranule,
         (static_cast<std::uint64_t>((known ? std::min(next, end) : end) - begin) + kGranule - 1) /
             kGranule);
    hole = known ? next : end;
  }
}

void Media::mark(std::uint64_t first, std::uint64_t end) noexcept {
  for (std::uint64_t g = first; g < end; ++g) {
    words_.setWritten(g);
    words_.setHoles(g, static_cast<std::uint8_t>(holes_.data()[g]));
  }
}

void Media::setMarks(std::uint64_t granule, std::uint8_t marks) noexcept {
  const std::uint8_t before = this->marks(granule);
  if (before == marks) return;
  if (before == 0 && marks != 0) marked_->fetch_add(1);
  if (before != 0 && marks == 0) marked_->fetch_sub(1);
  marks_.data()[granule] = std::byte{marks};
}

void Media::eraseAll() noexcept {
  const std::uint64_t granules = bytes() / kGranule;
  clear(0, granules);
  for (std::uint64_t g = 0; anyMarked() && g < granules; ++g) setMarks(g, 0);
}

}  // namespace doorbell::emulator
