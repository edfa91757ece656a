#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "platform/error.h"
#include "platform/host_memory.h"

namespace doorbell::platform {

/// The bus address space of one controller (its IOMMU domain).
class DmaDomain {
 public:
  virtual ~DmaDomain() = default;
  /// Makes the memory reachable by the controller; returns the bus address of its first byte,
  /// page aligned and contiguous. Thread safe. Throws Error{"DMA_MAP_FAILED"}.
  virtual std::uint64_t map(std::shared_ptr<HostMemory> memory) = 0;
  /// The controller can no longer reach it once this returns. Thread safe.
  virtual void unmap(std::uint64_t busAddress) noexcept = 0;
  /// Bus addresses for the Controller Memory Buffer: page aligned, and no mapping gets them as long
  /// as the domain lives. Throws Error{"NOT_SUPPORTED"} where there are none to be had.
  virtual std::uint64_t reserve(std::size_t bytes) {
    throw Error("NOT_SUPPORTED", "this platform has no bus addresses for the " +
                                     std::to_string(bytes) +
                                     " bytes of a Controller Memory Buffer");
  }
};

/// One mapping, ended by its destructor.
class DmaMapping {
 public:
  DmaMapping() = default;
  DmaMapping(std::shared_ptr<DmaDomain> domain, std::shared_ptr<HostMemory> memory)
      : domain_(std::move(domain)),
        memory_(std::move(memory)),
        busAddress_(domain_->map(memory_)) {}
  DmaMapping(DmaMapping&& other) noexcept { *this = std::move(other); }
  DmaMapping& operator=(DmaMapping&& other) noexcept {
    std::swap(domain_, other.domain_);
    std::swap(memory_, other.memory_);
    std::swap(busAddress_, other.busAddress_);
    return *this;
  }
  ~DmaMapping() {
    if (domain_) domain_->unmap(busAddress_);
  }
  [[nodiscard]] std::uint64_t busAddress() const noexcept { return busAddress_; }
  [[nodiscard]] const std::shared_ptr<HostMemory>& memory() const noexcept { return memory_; }
  [[nodiscard]] std::byte* data() const noexcept { return memory_->data(); }

 private:
  std::shared_ptr<DmaDomain> domain_;
  std::shared_ptr<HostMemory> memory_;
  std::uint64_t busAddress_ = 0;
};

}  // namespace doorbell::platform
