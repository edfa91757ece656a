#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "emulator/iova_table.h"
#include "spec/queue_entry.h"
#include "spec/sgl.h"
#include "spec/status.h"

namespace doorbell::emulator {

/// The host memory that a command's data pointer or metadata pointer describes: resolved and
/// checked as a whole before a byte moves, then read or written front to back. Valid within one
/// IovaTable::Pass.
class HostBuffer {
 public:
  /// What one command can move at most: CAP.MPSMIN pages times 2^kMdts.
  static constexpr std::uint8_t kMdts = 9;
  static constexpr std::size_t kMaxBytes = IovaTable::kPageBytes << kMdts;

  explicit HostBuffer(const IovaTable& dma) noexcept : dma_(dma) {}

  /// What one SGL can hold: pieces of memory that do not follow each other, and descriptors.
  static constexpr std::size_t kMaxSglPieces = 4096;
  static constexpr std::size_t kMaxSglDescriptors = 65536;

  /// The data pointer: PRPs or an SGL. `pageBytes` is CC.MPS in bytes; more than kMaxBytes are
  /// refused. On failure nothing may be transferred.
  spec::Status resolve(const spec::Sqe& sqe, std::size_t bytes, std::size_t pageBytes) noexcept;
  /// The metadata pointer.
  spec::Status resolveMetadata(const spec::Sqe& sqe, std::size_t bytes) noexcept;

  void write(const std::byte* from, std::size_t bytes) noexcept;  ///< device to host
  void read(std::byte* to, std::size_t bytes) noexcept;           ///< host to device
  /// True when the next bytes equal `with`.
  [[nodiscard]] bool equals(const std::byte* with, std::size_t bytes) noexcept;

 private:
  struct Segment {
    std::byte* data;
    std::size_t bytes;
  };

  /// Memory of this many pages is always in reach.
  static constexpr std::size_t kPages = kMaxBytes / IovaTable::kPageBytes;

  spec::Status append(std::uint64_t busAddress, std::size_t bytes) noexcept;
  void appendDiscarded(std::size_t bytes) noexcept;
  spec::Status resolvePrp(const spec::Sqe& sqe, std::size_t bytes, std::size_t pageBytes) noexcept;
  spec::Status resolveSgl(const spec::Sqe& sqe, std::size_t bytes) noexcept;
  spec::Status walkList(std::uint64_t list, std::size_t bytes, std::size_t pageBytes) noexcept;

  struct SglWalk {
    std::size_t left;         ///< bytes not described yet
    bool toHost;              ///< bit buckets swallow data; in the other direction they are ignored
    spec::Status tooShort;    ///< what an SGL with too few bytes gives
    std::size_t visited = 0;  ///< descriptors
  };
  spec::Status walkSgl(const spec::SglDescriptor& first, SglWalk walk) noexcept;
  spec::Status walkSegment(const spec::SglDescriptor& segment, SglWalk& walk,
                           spec::SglDescriptor& next) noexcept;
  spec::Status useDescriptor(const spec::SglDescriptor& descriptor, SglWalk& walk) noexcept;

  template <class Visit>
  void advance(std::size_t bytes, Visit visit) noexcept;

  const IovaTable& dma_;
  std::size_t count_ = 0;
  std::size_t current_ = 0;
  /// A piece of an SGL can add a page border.
  std::array<Segment, (2 * kMaxSglPieces) + kPages + 1> segments_;
  std::array<std::byte, IovaTable::kPageBytes> discarded_;  ///< what bit buckets take
};

}  // namespace doorbell::emulator
