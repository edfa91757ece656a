#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "emulator/iova_table.h"
#include "platform/file_descriptor.h"
#include "platform/vfio_user/protocol.h"

namespace doorbell::emulator {

/// The memory a vfio-user client offers for DMA. A client may take its files away again, or cut
/// them off: what is then read is zeros, and nobody dies of it. Everything ends with this.
class ClientMemory {
 public:
  /// Mappings of one client: QEMU and SPDK have hundreds, a script in a loop would have them all.
  static constexpr std::size_t kMaxMappings = 16384;

  explicit ClientMemory(std::shared_ptr<IovaTable> table) : table_(std::move(table)) {}
  ~ClientMemory();
  ClientMemory(const ClientMemory&) = delete;
  ClientMemory& operator=(const ClientMemory&) = delete;

  /// Without a file, or without permission to write, the range is known and cannot be reached.
  /// An errno, 0 for success.
  [[nodiscard]] int map(const platform::vfio_user::DmaMap& wanted,
                        const platform::FileDescriptor* file);
  /// Exactly one earlier range, or all of them. An errno, 0 for success.
  [[nodiscard]] int unmap(const platform::vfio_user::DmaUnmap& wanted);
  [[nodiscard]] std::size_t count() const noexcept { return ranges_.size(); }

 private:
  struct Range {
    std::uint64_t bytes;
    bool reachable;
  };
  [[nodiscard]] bool overlaps(std::uint64_t address, std::uint64_t bytes) const noexcept;
  void forget(std::uint64_t address, const Range& range) noexcept;

  std::shared_ptr<IovaTable> table_;
  std::map<std::uint64_t, Range> ranges_;  ///< by first address
};

}  // namespace doorbell::emulator
