#pragma once

#include <atomic>
#include <cstdint>

#include "emulator/ssd_options.h"
#include "spec/registers.h"

namespace doorbell::emulator {

/// CC, decoded.
struct Cc {
  std::uint32_t raw = 0;
  /// EN, CSS, MPS, AMS, SHN, IOSQES, IOCQES, CRIME
  static constexpr std::uint32_t kWritable = 0x01fffff1;
  static constexpr std::uint32_t kFixedWhileEnabled = 0x01003ff0;  ///< CSS, MPS, AMS and CRIME
  [[nodiscard]] constexpr bool en() const noexcept { return (raw & 1U) != 0; }
  [[nodiscard]] constexpr std::uint32_t css() const noexcept { return (raw >> 4U) & 7U; }
  [[nodiscard]] constexpr std::uint32_t mps() const noexcept { return (raw >> 7U) & 0xfU; }
  [[nodiscard]] constexpr std::uint32_t ams() const noexcept { return (raw >> 11U) & 7U; }
  [[nodiscard]] constexpr std::uint32_t shn() const noexcept { return (raw >> 14U) & 3U; }
  [[nodiscard]] constexpr std::uint32_t iosqes() const noexcept { return (raw >> 16U) & 0xfU; }
  [[nodiscard]] constexpr std::uint32_t iocqes() const noexcept { return (raw >> 20U) & 0xfU; }
};

/// The controller properties as memory: reset values and access types. What a write sets in motion
/// is the Controller's business. Readable from any thread.
class Registers {
 public:
  static constexpr std::uint32_t kCstsReady = 1U << 0U;
  static constexpr std::uint32_t kCstsFatal = 1U << 1U;
  static constexpr std::uint32_t kCstsShutdownComplete = 2U << 2U;
  static constexpr std::uint32_t kCstsSubsystemReset = 1U << 4U;
  static constexpr std::uint32_t kCstsPaused = 1U << 5U;

  explicit Registers(const SsdOptions& options) noexcept;

  [[nodiscard]] std::uint32_t read(std::uint32_t offset) const noexcept;
  /// AQA, ASQ and ACQ; every other property is read-only here.
  void writeAdminQueue(std::uint32_t offset, std::uint32_t value) noexcept;

  [[nodiscard]] Cc cc() const noexcept { return {cc_.load()}; }
  void setCc(std::uint32_t value) noexcept { cc_.store(value); }
  [[nodiscard]] std::uint32_t csts() const noexcept { return csts_.load(); }
  void raiseCsts(std::uint32_t bits) noexcept { csts_.fetch_or(bits); }
  void lowerCsts(std::uint32_t bits) noexcept { csts_.fetch_and(~bits); }

  [[nodiscard]] std::uint32_t adminSqEntries() const noexcept { return (aqa_.load() & 0xfffU) + 1; }
  [[nodiscard]] std::uint32_t adminCqEntries() const noexcept {
    return ((aqa_.load() >> 16U) & 0xfffU) + 1;
  }
  [[nodiscard]] std::uint64_t adminSq() const noexcept { return asq_.load(); }
  [[nodiscard]] std::uint64_t adminCq() const noexcept { return acq_.load(); }

  /// Controller Reset: everything but the admin queue's properties.
  void resetController() noexcept;
  /// Every other Controller Level Reset.
  void resetAll() noexcept;

 private:
  const std::uint64_t cap_;
  std::atomic<std::uint32_t> cc_{0};
  std::atomic<std::uint32_t> csts_{0};
  std::atomic<std::uint32_t> aqa_{0};
  std::atomic<std::uint64_t> asq_{0};
  std::atomic<std::uint64_t> acq_{0};
};

}  // namespace doorbell::emulator
