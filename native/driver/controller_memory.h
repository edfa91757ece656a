#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "platform/host_memory.h"
#include "spec/registers.h"

namespace doorbell::driver {

/// The Controller Memory Buffer of one controller: where the host sees it, where the controller
/// does, and which parts are taken. Thread safe.
class ControllerMemory final : public std::enable_shared_from_this<ControllerMemory> {
 public:
  /// A part of it, free again with its memory.
  struct Piece {
    std::shared_ptr<platform::HostMemory> memory;
    std::uint64_t bus = 0;
  };

  ControllerMemory(std::shared_ptr<platform::HostMemory> memory, std::uint64_t bus,
                   spec::reg::Cmbsz holds) noexcept
      : memory_(std::move(memory)), bus_(bus), holds_(holds) {}

  /// Zeroed; its bus address is a multiple of `alignment`, a power of two of at least 4096. Throws
  /// Error{"NO_MEMORY"} saying how much is free.
  [[nodiscard]] Piece allocate(std::size_t bytes, std::size_t alignment);

  [[nodiscard]] std::size_t size() const noexcept { return memory_->size(); }
  [[nodiscard]] std::size_t freeBytes() const;
  [[nodiscard]] std::uint64_t bus() const noexcept { return bus_; }
  /// What it may hold (CMBSZ).
  [[nodiscard]] spec::reg::Cmbsz holds() const noexcept { return holds_; }

 private:
  /// Where that many bytes are free; size() when nowhere.
  [[nodiscard]] std::size_t findFree(std::size_t bytes, std::size_t alignment) const;
  void release(std::size_t offset) noexcept;

  const std::shared_ptr<platform::HostMemory> memory_;
  const std::uint64_t bus_;
  const spec::reg::Cmbsz holds_;
  mutable std::mutex mutex_;
  std::map<std::size_t, std::size_t> taken_;  ///< bytes by offset
};

}  // namespace doorbell::driver
