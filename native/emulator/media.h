#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "emulator/granule_words.h"
#include "emulator/huge_pages.h"
#include "emulator/limits.h"
#include "emulator/mapped_region.h"

namespace doorbell::emulator {

/// What a namespace's medium is made of. Without a file it is memory of this process.
struct MediaParts {
  int fd = -1;                ///< the image; stays the giver's and must outlive the medium
  std::uint64_t offset = 0;   ///< of the namespace in the image
  std::uint64_t bytes = 0;    ///< a multiple of Media::kGranule
  int stateFd = -1;           ///< holds marks, holes and metadata
  std::uint64_t marksAt = 0;  ///< their places in it
  std::uint64_t holesAt = 0;
  std::uint64_t metadataAt = 0;
};

/// The non-volatile medium of one namespace, in granules of 4 KiB that exist only once written:
/// everything else reads as zeros. Beside a granule's data are its blocks' metadata, block by
/// block. Memory, or a file mapped as it is.
class Media {
 public:
  static constexpr std::uint64_t kGranule = 4096;
  static constexpr std::uint64_t kMetadata = 64;  ///< bytes beside a granule, for any LBA format
  /// Pages of a medium in memory that hold no granule, but what the write cache may bring back.
  static constexpr std::uint32_t kSparesPerShard = 1024;

  /// Throws Error{"NO_MEMORY"}.
  explicit Media(const MediaParts& parts);

  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
  /// Whoever looks at a granule or changes it holds its lock, but clear() takes them itself.
  [[nodiscard]] GranuleWords& words() noexcept { return words_; }

  [[nodiscard]] bool written(std::uint64_t granule) const noexcept {
    return words_.written(granule);
  }
  /// Blocks of the granule that are deallocated or were never written, one bit a block.
  [[nodiscard]] std::uint8_t holes(std::uint64_t granule) const noexcept {
    return written(granule) ? words_.holes(granule) : std::uint8_t{0xff};
  }
  void fillHoles(std::uint64_t granule, std::uint8_t blocks) noexcept {
    const std::uint8_t before = words_.holes(granule);
    if (before != 0) setHoles(granule, static_cast<std::uint8_t>(before & ~blocks));
  }
  void setHoles(std::uint64_t granule, std::uint8_t blocks) noexcept {
    words_.setHoles(granule, blocks);
    keepHoles(granule, blocks);
  }
  /// The granule's content; zeros where nothing is written.
  [[nodiscard]] const std::byte* read(std::uint64_t granule) const noexcept {
    return written(granule) ? page(words_.page(granule)) : kZeros;
  }
  /// The granule, to be written: wholly, or in part on top of what it holds.
  [[nodiscard]] std::byte* write(std::uint64_t granule, bool wholly) noexcept {
    if (!written(granule)) begin(granule, wholly);
    return page(words_.page(granule));
  }
  /// In memory the granule's content can be exchanged for that of another page: `other` becomes the
  /// granule's, and is the one it was in. A file has every granule in its place.
  [[nodiscard]] bool remaps() const noexcept { return fd_ < 0; }
  void exchange(std::uint64_t granule, std::uint64_t& other) noexcept {
    const std::uint64_t before = words_.page(granule);
    words_.setPage(granule, other);
    other = before;
  }
  [[nodiscard]] std::uint64_t sparePage(std::uint32_t index) const noexcept {
    return bytes_ / kGranule + index;
  }
  [[nodiscard]] std::byte* page(std::uint64_t number) const noexcept {
    return data_.data() + number * kGranule;
  }
  /// The granule is going to be read: the processor streams what follows its first lines.
  void foreseeRead(std::uint64_t granule) const noexcept {
    const std::byte* first = page(words_.page(granule));
    for (std::size_t line = 0; line < 8; ++line) __builtin_prefetch(first + line * kLine);
  }
  /// The page is going to be written: stores do not wait for lines that are there.
  void foreseeWrite(std::uint64_t number) const noexcept {
    const std::byte* first = page(number);
    for (std::size_t line = 0; line < 48; ++line) __builtin_prefetch(first + line * kLine);
  }
  /// Makes memory that was written all over cheaper to reach; true when there was some.
  bool mergePages() noexcept { return hugePages_.mergeNext(data_.data()); }

  /// Data is neither kept nor transferred.
  void setDiscards(bool discards) noexcept { discards_ = discards; }
  [[nodiscard]] bool discards() const noexcept { return discards_; }
  using Metadata = std::array<std::byte, kMetadata>;
  /// Bytes of metadata a block; 0: it takes no room. `unwritten`: what all blocks of a granule
  /// have that were never written, or deallocated.
  void setMetadata(std::uint32_t bytes, const Metadata& unwritten) noexcept {
    metadataBytes_ = bytes;
    unwrittenMetadata_ = unwritten;
  }
  [[nodiscard]] const Metadata& unwrittenMetadata() const noexcept { return unwrittenMetadata_; }
  [[nodiscard]] std::uint32_t metadataBytes() const noexcept { return metadataBytes_; }
  [[nodiscard]] bool hasMetadata() const noexcept { return metadataBytes_ != 0; }
  /// The metadata of the granule's blocks.
  [[nodiscard]] const std::byte* readMetadata(std::uint64_t granule) const noexcept {
    return written(granule) ? metadata_.data() + granule * kMetadata : unwrittenMetadata_.data();
  }
  /// The same, to be written after write() was asked for the granule.
  [[nodiscard]] std::byte* writeMetadata(std::uint64_t granule) noexcept {
    return metadata_.data() + granule * kMetadata;
  }
  /// Room on the disk for granules about to be written: without it, a full disk would end this
  /// process with a SIGBUS. False when there is none.
  [[nodiscard]] bool reserve(std::uint64_t first, std::uint64_t count) noexcept {
    return fd_ < 0 || reserveFile(first, count);
  }
  /// Forgets the content, also what a power loss would have brought back: reads zeros from now on.
  void clear(std::uint64_t first, std::uint64_t count) noexcept;
  /// Forgets everything, marks too.
  void eraseAll() noexcept;

  /// Uncorrectable blocks of a granule, one bit a block (512-byte blocks: 8 of them).
  [[nodiscard]] bool anyMarked() const noexcept {
    return marked_->load(std::memory_order_relaxed) != 0;
  }
  [[nodiscard]] std::uint8_t marks(std::uint64_t granule) const noexcept {
    return static_cast<std::uint8_t>(marks_.data()[granule]);
  }
  void setMarks(std::uint64_t granule, std::uint8_t marks) noexcept;

 private:
  static const std::byte kZeros[kGranule];
  static constexpr std::size_t kLine = 64;

  void begin(std::uint64_t granule, bool wholly) noexcept;
  void release(std::uint64_t first, std::uint64_t count) noexcept;
  void releasePages(std::uint64_t first, std::uint64_t end) noexcept;
  [[nodiscard]] bool reserveFile(std::uint64_t first, std::uint64_t count) noexcept;
  void mark(std::uint64_t first, std::uint64_t end) noexcept;
  void markData() noexcept;
  /// For the next process: what its words hold of the granule, once the file has data there.
  void keepHoles(std::uint64_t granule, std::uint8_t blocks) noexcept {
    if (fd_ >= 0) holes_.data()[granule] = std::byte{blocks};
  }

  std::uint64_t bytes_;
  MappedRegion data_;
  MappedRegion metadata_;
  HugePages hugePages_;
  GranuleWords words_;  ///< what is not written there is a hole in the file
  MappedRegion marks_;  ///< one byte a granule
  MappedRegion holes_;  ///< the same, of a file
  std::unique_ptr<std::atomic<std::uint64_t>> marked_;  ///< granules with marks
  bool discards_ = false;
  int fd_ = -1;
  std::uint64_t fileOffset_ = 0;
  int stateFd_ = -1;
  std::uint32_t metadataBytes_ = 0;
  Metadata unwrittenMetadata_{};
  std::uint64_t metadataAt_ = 0;
};

}  // namespace doorbell::emulator
