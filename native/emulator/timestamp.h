#pragma once

#include <chrono>
#include <cstdint>

namespace doorbell::emulator {

/// The Timestamp feature: ms since 1970 once the host has set it, since the reset before.
class Timestamp {
 public:
  void set(std::uint64_t milliseconds) noexcept {
    base_ = milliseconds & kValueMask;
    setByHost_ = true;
    since_ = Clock::now();
  }
  /// The Timestamp Data Structure: 48 bits of value, then the Synch and Timestamp Origin fields.
  [[nodiscard]] std::uint64_t data() const noexcept {
    const auto passed =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - since_);
    const std::uint64_t value = (base_ + static_cast<std::uint64_t>(passed.count())) & kValueMask;
    return value | (std::uint64_t{setByHost_ ? kSetByHost : 0U} << 48U);
  }
  [[nodiscard]] std::uint64_t sinceResetMs() const noexcept {
    const auto passed =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - reset_);
    return static_cast<std::uint64_t>(passed.count());
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::uint64_t kValueMask = 0xffffffffffff;
  static constexpr std::uint8_t kSetByHost = 1U << 1U;  ///< Timestamp Origin 001b

  std::uint64_t base_ = 0;
  bool setByHost_ = false;
  Clock::time_point since_ = Clock::now();
  Clock::time_point reset_ = since_;
};

}  // namespace doorbell::emulator
