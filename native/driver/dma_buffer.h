#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "driver/controller_memory.h"
#include "platform/dma_domain.h"

namespace doorbell::driver {

/// The life of one controller's DMA domain: a buffer's mapping into it is dropped after the scope
/// is gone.
struct DmaScope {
  std::shared_ptr<platform::DmaDomain> domain;
};

/// Memory a controller can reach, mapped lazily into each controller's domain, pinned while
/// commands use it. Thread safe, but not against a device writing the same bytes. Every offset and
/// length is checked: Error{"OUT_OF_RANGE"} names both; after close(): Error{"CLOSED"}.
class DmaBuffer {
 public:
  /// `size` in bytes, at least 1. Throws Error{"OUT_OF_RANGE"}, Error{"NO_MEMORY"}.
  static std::shared_ptr<DmaBuffer> allocate(std::size_t size);
  explicit DmaBuffer(std::size_t size);
  /// In the Controller Memory Buffer: only the controller of that scope reaches it.
  DmaBuffer(std::size_t size, ControllerMemory::Piece piece, const std::shared_ptr<DmaScope>& scope)
      : size_(size),
        memory_(std::move(piece.memory)),
        controllerBus_(piece.bus),
        controllerScope_(scope),
        inController_(true) {}
  DmaBuffer(const DmaBuffer&) = delete;
  DmaBuffer& operator=(const DmaBuffer&) = delete;

  /// As asked for, in bytes.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Commands in flight (or finished and not reaped, or quarantined) that use it.
  [[nodiscard]] std::uint32_t pins() const noexcept {
    return pins_.load(std::memory_order_acquire);
  }

  /// Bytes of it, and what keeps them alive.
  struct View {
    std::shared_ptr<platform::HostMemory> memory;
    std::span<std::byte> bytes;
  };
  [[nodiscard]] View view(std::size_t offset, std::size_t length) const;

  void read(std::size_t offset, std::span<std::byte> into) const;
  void write(std::size_t offset, std::span<const std::byte> bytes);
  /// Repeats `pattern` over the range; an empty pattern is OUT_OF_RANGE.
  void fill(std::size_t offset, std::size_t length, std::span<const std::byte> pattern);
  /// 32-bit little-endian words counting up from `first`.
  void fillIncrementing(std::size_t offset, std::size_t length, std::uint32_t first);
  /// Deterministic per seed; of every 4 KiB the last `compressiblePercent` % are zeros.
  void fillRandom(std::size_t offset, std::size_t length, std::uint64_t seed,
                  unsigned compressiblePercent);
  /// Relative offset of the first byte that differs, -1 when equal.
  [[nodiscard]] std::int64_t compare(std::size_t offset, const DmaBuffer& other,
                                     std::size_t otherOffset, std::size_t length) const;
  [[nodiscard]] std::uint32_t crc32c(std::size_t offset, std::size_t length) const;

  /// Bus address of byte `offset` in that domain; maps the buffer on first use.
  /// (Controller::dmaScope().) Throws Error{"NOT_SUPPORTED"} when it lies in another controller.
  [[nodiscard]] std::uint64_t busAddress(const std::shared_ptr<DmaScope>& scope,
                                         std::size_t offset);
  /// Throws Error{"BUFFER_IN_USE"} while pinned. A second close is nothing.
  void close();
  /// Throws Error{"OUT_OF_RANGE"} unless offset + length fits, Error{"CLOSED"} after close().
  void check(std::size_t offset, std::size_t length) const;

 private:
  friend class Pin;
  struct Mapped {
    std::weak_ptr<DmaScope> scope;
    platform::DmaMapping mapping;
  };

  std::size_t size_;
  std::atomic<std::uint32_t> pins_{0};
  mutable std::mutex mutex_;
  std::shared_ptr<platform::HostMemory> memory_;  ///< null after close()
  std::vector<Mapped> mappings_;
  const std::uint64_t controllerBus_ = 0;
  const std::weak_ptr<DmaScope> controllerScope_{};
  const bool inController_ = false;
};

/// Keeps a buffer from being closed or freed.
class Pin {
 public:
  Pin() = default;
  explicit Pin(std::shared_ptr<DmaBuffer> buffer) noexcept : buffer_(std::move(buffer)) {
    if (buffer_) buffer_->pins_.fetch_add(1, std::memory_order_acq_rel);
  }
  Pin(Pin&& other) noexcept : buffer_(std::exchange(other.buffer_, nullptr)) {}
  Pin& operator=(Pin&& other) noexcept {
    std::swap(buffer_, other.buffer_);
    return *this;
  }
  ~Pin() { release(); }
  void release() noexcept {
    if (!buffer_) return;
    buffer_->pins_.fetch_sub(1, std::memory_order_acq_rel);
    buffer_.reset();
  }

 private:
  std::shared_ptr<DmaBuffer> buffer_;
};

}  // namespace doorbell::driver
