#pragma once

#include <cstdint>

namespace doorbell::spec {

/// A status field without the phase tag: SC (7:0), SCT (10:8), CRD (12:11), More (13), DNR (14)
/// (NVMe Base 2.0, "Completion Queue Entry: Status Field").
struct Status {
  std::uint16_t raw = 0;

  static constexpr std::uint16_t kMore = 1U << 13U;
  static constexpr std::uint16_t kDnr = 1U << 14U;

  [[nodiscard]] constexpr std::uint8_t code() const noexcept { return raw & 0xffU; }
  [[nodiscard]] constexpr std::uint8_t type() const noexcept { return (raw >> 8U) & 7U; }
  [[nodiscard]] constexpr bool ok() const noexcept { return (raw & 0x7ffU) == 0; }
  [[nodiscard]] constexpr Status withDnr() const noexcept {
    return {static_cast<std::uint16_t>(raw | kDnr)};
  }
  [[nodiscard]] constexpr Status withMore() const noexcept {
    return {static_cast<std::uint16_t>(raw | kMore)};
  }
  friend constexpr bool operator==(Status, Status) = default;
};

namespace status {
constexpr Status make(unsigned type, unsigned code) noexcept {
  return {static_cast<std::uint16_t>((type << 8U) | code)};
}
// Generic Command Status (SCT 0h)
inline constexpr Status kSuccess = make(0, 0x00);
inline constexpr Status kInvalidOpcode = make(0, 0x01);
inline constexpr Status kInvalidField = make(0, 0x02);
inline constexpr Status kCidConflict = make(0, 0x03);
inline constexpr Status kDataTransferError = make(0, 0x04);
inline constexpr Status kAbortedPowerLoss = make(0, 0x05);
inline constexpr Status kInternalError = make(0, 0x06);
inline constexpr Status kAbortRequested = make(0, 0x07);
inline constexpr Status kAbortedSqDeletion = make(0, 0x08);
inline constexpr Status kInvalidNamespace = make(0, 0x0b);
inline constexpr Status kCommandSequenceError = make(0, 0x0c);
inline constexpr Status kPrpOffsetInvalid = make(0, 0x13);
inline constexpr Status kLbaOutOfRange = make(0, 0x80);
inline constexpr Status kCapacityExceeded = make(0, 0x81);
// Command Specific Status (SCT 1h)
inline constexpr Status kInvalidCq = make(1, 0x00);
inline constexpr Status kInvalidQueueId = make(1, 0x01);
inline constexpr Status kInvalidQueueSize = make(1, 0x02);
inline constexpr Status kAbortLimitExceeded = make(1, 0x03);
inline constexpr Status kAerLimitExceeded = make(1, 0x05);
inline constexpr Status kInvalidInterruptVector = make(1, 0x08);
inline constexpr Status kInvalidLogPage = make(1, 0x09);
inline constexpr Status kInvalidQueueDeletion = make(1, 0x0c);
inline constexpr Status kFeatureNotSaveable = make(1, 0x0d);
inline constexpr Status kFeatureNotChangeable = make(1, 0x0e);
inline constexpr Status kFeatureNotNamespaceSpecific = make(1, 0x0f);
inline constexpr Status kInvalidProtectionInfo = make(1, 0x81);
// Media and Data Integrity Errors (SCT 2h)
inline constexpr Status kWriteFault = make(2, 0x80);
inline constexpr Status kUnrecoveredReadError = make(2, 0x81);
inline constexpr Status kCompareFailure = make(2, 0x85);
}  // namespace status

}  // namespace doorbell::spec
