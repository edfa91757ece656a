#pragma once

#include <cstddef>
#include <cstdint>

#include "emulator/mapped_region.h"

namespace doorbell::emulator {

/// The non-volatile medium, in granules of 4 KiB that exist only once written: everything else
/// reads as zeros. Memory, or a file mapped as it is. Device thread only.
class Media {
 public:
  static constexpr std::uint64_t kGranule = 4096;

  /// In memory; `bytes` is a multiple of kGranule. Throws Error{"NO_MEMORY"}.
  explicit Media(std::uint64_t bytes);
  /// On a file of at least `bytes`, whose marks of uncorrectable blocks are kept in `marks`. The
  /// file descriptor stays the caller's and must outlive this.
  Media(int fd, std::uint64_t bytes, MappedRegion marks);

  [[nodiscard]] std::uint64_t bytes() const noexcept { return data_.size(); }

  [[nodiscard]] bool written(std::uint64_t granule) const noexcept {
    return ((bits()[granule / 64] >> (granule % 64)) & 1U) != 0;
  }
  /// The granule's content; zeros where nothing is written.
  [[nodiscard]] const std::byte* read(std::uint64_t granule) const noexcept {
    return written(granule) ? data_.data() + granule * kGranule : kZeros;
  }
  /// The granule, to be written: wholly, or in part on top of what it holds.
  [[nodiscard]] std::byte* write(std::uint64_t granule, bool wholly) noexcept {
    if (!written(granule)) begin(granule, wholly);
    return data_.data() + granule * kGranule;
  }
  /// Room on the disk for granules about to be written: without it, a full disk would end this
  /// process with a SIGBUS. False when there is none.
  [[nodiscard]] bool reserve(std::uint64_t first, std::uint64_t count) noexcept {
    return fd_ < 0 || reserveFile(first, count);
  }
  /// Forgets the content: reads zeros from now on.
  void clear(std::uint64_t first, std::uint64_t count) noexcept;

  /// Uncorrectable blocks of a granule, one bit a block (512-byte blocks: 8 of them).
  [[nodiscard]] bool anyMarked() const noexcept { return marked_ != 0; }
  [[nodiscard]] std::uint8_t marks(std::uint64_t granule) const noexcept {
    return static_cast<std::uint8_t>(marks_.data()[granule]);
  }
  void setMarks(std::uint64_t granule, std::uint8_t marks) noexcept;

 private:
  static const std::byte kZeros[kGranule];

  [[nodiscard]] std::uint64_t* bits() const noexcept {
    return reinterpret_cast<std::uint64_t*>(written_.data());
  }
  void begin(std::uint64_t granule, bool wholly) noexcept;
  void clearFile(std::uint64_t first, std::uint64_t count) noexcept;
  [[nodiscard]] bool reserveFile(std::uint64_t first, std::uint64_t count) noexcept;
  void forget(std::uint64_t first, std::uint64_t count) noexcept;
  void mark(std::uint64_t first, std::uint64_t end) noexcept;
  void markData() noexcept;

  MappedRegion data_;
  MappedRegion written_;  ///< one bit a granule; where a file is clear there is a hole
  MappedRegion marks_;    ///< one byte a granule
  std::uint64_t marked_ = 0;
  int fd_ = -1;
};

}  // namespace doorbell::emulator
