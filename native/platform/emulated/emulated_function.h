#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "emulator/device.h"
#include "emulator/nvm_subsystem.h"
#include "platform/emulated/emulated_faults.h"
#include "platform/pci_function.h"

namespace doorbell::platform {

/// The PCI function of the emulated SSD. The SSD itself, with its media, outlives it.
class EmulatedFunction final : public PciFunction, private PowerSwitch {
 public:
  EmulatedFunction(std::string address, std::shared_ptr<emulator::NvmSubsystem> subsystem);

  [[nodiscard]] const std::string& address() const noexcept override { return address_; }
  std::uint32_t configRead(std::uint32_t offset, unsigned width) override;
  void configWrite(std::uint32_t offset, unsigned width, std::uint32_t value) override;
  [[nodiscard]] std::uint64_t barSize() const noexcept override;
  std::uint32_t read32(std::uint64_t offset) override;
  std::uint64_t read64(std::uint64_t offset) override;
  void write32(std::uint64_t offset, std::uint32_t value) override;
  void write64(std::uint64_t offset, std::uint64_t value) override;
  [[nodiscard]] std::shared_ptr<HostMemory> barMemory(unsigned bar, std::uint64_t offset,
                                                      std::size_t bytes) override;
  [[nodiscard]] DoorbellWindow doorbells() noexcept override;
  void wake(std::uint16_t cqid) noexcept override { device_.wake(cqid); }
  [[nodiscard]] std::shared_ptr<DmaDomain> dma() override { return dma_; }
  [[nodiscard]] unsigned interruptVectors() const noexcept override;
  void enableInterrupts(unsigned count) override { device_.enableInterrupts(count); }
  [[nodiscard]] int interruptFd(unsigned vector) const override;
  void maskInterrupt(unsigned vector, bool masked) noexcept override;
  void reset(ResetKind kind) override;
  [[nodiscard]] PowerSwitch* power() noexcept override { return this; }
  [[nodiscard]] FaultInjector* faults() noexcept override { return &faults_; }
  void onLoss(std::function<void(LossReason)> handler) override;
  [[nodiscard]] emulator::Device& device() noexcept { return device_; }

 private:
  void off() override { lose(LossReason::PowerLost); }
  void on() override;
  [[nodiscard]] bool isOn() const noexcept override { return device_.powered(); }

  void lose(LossReason reason);
  void loseLocked(LossReason reason);
  /// A fault made the device vanish by itself: its supply is cut, and the loss reported.
  void finishVanishing();

  const std::string address_;
  const std::shared_ptr<emulator::NvmSubsystem> subsystem_;
  emulator::Device device_;
  std::array<const std::atomic<std::uint32_t>*, emulator::kMaxShards> asleep_{};
  const std::shared_ptr<DmaDomain> dma_;
  std::mutex powerMutex_;  ///< one switching at a time, the report of a loss included
  std::mutex lossMutex_;
  std::function<void(LossReason)> onLoss_;
  /// Last: its thread uses all of the above.
  EmulatedFaults faults_{device_, [this](LossReason reason) { lose(reason); },
                         [this] { finishVanishing(); }};
};

}  // namespace doorbell::platform
