#include "platform/emulated/emulated_function.h"

#include <utility>

#include "platform/access.h"

namespace doorbell::platform {

namespace {

class EmulatedDma final : public DmaDomain {
 public:
  explicit EmulatedDma(std::shared_ptr<emulator::IovaTable> table) : table_(std::move(table)) {}
  std::uint64_t map(std::shared_ptr<HostMemory> memory) override {
    return table_->map(std::move(memory));
  }
  void unmap(std::uint64_t busAddress) noexcept override { table_->unmap(busAddress); }
  std::uint64_t reserve(std::size_t bytes) override { return table_->reserve(bytes); }

 private:
  std::shared_ptr<emulator::IovaTable> table_;
};

constexpr std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
constexpr std::uint32_t high(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32U);
}

}  // namespace

EmulatedFunction::EmulatedFunction(std::string address,
                                   std::shared_ptr<emulator::NvmSubsystem> subsystem)
    : address_(std::move(address)),
      subsystem_(std::move(subsystem)),
      device_(*subsystem_),
      dma_(std::make_shared<EmulatedDma>(device_.dma())) {
  for (unsigned i = 0; i < device_.shardCount(); ++i) asleep_[i] = &device_.asleep(i);
}

std::uint32_t EmulatedFunction::configRead(std::uint32_t offset, unsigned width) {
  checkConfigAccess(offset, width);
  return device_.configRead(offset, width);
}

void EmulatedFunction::configWrite(std::uint32_t offset, unsigned width, std::uint32_t value) {
  checkConfigAccess(offset, width);
  device_.configWrite(offset, width, value);
}

std::uint64_t EmulatedFunction::barSize() const noexcept { return device_.layout().bytes(); }

std::uint32_t EmulatedFunction::read32(std::uint64_t offset) {
  checkAccess(offset, 4, barSize(), "BAR0");
  return device_.barRead(low(offset));
}

std::uint64_t EmulatedFunction::read64(std::uint64_t offset) {
  checkAccess(offset, 8, barSize(), "BAR0");
  const std::uint64_t first = device_.barRead(low(offset));
  return first | (std::uint64_t{device_.barRead(low(offset) + 4)} << 32U);
}

void EmulatedFunction::write32(std::uint64_t offset, std::uint32_t value) {
  checkAccess(offset, 4, barSize(), "BAR0");
  device_.barWrite(low(offset), value);
}

void EmulatedFunction::write64(std::uint64_t offset, std::uint64_t value) {
  checkAccess(offset, 8, barSize(), "BAR0");
  device_.barWrite(low(offset), low(value));
  device_.barWrite(low(offset) + 4, high(value));
}

std::shared_ptr<HostMemory> EmulatedFunction::barMemory(unsigned bar, std::uint64_t offset,
                                                        std::size_t bytes) {
  const auto& memory = device_.memory().memory();
  const std::uint64_t first = device_.layout().memory();
  const bool inside = bar == 0 && memory != nullptr && offset >= first &&
                      offset - first <= memory->size() &&
                      bytes <= memory->size() - (offset - first);
  return inside ? HostMemory::of(memory->bytes().subspan(offset - first, bytes), memory) : nullptr;
}

DoorbellWindow EmulatedFunction::doorbells() noexcept {
  return {device_.doorbells().base(), asleep_.data(), device_.shardCount()};
}

unsigned EmulatedFunction::interruptVectors() const noexcept { return emulator::kInterruptVectors; }

int EmulatedFunction::interruptFd(unsigned vector) const { return device_.interrupts().fd(vector); }

void EmulatedFunction::maskInterrupt(unsigned vector, bool masked) noexcept {
  device_.maskInterrupt(vector, masked);
}

void EmulatedFunction::reset(ResetKind kind) {
  using Reset = emulator::ConfigSpace::Reset;
  device_.reset(kind == ResetKind::FunctionLevel ? Reset::FunctionLevel : Reset::Conventional);
}

void EmulatedFunction::lose(LossReason reason) {
  // The supply cannot come back before its loss was reported.
  const std::lock_guard switching(powerMutex_);
  loseLocked(reason);
}

void EmulatedFunction::finishVanishing() {
  using emulator::SelfLoss;
  const std::lock_guard switching(powerMutex_);
  const SelfLoss reason = device_.vanished();
  if (reason == SelfLoss::PowerLost) loseLocked(LossReason::PowerLost);
  if (reason == SelfLoss::Removed) loseLocked(LossReason::Removed);
}

void EmulatedFunction::loseLocked(LossReason reason) {
  if (!device_.powerOff()) return;
  std::function<void(LossReason)> handler;
  {
    const std::lock_guard lock(lossMutex_);
    handler = onLoss_;
  }
  if (handler) handler(reason);
}

void EmulatedFunction::on() {
  const std::lock_guard switching(powerMutex_);
  device_.powerOn();
}

void EmulatedFunction::onLoss(std::function<void(LossReason)> handler) {
  const std::lock_guard lock(lossMutex_);
  onLoss_ = std::move(handler);
}

}  // namespace doorbell::platform
