// What configuration space holds after a reset, and the access type of every bit of it.
#include "emulator/config_layout.h"
#include "emulator/config_space.h"
#include "spec/pci_config.h"

namespace doorbell::emulator {

namespace pci = spec::pci;
using namespace layout;

namespace {

constexpr std::uint32_t kBarAddress = 0xfe000000;
/// Uncorrectable errors an endpoint can report, and those that are fatal unless told otherwise.
constexpr std::uint32_t kUncorrectable = 0x005ff010;
constexpr std::uint32_t kFatalByDefault = 0x00462030;
constexpr std::uint32_t kCorrectable = 0x000031c1;

constexpr std::uint32_t extendedHeader(std::uint16_t id, unsigned version, std::uint32_t next) {
  return id | (version << 16U) | (next << 20U);
}

}  // namespace

void ConfigSpace::putHeader() noexcept {
  put(pci::kVendorId, 2, kVendor, 0);
  put(pci::kDeviceId, 2, kDevice, 0);
  put(pci::kCommand, 2, pci::kCommandMemorySpace,
      pci::kCommandMemorySpace | pci::kCommandBusMaster | pci::kCommandParityErrorResponse |
          pci::kCommandSystemError | pci::kCommandInterruptDisable);
  put(pci::kStatus, 2, pci::kStatusCapabilityList, 0);
  mark(clearable_, pci::kStatus, 2, pci::kStatusErrors);
  put(pci::kRevisionId, 1, 0x01, 0);
  put(pci::kClassCode, 3, 0x010802, 0);  // mass storage, non-volatile memory, NVM Express
  put(pci::kCacheLineSize, 1, 0, 0xff);
  put(pci::kBar0, 4, kBarAddress | 0x4, ~(layout_.bytes() - 1));  // 64 bit, not prefetchable
  put(pci::kBar0 + 4, 4, 0, 0xffffffff);
  put(pci::kSubsystemVendorId, 2, kVendor, 0);
  put(pci::kSubsystemId, 2, kDevice, 0);
  put(pci::kCapabilities, 1, kPm, 0);
  put(pci::kInterruptLine, 1, 0, 0xff);
  put(pci::kInterruptPin, 1, 1, 0);  // INTA
}

void ConfigSpace::putCapabilities() noexcept {
  put(kPm, 2, pci::kCapPowerManagement | (kMsi << 8U), 0);
  put(kPm + 2, 2, 0x0003, 0);  // version 3; no D1, no D2, no PME
  put(kPm + pci::kPmControl, 2, pci::kPmNoSoftReset, pci::kPmStateMask);

  put(kMsi, 2, pci::kCapMsi | (kExpress << 8U), 0);
  put(kMsi + pci::kMsiControl, 2, pci::kMsi64Bit | (kMsiCapable << pci::kMsiCapableShift),
      pci::kMsiEnable | (7U << pci::kMsiEnabledShift));
  put(kMsi + pci::kMsiAddress, 4, 0, 0xfffffffc);
  put(kMsi + pci::kMsiAddress + 4, 4, 0, 0xffffffff);
  put(kMsi + pci::kMsiData, 2, 0, 0xffff);

  put(kMsix, 2, pci::kCapMsix, 0);
  put(kMsix + pci::kMsixControl, 2, kInterruptVectors - 1,
      pci::kMsixEnable | pci::kMsixFunctionMask);
  put(kMsix + pci::kMsixTable, 4, layout_.table(), 0);  // in BAR0
  put(kMsix + pci::kMsixPba, 4, layout_.pending(), 0);
}

/// An endpoint that trains to 8 GT/s on four lanes, with L0s and L1.
void ConfigSpace::putExpress() noexcept {
  put(kExpress, 2, pci::kCapExpress | (kMsix << 8U), 0);
  put(kExpress + 2, 2, 0x0002, 0);  // endpoint, version 2
  // Payload of 512 bytes, extended tags, any L0s and L1 latency, role-based error reporting.
  put(kExpress + pci::kExpressDeviceCapabilities, 4, pci::kFlrCapable | 0x00008fe0 | kMaxPayload,
      0);
  put(kExpress + pci::kExpressDeviceControl, 2, 0x2810, 0x79ffU | pci::kInitiateFlr);
  mark(kept_, kExpress + pci::kExpressDeviceControl, 2, pci::kMaxPayloadMask);
  mark(clearable_, kExpress + pci::kExpressDeviceStatus, 2, 0x000f);
  put(kExpress + pci::kExpressLinkCapabilities, 4, 0x00423c00 | (kLanes << 4U) | kLinkSpeed, 0);
  // ASPM Control, Read Completion Boundary, Common Clock, Extended Synch.
  put(kExpress + pci::kExpressLinkControl, 2, 0, 0x00cb);
  mark(kept_, kExpress + pci::kExpressLinkControl, 2, 0x00cb);
  put(kExpress + pci::kExpressLinkStatus, 2, 0x1000 | (kLanes << 4U) | kLinkSpeed, 0);
  // Completion time-out ranges A to D, its disabling, LTR.
  put(kExpress + pci::kExpressDeviceCapabilities2, 4, 0x0000081f, 0);
  put(kExpress + pci::kExpressDeviceControl2, 2, 0, 0x041f);
  put(kExpress + pci::kExpressLinkCapabilities2, 4, kLinkSpeeds << 1U, 0);  // 2.5, 5 and 8 GT/s
  put(kExpress + pci::kExpressLinkControl2, 2, 0x0003, 0x000f);
  mark(sticky_, kExpress + pci::kExpressLinkControl2, 2, 0x000f);
}

void ConfigSpace::putExtended() noexcept {
  put(kErrors, 4, extendedHeader(pci::kExtCapErrorReporting, 2, kLatency), 0);
  mark(clearable_, kErrors + pci::kAerUncorrectableStatus, 4, kUncorrectable);
  put(kErrors + pci::kAerUncorrectableMask, 4, 0, kUncorrectable);
  put(kErrors + pci::kAerUncorrectableSeverity, 4, kFatalByDefault, kUncorrectable);
  mark(clearable_, kErrors + pci::kAerCorrectableStatus, 4, kCorrectable);
  put(kErrors + pci::kAerCorrectableMask, 4, pci::kAerAdvisoryNonFatal, kCorrectable);
  put(kErrors + pci::kAerControl, 4, 0x000000a0, 0x00000140);  // ECRC can be made and checked
  // Error records survive everything but a loss of power.
  for (std::uint32_t at = kErrors + pci::kAerUncorrectableStatus; at < kLatency; at += 4) {
    mark(sticky_, at, 4, 0xffffffff);
  }
  put(kLatency, 4, extendedHeader(pci::kExtCapLatencyTolerance, 1, kSecondary), 0);
  put(kLatency + 4, 4, 0, 0x1fff1fff);  // greatest snoop and no-snoop latencies
  put(kSecondary, 4, extendedHeader(pci::kExtCapSecondaryExpress, 1, 0), 0);
  mark(clearable_, kSecondary + 8, 4, (1U << kLanes) - 1);  // Lane Error Status
  for (std::uint32_t lane = 0; lane < kLanes; ++lane) put(kSecondary + 12 + 2 * lane, 2, 0x7f00, 0);
}

void ConfigSpace::noteUnsupportedRequest(bool posted, std::uint64_t address) noexcept {
  constexpr std::uint32_t kBit = 1U << pci::kAerUnsupportedRequestBit;
  const bool masked = (read(kErrors + pci::kAerUncorrectableMask, 4) & kBit) != 0;
  const bool fatal = (read(kErrors + pci::kAerUncorrectableSeverity, 4) & kBit) != 0;
  // The completion tells the requester of a read: for us it is an Advisory Non-Fatal Error.
  const bool advisory = !posted && !fatal;
  std::uint16_t seen = pci::kUnsupportedRequestDetected;
  seen |=
      advisory ? pci::kCorrectableDetected : (fatal ? pci::kFatalDetected : pci::kNonFatalDetected);
  set(kExpress + pci::kExpressDeviceStatus, 2, seen);
  if (advisory) set(kErrors + pci::kAerCorrectableStatus, 4, pci::kAerAdvisoryNonFatal);
  const bool first = read(kErrors + pci::kAerUncorrectableStatus, 4) == 0;
  set(kErrors + pci::kAerUncorrectableStatus, 4, kBit);
  if (!masked && first) logHeader(posted, address);
  const bool reported = (read(pci::kCommand, 2) & pci::kCommandSystemError) != 0;
  if (!advisory && !masked && reported) set(pci::kStatus, 2, pci::kStatusSignaledSystemError);
}

/// The TLP header of a request for one dword, and which error came first.
void ConfigSpace::logHeader(bool posted, std::uint64_t address) noexcept {
  const std::array<std::uint32_t, 4> header{posted ? 0x40000001U : 0x00000001U, 0x0000000fU,
                                            static_cast<std::uint32_t>(address), 0};
  for (std::uint32_t i = 0; i < header.size(); ++i) {
    put(kErrors + pci::kAerHeaderLog + 4 * i, 4, header[i], 0);
  }
  const std::uint32_t control = read(kErrors + pci::kAerControl, 4) & ~0x1fU;
  put(kErrors + pci::kAerControl, 4, control | pci::kAerUnsupportedRequestBit, 0);
}

}  // namespace doorbell::emulator
