#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "emulator/config_space.h"
#include "emulator/controller.h"
#include "emulator/device_thread.h"
#include "emulator/doorbell_page.h"
#include "emulator/interrupts.h"
#include "emulator/iova_table.h"
#include "emulator/nvm_subsystem.h"
#include "emulator/registers.h"

namespace doorbell::emulator {

/// The SSD as its slot sees it: configuration space, BAR0, supply, and one thread that is alive as
/// long as this. Everything here is thread safe.
class Device {
 public:
  /// Takes over a subsystem as it is, also without power; it must outlive the device.
  explicit Device(NvmSubsystem& subsystem);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  [[nodiscard]] std::uint32_t configRead(std::uint32_t offset, unsigned width);
  void configWrite(std::uint32_t offset, unsigned width, std::uint32_t value);
  /// `offset` is a multiple of 4 and lies in BAR0.
  [[nodiscard]] std::uint32_t barRead(std::uint32_t offset);
  void barWrite(std::uint32_t offset, std::uint32_t value);

  [[nodiscard]] DoorbellPage& doorbells() noexcept { return doorbells_; }
  /// Mappings may outlive the device.
  [[nodiscard]] const std::shared_ptr<IovaTable>& dma() const noexcept { return dma_; }
  [[nodiscard]] const Interrupts& interrupts() const noexcept { return interrupts_; }
  [[nodiscard]] const std::atomic<std::uint32_t>& asleep() const noexcept {
    return thread_.asleep();
  }
  void wake() noexcept { thread_.wake(); }

  /// MSI-X on, with the first `count` vectors unmasked.
  void enableInterrupts(unsigned count);
  void maskInterrupt(unsigned vector, bool masked) noexcept {
    interrupts_.setMasked(vector, masked);
  }

  /// A reset of the function (Function Level Reset, Hot Reset): everything but the supply.
  void reset();
  /// False when it was off already. Cached data is lost unless a shutdown was completed.
  bool powerOff();
  void powerOn();
  [[nodiscard]] bool powered() const noexcept { return powered_.load(); }

 private:
  [[nodiscard]] bool answers();  ///< BAR0 is powered and decoded
  void applyConfig();
  void resetFunction();
  void writeRegister(std::uint32_t offset, std::uint32_t value);

  std::mutex mutex_;  ///< configuration space, registers with effects, supply
  std::atomic<bool> powered_;
  bool dmaAllowed_ = false;
  NvmSubsystem& subsystem_;
  ConfigSpace config_;
  Registers registers_;
  DoorbellPage doorbells_;
  const std::shared_ptr<IovaTable> dma_ = std::make_shared<IovaTable>();
  Interrupts interrupts_;
  Controller controller_;
  DeviceThread thread_;  ///< last: it uses all of the above
};

}  // namespace doorbell::emulator
