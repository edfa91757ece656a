#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "platform/guarded_mapping.h"
#include "platform/loss_report.h"
#include "platform/message_interrupts.h"
#include "platform/pci_function.h"
#include "platform/vfio/device.h"
#include "platform/vfio/group.h"

namespace doorbell::platform::vfio {

/// A PCIe NVMe controller bound to vfio-pci. BAR0 is mapped: what touches it while it is not
/// decoded (a reset, D3hot, removal) reads all ones. One thread watches for removal, for the
/// kernel's wish to have the device back, and for fatal errors: all of them are a loss.
class Function final : public PciFunction {
 public:
  explicit Function(const PciPlace& place);
  ~Function() override;

  [[nodiscard]] const std::string& address() const noexcept override { return address_; }
  std::uint32_t configRead(std::uint32_t offset, unsigned width) override;
  void configWrite(std::uint32_t offset, unsigned width, std::uint32_t value) override;
  [[nodiscard]] std::uint64_t barSize() const noexcept override { return bar_.size(); }
  std::uint32_t read32(std::uint64_t offset) override;
  std::uint64_t read64(std::uint64_t offset) override;
  void write32(std::uint64_t offset, std::uint32_t value) override;
  void write64(std::uint64_t offset, std::uint64_t value) override;
  [[nodiscard]] DoorbellWindow doorbells() noexcept override;
  void wake(std::uint16_t /*cqid*/) noexcept override {}
  [[nodiscard]] std::shared_ptr<DmaDomain> dma() override { return group_; }
  [[nodiscard]] unsigned interruptVectors() const noexcept override { return vectors_; }
  void enableInterrupts(unsigned count) override;
  std::optional<unsigned> enableMsi(unsigned wanted) override;
  [[nodiscard]] int interruptFd(unsigned vector) const override { return interrupts_.fd(vector); }
  [[nodiscard]] Masking masking() const noexcept override {
    return table_ == 0 ? Masking::None : Masking::Cheap;
  }
  void maskInterrupt(unsigned vector, bool masked) noexcept override;
  void reset(ResetKind kind) override;
  void onLoss(std::function<void(LossReason)> handler) override {
    loss_.listen(std::move(handler));
  }

 private:
  void mapBar();
  void findTable();
  void watch() noexcept;
  /// The kernel wants it back, or it is gone: everything of it is closed, in the order that lets
  /// an unplug go on.
  void lose() noexcept;
  [[nodiscard]] bool gone() const noexcept;
  [[nodiscard]] bool decoded() const noexcept;
  /// True when the BAR is as it should be, also if it just was not.
  [[nodiscard]] bool barReady() noexcept;
  void turnOff(std::uint32_t index) noexcept;

  template <class Word>
  [[nodiscard]] Word load(std::uint64_t offset) noexcept;
  template <class Word>
  void store(std::uint64_t offset, Word value) noexcept;

  const std::string address_;
  const std::shared_ptr<Group> group_;
  LossReport loss_;
  mutable std::mutex mutex_;  ///< the device's file, against its end
  Device device_;
  Region barRegion_;
  GuardedMapping bar_;
  std::uint64_t table_ = 0;  ///< where the MSI-X table lies in BAR0; 0: out of reach
  std::mutex interruptMutex_;
  MessageInterrupts interrupts_;
  unsigned vectors_ = 0;
  std::atomic<bool> lost_{false};
  std::atomic<bool> resetting_{false};
  FileDescriptor stop_;
  FileDescriptor release_;  ///< the kernel asks for the device
  FileDescriptor error_;    ///< an uncorrectable error was reported
  std::thread watcher_;
};

/// Opens `0000:3d:00.0`. Throws what Group and Device throw, Error{"NOT_NVME"}.
std::shared_ptr<PciFunction> openVfio(const std::string& address);

}  // namespace doorbell::platform::vfio
