#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

#include "emulator/limits.h"

namespace doorbell::emulator {

/// The MSI-X table and what delivers its messages: one eventfd a vector. MSI, when enabled instead,
/// uses the eventfds of the first vectors, and the interrupt pin that of vector 0.
class Interrupts {
 public:
  enum class Mode : std::uint8_t { None, Intx, Msi, Msix };

  Interrupts() = default;
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  /// Unmasks vectors below `count`, masks the others, makes missing eventfds.
  /// Throws Error{"NOT_SUPPORTED"} or Error{"INTERRUPT_FAILED"}.
  void enable(unsigned count);
  /// Throws Error{"OUT_OF_RANGE"} for a vector that was never enabled.
  [[nodiscard]] int fd(unsigned vector) const;

  /// The vector signals this eventfd from now on, and is masked by its host only: see setMasked().
  /// Takes no ownership. Throws Error{"INTERRUPT_FAILED"} when it is none.
  void connect(unsigned vector, int fd);
  /// Every vector signals nobody.
  void disconnectAll();

  /// From configuration space: how messages leave, and the MSI-X Function Mask.
  void configure(Mode mode, unsigned msiMessages, bool functionMask) noexcept;
  void setMasked(unsigned vector, bool masked) noexcept;
  /// INTMS and INTMC, for MSI and the pin.
  void setMsiMask(std::uint32_t mask) noexcept;
  [[nodiscard]] std::uint32_t msiMask() const noexcept { return msiMask_.load(); }
  void reset() noexcept;

  /// Device thread. Delivers, or records as pending while masked.
  void signal(unsigned vector) noexcept;

  [[nodiscard]] std::uint32_t readTable(std::uint32_t offset) const noexcept;
  void writeTable(std::uint32_t offset, std::uint32_t value) noexcept;
  [[nodiscard]] std::uint32_t readPending(std::uint32_t offset) const noexcept;

 private:
  static constexpr std::uint32_t kMasked = 1;
  static constexpr std::uint32_t kPending = 2;
  /// A cache line of its own: device threads signal different ones.
  struct alignas(64) Vector {
    std::atomic<std::uint32_t> state{kMasked};
    std::atomic<int> fd{-1};
    std::atomic<bool> connected{false};                   ///< no reset masks it
    std::array<std::atomic<std::uint32_t>, 3> message{};  ///< address low, high, data
  };

  [[nodiscard]] bool blocked(unsigned vector) const noexcept;
  void deliverPending(unsigned vector) noexcept;
  void deliverAllPending() noexcept;

  std::atomic<Mode> mode_{Mode::None};
  std::atomic<unsigned> msiMessages_{1};
  std::atomic<bool> functionMask_{false};
  std::atomic<std::uint32_t> msiMask_{0};
  std::mutex enableMutex_;
  std::array<Vector, kInterruptVectors> vectors_;
};

}  // namespace doorbell::emulator
