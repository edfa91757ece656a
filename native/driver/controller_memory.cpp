#include "driver/controller_memory.h"

#include <cstring>
#include <numeric>
#include <string>

#include "platform/error.h"

namespace doorbell::driver {
namespace {

constexpr std::size_t kPage = 4096;

constexpr std::size_t roundUp(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

std::size_t ControllerMemory::findFree(std::size_t bytes, std::size_t alignment) const {
  // What counts is the alignment of the bus address.
  const auto aligned = [&](std::size_t offset) {
    return static_cast<std::size_t>(roundUp(bus_ + offset, alignment) - bus_);
  };
  std::size_t candidate = aligned(0);
  for (const auto& [offset, length] : taken_) {
    if (candidate + bytes <= offset) break;
    if (offset + length > candidate) candidate = aligned(offset + length);
  }
  return candidate <= size() && bytes <= size() - candidate ? candidate : size();
}

ControllerMemory::Piece ControllerMemory::allocate(std::size_t bytes, std::size_t alignment) {
  const std::size_t wanted = roundUp(bytes, kPage);
  std::size_t offset = 0;
  {
    const std::scoped_lock lock(mutex_);
    offset = wanted < bytes ? size() : findFree(wanted, alignment);
    if (offset != size()) taken_.emplace(offset, wanted);
  }
  if (offset == size()) {
    throw Error("NO_MEMORY", "no " + std::to_string(bytes) +
                                 " bytes in a row are free in the Controller Memory Buffer: " +
                                 std::to_string(freeBytes()) + " of " + std::to_string(size()) +
                                 " are left; close buffers or delete queues in it first");
  }
  const auto part = memory_->bytes().subspan(offset, wanted);
  std::shared_ptr<void> owner(
      part.data(), [self = shared_from_this(), offset](void*) { self->release(offset); });
  std::memset(part.data(), 0, part.size());
  return {platform::HostMemory::of(part, std::move(owner)), bus_ + offset};
}

std::size_t ControllerMemory::freeBytes() const {
  const std::scoped_lock lock(mutex_);
  return std::accumulate(taken_.begin(), taken_.end(), size(),
                         [](std::size_t left, const auto& one) { return left - one.second; });
}

void ControllerMemory::release(std::size_t offset) noexcept {
  const std::scoped_lock lock(mutex_);
  taken_.erase(offset);
}

}  // namespace doorbell::driver
