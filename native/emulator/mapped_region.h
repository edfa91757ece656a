#pragma once

#include <cstddef>
#include <cstdint>

#include "platform/file_descriptor.h"

namespace doorbell::emulator {

/// A mapping of this process: sparse zeroed memory (pages appear when touched), or a file.
class MappedRegion {
 public:
  MappedRegion() = default;
  /// Throws Error{"NO_MEMORY"}.
  static MappedRegion anonymous(std::uint64_t bytes);
  /// Shared mapping of `bytes` from `offset` (page aligned). Throws Error{"NO_MEMORY"}.
  static MappedRegion ofFile(int fd, std::uint64_t offset, std::uint64_t bytes);
  /// Zeroed memory behind a file descriptor, from `offset` in it, which another process can map too
  /// and nobody can cut off. Throws Error{"NO_MEMORY"}.
  static MappedRegion shareable(std::uint64_t offset, std::uint64_t bytes,
                                platform::FileDescriptor& fd);
  MappedRegion(MappedRegion&& other) noexcept;
  MappedRegion& operator=(MappedRegion&& other) noexcept;
  ~MappedRegion();

  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  MappedRegion(std::byte* data, std::uint64_t size) noexcept : data_(data), size_(size) {}
  std::byte* data_ = nullptr;
  std::uint64_t size_ = 0;
};

}  // namespace doorbell::emulator
