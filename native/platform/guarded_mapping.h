#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace doorbell::platform {

/// A shared mapping whose pages may go away under the reader: a file that another process cuts off,
/// a BAR that stops being decoded. Touching such a page raises SIGBUS, which here ends nobody: the
/// mapping becomes memory of this process that holds one repeated byte, and says so.
class GuardedMapping {
 public:
  GuardedMapping() = default;
  /// Readable and writable; `fill` is what every byte reads once it broke: 0, or ff as PCIe reads
  /// a device that is gone. errno says why data() is null afterwards.
  GuardedMapping(int fd, std::uint64_t offset, std::size_t bytes, std::uint8_t fill) noexcept;
  GuardedMapping(GuardedMapping&& other) noexcept;
  GuardedMapping& operator=(GuardedMapping&& other) noexcept;
  ~GuardedMapping();

  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_; }
  /// Somebody touched a page that was not there.
  [[nodiscard]] bool broken() const noexcept;
  /// As if a page had gone: whoever still uses it reads the fill. False when the system refuses.
  bool abandon() noexcept;
  /// Maps the same memory again, at the same place. False when the system refuses.
  bool mend(int fd, std::uint64_t offset) noexcept;

 private:
  struct Watch;
  friend struct Watches;
  std::byte* data_ = nullptr;
  std::size_t bytes_ = 0;
  Watch* watch_ = nullptr;
};

}  // namespace doorbell::platform
