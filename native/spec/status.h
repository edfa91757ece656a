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
  [[nodiscard]] constexpr bool more() const noexcept { return (raw & kMore) != 0; }
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
inline constexpr Status kFailedFused = make(0, 0x09);
inline constexpr Status kMissingFused = make(0, 0x0a);
inline constexpr Status kInvalidNamespace = make(0, 0x0b);
inline constexpr Status kCommandSequenceError = make(0, 0x0c);
inline constexpr Status kInvalidSglSegment = make(0, 0x0d);
inline constexpr Status kInvalidSglCount = make(0, 0x0e);
inline constexpr Status kDataSglLengthInvalid = make(0, 0x0f);
inline constexpr Status kMetadataSglLengthInvalid = make(0, 0x10);
inline constexpr Status kSglTypeInvalid = make(0, 0x11);
inline constexpr Status kInvalidCmbUse = make(0, 0x12);
inline constexpr Status kPrpOffsetInvalid = make(0, 0x13);
inline constexpr Status kAtomicWriteUnitExceeded = make(0, 0x14);
inline constexpr Status kOperationDenied = make(0, 0x15);
inline constexpr Status kSglOffsetInvalid = make(0, 0x16);
inline constexpr Status kHostIdInconsistentFormat = make(0, 0x18);
inline constexpr Status kKeepAliveTimerExpired = make(0, 0x19);
inline constexpr Status kKeepAliveTimeoutInvalid = make(0, 0x1a);
inline constexpr Status kAbortedPreempt = make(0, 0x1b);
inline constexpr Status kSanitizeFailed = make(0, 0x1c);
inline constexpr Status kSanitizeInProgress = make(0, 0x1d);
inline constexpr Status kSglGranularityInvalid = make(0, 0x1e);
inline constexpr Status kNotSupportedForCmbQueue = make(0, 0x1f);
inline constexpr Status kNamespaceWriteProtected = make(0, 0x20);
inline constexpr Status kCommandInterrupted = make(0, 0x21);
inline constexpr Status kTransientTransportError = make(0, 0x22);
inline constexpr Status kProhibitedByLockdown = make(0, 0x23);
inline constexpr Status kAdminMediaNotReady = make(0, 0x24);
inline constexpr Status kLbaOutOfRange = make(0, 0x80);
inline constexpr Status kCapacityExceeded = make(0, 0x81);
inline constexpr Status kNamespaceNotReady = make(0, 0x82);
inline constexpr Status kReservationConflict = make(0, 0x83);
inline constexpr Status kFormatInProgress = make(0, 0x84);
// Command Specific Status (SCT 1h)
inline constexpr Status kInvalidCq = make(1, 0x00);
inline constexpr Status kInvalidQueueId = make(1, 0x01);
inline constexpr Status kInvalidQueueSize = make(1, 0x02);
inline constexpr Status kAbortLimitExceeded = make(1, 0x03);
inline constexpr Status kAerLimitExceeded = make(1, 0x05);
inline constexpr Status kInvalidFirmwareSlot = make(1, 0x06);
inline constexpr Status kInvalidFirmwareImage = make(1, 0x07);
inline constexpr Status kInvalidInterruptVector = make(1, 0x08);
inline constexpr Status kInvalidLogPage = make(1, 0x09);
inline constexpr Status kInvalidFormat = make(1, 0x0a);
inline constexpr Status kActivationNeedsConventionalReset = make(1, 0x0b);
inline constexpr Status kInvalidQueueDeletion = make(1, 0x0c);
inline constexpr Status kFeatureNotSaveable = make(1, 0x0d);
inline constexpr Status kFeatureNotChangeable = make(1, 0x0e);
inline constexpr Status kFeatureNotNamespaceSpecific = make(1, 0x0f);
inline constexpr Status kActivationNeedsSubsystemReset = make(1, 0x10);
inline constexpr Status kActivationNeedsControllerReset = make(1, 0x11);
inline constexpr Status kActivationNeedsTimeViolation = make(1, 0x12);
inline constexpr Status kActivationProhibited = make(1, 0x13);
inline constexpr Status kOverlappingRange = make(1, 0x14);
inline constexpr Status kNamespaceInsufficientCapacity = make(1, 0x15);
inline constexpr Status kNamespaceIdUnavailable = make(1, 0x16);
inline constexpr Status kNamespaceAlreadyAttached = make(1, 0x18);
inline constexpr Status kNamespaceIsPrivate = make(1, 0x19);
inline constexpr Status kNamespaceNotAttached = make(1, 0x1a);
inline constexpr Status kThinProvisioningNotSupported = make(1, 0x1b);
inline constexpr Status kControllerListInvalid = make(1, 0x1c);
inline constexpr Status kSelfTestInProgress = make(1, 0x1d);
inline constexpr Status kBootPartitionWriteProhibited = make(1, 0x1e);
inline constexpr Status kInvalidControllerId = make(1, 0x1f);
inline constexpr Status kAnaGroupInvalid = make(1, 0x24);
inline constexpr Status kAnaAttachFailed = make(1, 0x25);
inline constexpr Status kAttachmentLimitExceeded = make(1, 0x27);
inline constexpr Status kCommandSetNotSupported = make(1, 0x29);
inline constexpr Status kCommandSetNotEnabled = make(1, 0x2a);
inline constexpr Status kCommandSetCombinationRejected = make(1, 0x2b);
inline constexpr Status kInvalidCommandSet = make(1, 0x2c);
inline constexpr Status kIdentifierUnavailable = make(1, 0x2d);
inline constexpr Status kStreamResourceAllocationFailed = make(1, 0x7f);
inline constexpr Status kConflictingAttributes = make(1, 0x80);
inline constexpr Status kInvalidProtectionInfo = make(1, 0x81);
inline constexpr Status kCommandSizeLimitExceeded = make(1, 0x83);
// Command Specific Status of the Zoned Namespace Command Set (SCT 1h)
inline constexpr Status kZoneBoundaryError = make(1, 0xb8);
inline constexpr Status kZoneIsFull = make(1, 0xb9);
inline constexpr Status kZoneIsReadOnly = make(1, 0xba);
inline constexpr Status kZoneIsOffline = make(1, 0xbb);
inline constexpr Status kZoneInvalidWrite = make(1, 0xbc);
inline constexpr Status kTooManyActiveZones = make(1, 0xbd);
inline constexpr Status kTooManyOpenZones = make(1, 0xbe);
inline constexpr Status kInvalidZoneStateTransition = make(1, 0xbf);
// Media and Data Integrity Errors (SCT 2h)
inline constexpr Status kWriteFault = make(2, 0x80);
inline constexpr Status kUnrecoveredReadError = make(2, 0x81);
inline constexpr Status kGuardCheckError = make(2, 0x82);
inline constexpr Status kApplicationTagCheckError = make(2, 0x83);
inline constexpr Status kReferenceTagCheckError = make(2, 0x84);
inline constexpr Status kCompareFailure = make(2, 0x85);
inline constexpr Status kAccessDenied = make(2, 0x86);
inline constexpr Status kDeallocatedBlock = make(2, 0x87);
}  // namespace status

}  // namespace doorbell::spec
