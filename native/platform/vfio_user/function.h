#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "platform/guarded_mapping.h"
#include "platform/loss_report.h"
#include "platform/message_interrupts.h"
#include "platform/pci_function.h"
#include "platform/vfio_user/link.h"

namespace doorbell::platform::vfio_user {

/// An NVMe controller served over vfio-user. Registers and configuration space are messages;
/// doorbells are stores into memory the server offers, or messages where it offers none.
class Function final : public PciFunction {
 public:
  Function(std::string address, const std::string& socket);
  ~Function() override;

  [[nodiscard]] const std::string& address() const noexcept override { return address_; }
  std::uint32_t configRead(std::uint32_t offset, unsigned width) override;
  void configWrite(std::uint32_t offset, unsigned width, std::uint32_t value) override;
  [[nodiscard]] std::uint64_t barSize() const noexcept override { return barBytes_; }
  std::uint32_t read32(std::uint64_t offset) override;
  std::uint64_t read64(std::uint64_t offset) override;
  void write32(std::uint64_t offset, std::uint32_t value) override;
  void write64(std::uint64_t offset, std::uint64_t value) override;
  [[nodiscard]] DoorbellWindow doorbells() noexcept override;
  void wake(std::uint16_t cqid) noexcept override;
  [[nodiscard]] std::shared_ptr<DmaDomain> dma() override { return dma_; }
  [[nodiscard]] unsigned interruptVectors() const noexcept override { return vectors_; }
  void enableInterrupts(unsigned count) override;
  [[nodiscard]] int interruptFd(unsigned vector) const override { return interrupts_.fd(vector); }
  [[nodiscard]] Masking masking() const noexcept override { return masking_; }
  void maskInterrupt(unsigned vector, bool masked) noexcept override;
  void reset(ResetKind kind) override;
  void onLoss(std::function<void(LossReason)> handler) override {
    loss_.listen(std::move(handler));
  }

 private:
  void learn();
  void learnDoorbells();
  [[nodiscard]] std::uint64_t readRegion(std::uint32_t region, std::uint64_t offset,
                                         unsigned width);
  void writeRegion(std::uint32_t region, std::uint64_t offset, unsigned width, std::uint64_t value);
  void connectVectors(std::uint32_t index, unsigned count);
  void tellDoorbell(std::uint32_t offset) noexcept;

  const std::string address_;
  LossReport loss_;
  std::shared_ptr<Link> link_;
  std::shared_ptr<DmaDomain> dma_;
  std::uint64_t barBytes_ = 0;
  std::uint32_t stride_ = 0;  ///< CAP.DSTRD
  GuardedMapping mapped_;     ///< the doorbells, where the server offers them
  /// Otherwise: what was rung and not told yet. Wherever somebody rings, wake() follows.
  std::vector<std::uint32_t> shadow_;
  std::atomic<std::uint32_t> always_{1};
  const std::atomic<std::uint32_t>* asleep_ = &always_;
  std::mutex interruptMutex_;
  MessageInterrupts interrupts_;
  unsigned vectors_ = 0;
  Masking masking_ = Masking::None;
};

/// Opens `vfio-user:<socket>`. Throws Error{"BAD_ADDRESS"}, CONNECT_FAILED, BUSY.
std::shared_ptr<PciFunction> openVfioUser(const std::string& address);

}  // namespace doorbell::platform::vfio_user
