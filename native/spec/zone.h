#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "spec/identify.h"

/// The Zoned Namespace Command Set (ZNS Command Set 1.1).
namespace doorbell::spec {

/// The I/O Command Set Identifier of the Zoned Namespace Command Set.
inline constexpr std::uint8_t kZonedCommandSet = 0x02;

/// Opcodes the Zoned Namespace Command Set adds to those of the NVM Command Set.
enum class ZonedOpcode : std::uint8_t {
  ZoneManagementSend = 0x79,
  ZoneManagementReceive = 0x7a,
  ZoneAppend = 0x7d,
};

/// Zone State (ZS) of a Zone Descriptor.
enum class ZoneState : std::uint8_t {
  Empty = 0x1,
  ImplicitlyOpened = 0x2,
  ExplicitlyOpened = 0x3,
  Closed = 0x4,
  ReadOnly = 0xd,
  Full = 0xe,
  Offline = 0xf,
};

/// Zone Send Action (ZSA) of Zone Management Send.
enum class ZoneSendAction : std::uint8_t {
  Close = 0x01,
  Finish = 0x02,
  Open = 0x03,
  Reset = 0x04,
  Offline = 0x05,
  SetDescriptorExtension = 0x10,
};

/// Zone Receive Action (ZRA) of Zone Management Receive.
enum class ZoneReceiveAction : std::uint8_t { Report = 0x00, ExtendedReport = 0x01 };

/// Zone Receive Action Specific Field of the reports: which zones are listed.
enum class ZoneReportFilter : std::uint8_t {
  All = 0x0,
  Empty = 0x1,
  ImplicitlyOpened = 0x2,
  ExplicitlyOpened = 0x3,
  Closed = 0x4,
  Full = 0x5,
  ReadOnly = 0x6,
  Offline = 0x7,
};

/// Zone Attributes (ZA) of a Zone Descriptor.
struct ZoneAttribute {
  static constexpr std::uint8_t kFinishedByController = 1U << 0U;  ///< ZFC
  static constexpr std::uint8_t kFinishRecommended = 1U << 1U;     ///< FZR
  static constexpr std::uint8_t kResetRecommended = 1U << 2U;      ///< RZR
  static constexpr std::uint8_t kExtensionValid = 1U << 7U;        ///< ZDEV
};

inline constexpr std::uint8_t kSequentialWriteRequired = 0x2;  ///< the only Zone Type (ZT)
inline constexpr std::size_t kZoneExtensionUnit = 64;          ///< bytes ZDES counts in

/// Zone Descriptor Data Structure.
struct ZoneDescriptor {
  std::uint8_t type = kSequentialWriteRequired;  ///< ZT (3:0)
  std::uint8_t state = 0;                        ///< ZS (7:4)
  std::uint8_t attributes = 0;                   ///< ZA
  std::uint8_t attributesInformation = 0;        ///< ZAI
  std::array<std::uint8_t, 4> reserved4{};
  std::uint64_t zcap = 0;
  std::uint64_t zslba = 0;
  std::uint64_t wp = 0;
  std::array<std::uint8_t, 32> reserved32{};
};
static_assert(sizeof(ZoneDescriptor) == 64 && std::is_trivially_copyable_v<ZoneDescriptor>);
static_assert(offsetof(ZoneDescriptor, zcap) == 8 && offsetof(ZoneDescriptor, wp) == 24);

/// What both reports begin with.
struct ZoneReportHeader {
  std::uint64_t zones = 0;
  std::array<std::uint8_t, 56> reserved8{};
};
static_assert(sizeof(ZoneReportHeader) == 64);

/// LBA Format Extension Data Structure.
struct LbaFormatExtension {
  std::uint64_t zsze = 0;
  std::uint8_t zdes = 0;  ///< in units of 64 bytes
  std::array<std::uint8_t, 7> reserved9{};
};
static_assert(sizeof(LbaFormatExtension) == 16);

/// I/O Command Set Specific Identify Namespace Data Structure for the Zoned Namespace Command Set
/// (CNS 05h, CSI 02h).
struct IdentifyZonedNamespace {
  static constexpr std::uint16_t kReadAcross = 1U << 0U;  ///< OZCS: RAZB
  static constexpr std::uint32_t kNoLimit = 0xffffffff;   ///< MAR, MOR

  std::uint16_t zoc = 0;
  std::uint16_t ozcs = 0;
  std::uint32_t mar = 0;
  std::uint32_t mor = 0;
  std::array<std::uint32_t, 2> limits{};      ///< RRL, FRL
  std::array<std::uint32_t, 6> moreLimits{};  ///< RRL1..3, FRL1..3
  std::array<std::uint8_t, 2772> reserved44{};
  std::array<LbaFormatExtension, 64> lbafe{};
  std::array<std::uint8_t, 256> vendorSpecific{};
};
static_assert(sizeof(IdentifyZonedNamespace) == kIdentifyBytes);
static_assert(offsetof(IdentifyZonedNamespace, mor) == 8 &&
              offsetof(IdentifyZonedNamespace, lbafe) == 2816);

/// I/O Command Set Specific Identify Controller Data Structure for the Zoned Namespace Command Set
/// (CNS 06h, CSI 02h).
struct IdentifyZonedController {
  std::uint8_t zasl = 0;  ///< as a power of two of CAP.MPSMIN pages; 0: MDTS
  std::array<std::uint8_t, 4095> reserved1{};
};
static_assert(sizeof(IdentifyZonedController) == kIdentifyBytes);

/// Changed Zone List log page (Log Page Identifier BFh).
struct ChangedZoneListLog {
  static constexpr std::size_t kIdentifiers = 511;
  static constexpr std::uint16_t kTooMany = 0xffff;

  std::uint16_t count = 0;  ///< NRZID
  std::array<std::uint8_t, 6> reserved2{};
  std::array<std::uint64_t, kIdentifiers> zslba{};
};
static_assert(sizeof(ChangedZoneListLog) == 4096);

}  // namespace doorbell::spec
