#include "driver/dma_buffer.h"

#include <algorithm>
#include <cstring>

#include "driver/random.h"
#include "platform/error.h"
#include "spec/crc32c.h"

namespace doorbell::driver {

std::shared_ptr<DmaBuffer> DmaBuffer::allocate(std::size_t size) {
  return std::make_shared<DmaBuffer>(size);
}

DmaBuffer::DmaBuffer(std::size_t size) : size_(size) {
  if (size == 0) throw Error("OUT_OF_RANGE", "a DMA buffer has at least 1 byte");
  memory_ = platform::HostMemory::allocate(size);
}

void DmaBuffer::check(std::size_t offset, std::size_t length) const { (void)view(offset, length); }

DmaBuffer::View DmaBuffer::view(std::size_t offset, std::size_t length) const {
  const std::scoped_lock lock(mutex_);
  if (!memory_) throw Error("CLOSED", "this DMA buffer was closed");
  if (offset > size_ || length > size_ - offset) {
    throw Error("OUT_OF_RANGE", std::to_string(length) + " bytes from offset " +
                                    std::to_string(offset) + " do not fit a DMA buffer of " +
                                    std::to_string(size_) + " bytes");
  }
  return {memory_, memory_->bytes().subspan(offset, length)};
}

void DmaBuffer::read(std::size_t offset, std::span<std::byte> into) const {
  const View from = view(offset, into.size());
  std::copy(from.bytes.begin(), from.bytes.end(), into.begin());
}

void DmaBuffer::write(std::size_t offset, std::span<const std::byte> bytes) {
  const View to = view(offset, bytes.size());
  std::copy(bytes.begin(), bytes.end(), to.bytes.begin());
}

void DmaBuffer::fill(std::size_t offset, std::size_t length, std::span<const std::byte> pattern) {
  const View to = view(offset, length);
  if (pattern.empty()) throw Error("OUT_OF_RANGE", "a fill pattern has at least 1 byte");
  for (std::size_t i = 0; i < length; i += pattern.size()) {
    const std::size_t count = std::min(pattern.size(), length - i);
    std::memcpy(to.bytes.data() + i, pattern.data(), count);
  }
}

void DmaBuffer::fillIncrementing(std::size_t offset, std::size_t length, std::uint32_t first) {
  const View to = view(offset, length);
  for (std::size_t i = 0; i < length; i += sizeof(first), ++first) {
    std::memcpy(to.bytes.data() + i, &first, std::min(sizeof(first), length - i));
  }
}

void DmaBuffer::fillRandom(std::size_t offset, std::size_t length, std::uint64_t seed,
                           unsigned compressiblePercent) {
  constexpr std::size_t kChunk = 4096;
  const View to = view(offset, length);
  if (compressiblePercent > 100) {
    throw Error("OUT_OF_RANGE",
                "compressibility is 0 to 100 %, not " + std::to_string(compressiblePercent));
  }
  const std::size_t dense = kChunk - kChunk * compressiblePercent / 100;
  Random random(seed);
  for (std::size_t i = 0; i < length; i += sizeof(std::uint64_t)) {
    const std::uint64_t word = random.next();
    const std::size_t inChunk = i % kChunk;
    for (std::size_t k = 0; k < sizeof(word) && i + k < length; ++k) {
      const auto byte = static_cast<std::byte>((word >> (8 * k)) & 0xffU);
      to.bytes[i + k] = inChunk + k < dense ? byte : std::byte{0};
    }
  }
}

std::int64_t DmaBuffer::compare(std::size_t offset, const DmaBuffer& other, std::size_t otherOffset,
                                std::size_t length) const {
  constexpr std::size_t kChunk = 4096;
  const View left = view(offset, length);
  const View right = other.view(otherOffset, length);
  for (std::size_t i = 0; i < length; i += kChunk) {
    const std::size_t count = std::min(kChunk, length - i);
    const auto* a = left.bytes.data() + i;
    const auto* b = right.bytes.data() + i;
    if (std::memcmp(a, b, count) == 0) continue;
    return static_cast<std::int64_t>(i) + (std::mismatch(a, a + count, b).first - a);
  }
  return -1;
}

std::uint32_t DmaBuffer::crc32c(std::size_t offset, std::size_t length) const {
  const View from = view(offset, length);
  return spec::crc32c(from.bytes);
}

std::uint64_t DmaBuffer::busAddress(const std::shared_ptr<DmaScope>& scope, std::size_t offset) {
  check(offset, 0);
  if (inController_) {
    if (controllerScope_.lock() == scope) return controllerBus_ + offset;
    throw Error("NOT_SUPPORTED",
                "this DMA buffer lies in the Controller Memory Buffer of another controller, or of "
                "one that was closed: no other controller reaches it");
  }
  const std::scoped_lock lock(mutex_);
  std::erase_if(mappings_, [](const Mapped& mapped) { return mapped.scope.expired(); });
  const auto found = std::find_if(mappings_.begin(), mappings_.end(), [&](const Mapped& mapped) {
    return !mapped.scope.owner_before(scope) && !scope.owner_before(mapped.scope);
  });
  if (found != mappings_.end()) return found->mapping.busAddress() + offset;
  mappings_.push_back({scope, platform::DmaMapping(scope->domain, memory_)});
  return mappings_.back().mapping.busAddress() + offset;
}

void DmaBuffer::close() {
  const std::scoped_lock lock(mutex_);
  if (const auto pins = this->pins(); pins > 0) {
    throw Error("BUFFER_IN_USE", std::to_string(pins) +
                                     " commands in flight still use this DMA buffer: "
                                     "wait for them, or delete their queue pair, first");
  }
  mappings_.clear();
  memory_.reset();
}

}  // namespace doorbell::driver
