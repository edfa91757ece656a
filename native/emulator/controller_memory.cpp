#include "emulator/controller_memory.h"

#include <cstring>

#include "spec/registers.h"

namespace doorbell::emulator {

namespace reg = spec::reg;

namespace {

constexpr std::uint64_t kAddress = ~std::uint64_t{0xfff};  ///< CBA
constexpr std::uint64_t kWritable = kAddress | reg::kCmbRegistersEnabled | reg::kCmbSpaceEnabled;
constexpr std::uint32_t kPage = BarLayout::kPage;  ///< CMBSZ.SZU is 0: units of 4 KiB

}  // namespace

ControllerMemory::ControllerMemory(const BarLayout& layout, IovaTable& dma)
    : barOffset_(layout.memory()), bytes_(layout.memoryBytes), dma_(dma) {
  if (bytes_ != 0) memory_ = platform::HostMemory::allocate(bytes_);
}

std::uint32_t ControllerMemory::readProperty(std::uint32_t offset) const noexcept {
  const std::uint64_t control = control_.load();
  const bool shown = (control & reg::kCmbRegistersEnabled) != 0;
  switch (offset) {
    case reg::kCmbloc:  // in BAR0
      return shown ? (barOffset_ / kPage << 12U) | reg::Cmbloc::kMixed : 0;
    case reg::kCmbsz:
      return shown ? (bytes_ / kPage << 12U) | reg::Cmbsz::kEverything : 0;
    case reg::kCmbmsc:
      return static_cast<std::uint32_t>(control);
    case reg::kCmbmsc + 4:
      return static_cast<std::uint32_t>(control >> 32U);
    case reg::kCmbsts:
      return status_.load();
    default:
      return 0;
  }
}

void ControllerMemory::writeControl(bool upper, std::uint32_t value) noexcept {
  if (!exists()) return;
  const unsigned shift = upper ? 32U : 0U;
  const std::uint64_t others = control_.load() & ~(std::uint64_t{0xffffffff} << shift);
  control_.store((others | (std::uint64_t{value} << shift)) & kWritable);
  apply();
}

void ControllerMemory::reset() noexcept {
  control_.store(0);
  apply();
}

/// CMSE lets addresses from CBA on refer to the buffer, unless it would not end in the address
/// space.
void ControllerMemory::apply() noexcept {
  const std::uint64_t control = control_.load();
  const std::uint64_t base = control & kAddress;
  const bool wanted = (control & reg::kCmbSpaceEnabled) != 0;
  const bool fits = base <= UINT64_MAX - bytes_ + 1;
  status_.store(wanted && !fits ? reg::kCmbAddressInvalid : 0);
  if (wanted && fits) {
    dma_.setOwn(base, memory_->data(), bytes_);
  } else {
    dma_.setOwn(0, nullptr, 0);
  }
}

void ControllerMemory::losePower() noexcept {
  if (exists()) std::memset(memory_->data(), 0, bytes_);
}

std::uint32_t ControllerMemory::read(std::uint32_t offset) const noexcept {
  std::uint32_t value = 0;
  if (offset < bytes_) std::memcpy(&value, memory_->data() + offset, sizeof(value));
  return value;
}

void ControllerMemory::write(std::uint32_t offset, std::uint32_t value) noexcept {
  if (offset < bytes_) std::memcpy(memory_->data() + offset, &value, sizeof(value));
}

}  // namespace doorbell::emulator
