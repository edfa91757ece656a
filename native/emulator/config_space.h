#pragma once

#include <array>
#include <cstdint>

#include "emulator/interrupts.h"

namespace doorbell::emulator {

/// PCI configuration space of the SSD: header, Power Management, MSI, PCI Express and MSI-X
/// capabilities, with the access type of every bit. Not thread safe.
class ConfigSpace {
 public:
  static constexpr std::uint32_t kBytes = 4096;
  static constexpr std::uint32_t kBarBytes = 0x4000;
  static constexpr std::uint32_t kTableOffset = 0x2000;
  static constexpr std::uint32_t kPendingOffset = 0x3000;

  ConfigSpace() { reset(); }

  /// Conventional reset, then what the platform's firmware does: BAR0 placed and decoded.
  void reset() noexcept;
  [[nodiscard]] std::uint32_t read(std::uint32_t offset, unsigned width) const noexcept;
  void write(std::uint32_t offset, unsigned width, std::uint32_t value) noexcept;

  [[nodiscard]] bool memoryDecoded() const noexcept;  ///< BAR0 answers: Memory Space Enable, D0
  [[nodiscard]] bool busMaster() const noexcept;      ///< DMA allowed: Bus Master Enable, D0
  /// Initiate Function Level Reset was written; reads as 0.
  [[nodiscard]] bool takeFunctionLevelReset() noexcept;
  [[nodiscard]] Interrupts::Mode interruptMode() const noexcept;
  [[nodiscard]] unsigned msiMessages() const noexcept;
  [[nodiscard]] bool msixFunctionMask() const noexcept;
  void enableMsix(bool enabled) noexcept;

 private:
  void put(std::uint32_t offset, unsigned width, std::uint32_t value,
           std::uint32_t writable) noexcept;
  void putHeader() noexcept;
  void putCapabilities() noexcept;
  [[nodiscard]] bool inD0() const noexcept;

  std::array<std::uint8_t, kBytes> bytes_{};
  std::array<std::uint8_t, kBytes> writable_{};
};

}  // namespace doorbell::emulator
