#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace doorbell::platform {

/// Page-aligned, zeroed memory of this process that can be mapped into one or more DMA domains.
/// Backed by a memfd, so that a platform whose controller lives in another process can share it.
/// Always held by shared_ptr: every mapping keeps it alive.
class HostMemory {
 public:
  /// `size` is rounded up to whole pages. Throws Error{"NO_MEMORY"}.
  static std::shared_ptr<HostMemory> allocate(std::size_t size);
  /// Memory that something else owns: `owner` is let go of with it, and there is no fd.
  static std::shared_ptr<HostMemory> of(std::span<std::byte> bytes, std::shared_ptr<void> owner);
  ~HostMemory();
  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;

  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] std::span<std::byte> bytes() const noexcept { return {data_, size_}; }

 private:
  HostMemory(std::byte* data, std::size_t size, int fd) noexcept
      : data_(data), size_(size), fd_(fd) {}
  std::byte* data_;
  std::size_t size_;
  int fd_;
  std::shared_ptr<void> owner_;
};

}  // namespace doorbell::platform
