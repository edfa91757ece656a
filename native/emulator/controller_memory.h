#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "emulator/bar_layout.h"
#include "emulator/iova_table.h"
#include "platform/host_memory.h"

namespace doorbell::emulator {

/// The Controller Memory Buffer (NVMe Base 2.0, "Controller Memory Buffer"): memory of the SSD that
/// the host reaches through BAR0 and, once it says where, by bus addresses of its choice. It may
/// hold queues, lists and data in any mixture.
class ControllerMemory {
 public:
  /// Throws Error{"NO_MEMORY"}.
  ControllerMemory(const BarLayout& layout, IovaTable& dma);

  [[nodiscard]] bool exists() const noexcept { return memory_ != nullptr; }
  /// Any thread. CMBLOC, CMBSZ, CMBMSC and CMBSTS; 0 for every other property.
  [[nodiscard]] std::uint32_t readProperty(std::uint32_t offset) const noexcept;
  /// CMBMSC, by halves. While no command is processed.
  void writeControl(bool upper, std::uint32_t value) noexcept;
  /// Resets other than Controller Reset and Function Level Reset. While no command is processed.
  void reset() noexcept;
  /// Its contents are volatile.
  void losePower() noexcept;

  /// Dwords, as seen through the BAR; `offset` from its first byte.
  [[nodiscard]] std::uint32_t read(std::uint32_t offset) const noexcept;
  void write(std::uint32_t offset, std::uint32_t value) noexcept;
  [[nodiscard]] const std::shared_ptr<platform::HostMemory>& memory() const noexcept {
    return memory_;
  }

 private:
  void apply() noexcept;

  const std::uint32_t barOffset_;
  const std::uint32_t bytes_;
  IovaTable& dma_;
  std::shared_ptr<platform::HostMemory> memory_;  ///< null: there is none
  std::atomic<std::uint64_t> control_{0};         ///< CMBMSC
  std::atomic<std::uint32_t> status_{0};          ///< CMBSTS
};

}  // namespace doorbell::emulator
