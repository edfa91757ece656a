#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "emulator/iova_table.h"
#include "spec/queue_entry.h"
#include "spec/status.h"

namespace doorbell::emulator {

/// The host memory that a command's PRP1 and PRP2 describe: resolved and checked as a whole before
/// a byte moves, then read or written front to back. Valid within one IovaTable::Pass.
class HostBuffer {
 public:
  /// What one command can move at most: CAP.MPSMIN pages times 2^kMdts.
  static constexpr std::uint8_t kMdts = 9;
  static constexpr std::size_t kMaxBytes = IovaTable::kPageBytes << kMdts;

  explicit HostBuffer(const IovaTable& dma) noexcept : dma_(dma) {}

  /// `pageBytes` is CC.MPS in bytes; `bytes` <= kMaxBytes. On failure nothing may be transferred.
  spec::Status resolve(const spec::Sqe& sqe, std::size_t bytes, std::size_t pageBytes) noexcept;

  void write(const std::byte* from, std::size_t bytes) noexcept;  ///< device to host
  void read(std::byte* to, std::size_t bytes) noexcept;           ///< host to device
  /// True when the next bytes equal `with`.
  [[nodiscard]] bool equals(const std::byte* with, std::size_t bytes) noexcept;

 private:
  struct Segment {
    std::byte* data;
    std::size_t bytes;
  };

  spec::Status append(std::uint64_t busAddress, std::size_t bytes) noexcept;
  spec::Status walkList(std::uint64_t list, std::size_t bytes, std::size_t pageBytes) noexcept;
  template <class Visit>
  void advance(std::size_t bytes, Visit visit) noexcept;

  const IovaTable& dma_;
  std::size_t count_ = 0;
  std::size_t current_ = 0;
  std::array<Segment, (kMaxBytes / IovaTable::kPageBytes) + 1> segments_;
};

}  // namespace doorbell::emulator
