#pragma once

#include <array>
#include <cstdint>

#include "emulator/bar_layout.h"
#include "emulator/interrupts.h"

namespace doorbell::emulator {

/// PCI configuration space of the SSD: header, Power Management, MSI, PCI Express, MSI-X, and the
/// Advanced Error Reporting, Latency Tolerance Reporting and Secondary PCI Express extended
/// capabilities, with the access type of every bit. Not thread safe.
class ConfigSpace {
 public:
  static constexpr std::uint32_t kBytes = 4096;

  /// How far a reset goes: every kind keeps less than the one before.
  enum class Reset : std::uint8_t { FunctionLevel, Conventional, Power };

  explicit ConfigSpace(const BarLayout& layout) : layout_(layout) { reset(Reset::Power); }

  /// A reset, then what the platform's firmware does: BAR0 placed and decoded.
  void reset(Reset kind) noexcept;
  [[nodiscard]] std::uint32_t read(std::uint32_t offset, unsigned width) const noexcept;
  void write(std::uint32_t offset, unsigned width, std::uint32_t value) noexcept;

  [[nodiscard]] bool memoryDecoded() const noexcept;  ///< BAR0 answers: Memory Space Enable, D0
  [[nodiscard]] bool busMaster() const noexcept;      ///< DMA allowed: Bus Master Enable, D0
  /// Initiate Function Level Reset was written; reads as 0.
  [[nodiscard]] bool takeFunctionLevelReset() noexcept;
  /// How interrupts leave; none without bus mastering, as messages are memory writes.
  [[nodiscard]] Interrupts::Mode interruptMode() const noexcept;
  [[nodiscard]] unsigned msiMessages() const noexcept;
  [[nodiscard]] bool msixFunctionMask() const noexcept;
  /// By MSI or MSI-X: then the pin is not used.
  [[nodiscard]] bool messagesEnabled() const noexcept;
  void enableMsix(bool enabled) noexcept;
  /// Interrupt Status: the pin is, or would be, asserted.
  void setInterruptStatus(bool asserted) noexcept;

  /// A memory request that nothing decodes was received: Device Status and Advanced Error
  /// Reporting say so. A write is a posted request, which nobody answers.
  void noteUnsupportedRequest(bool posted, std::uint64_t address) noexcept;

 private:
  using Bytes = std::array<std::uint8_t, kBytes>;

  void put(std::uint32_t offset, unsigned width, std::uint32_t value,
           std::uint32_t writable) noexcept;
  static void mark(Bytes& bits, std::uint32_t offset, unsigned width, std::uint32_t mask) noexcept;
  void set(std::uint32_t offset, unsigned width, std::uint32_t bits) noexcept;
  void putHeader() noexcept;
  void putCapabilities() noexcept;
  void putExpress() noexcept;
  void putExtended() noexcept;
  void logHeader(bool posted, std::uint64_t address) noexcept;
  [[nodiscard]] bool inD0() const noexcept;

  BarLayout layout_;
  Bytes bytes_{};
  Bytes writable_{};
  Bytes clearable_{};  ///< write 1 to clear
  Bytes sticky_{};     ///< keeps its value without a loss of power
  Bytes kept_{};       ///< keeps its value through a Function Level Reset
};

}  // namespace doorbell::emulator
