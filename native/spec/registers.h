#pragma once

#include <cstdint>

/// Controller properties, offsets in BAR0 (NVMe Base 2.0, 3.1.3 "Controller Properties").
namespace doorbell::spec::reg {

inline constexpr std::uint32_t kCap = 0x00;
inline constexpr std::uint32_t kVs = 0x08;
inline constexpr std::uint32_t kIntms = 0x0c;
inline constexpr std::uint32_t kIntmc = 0x10;
inline constexpr std::uint32_t kCc = 0x14;
inline constexpr std::uint32_t kCsts = 0x1c;
inline constexpr std::uint32_t kNssr = 0x20;
inline constexpr std::uint32_t kAqa = 0x24;
inline constexpr std::uint32_t kAsq = 0x28;
inline constexpr std::uint32_t kAcq = 0x30;
inline constexpr std::uint32_t kCmbloc = 0x38;
inline constexpr std::uint32_t kCmbsz = 0x3c;
inline constexpr std::uint32_t kCmbmsc = 0x50;
inline constexpr std::uint32_t kCmbsts = 0x58;
inline constexpr std::uint32_t kCrto = 0x68;
inline constexpr std::uint32_t kDoorbells = 0x1000;

/// Writing this to NSSR ("NVMe") initiates an NVM Subsystem Reset.
inline constexpr std::uint32_t kNssrMagic = 0x4e564d65;

/// CC.SHN values.
enum class ShutdownNotification : std::uint32_t { None = 0, Normal = 1, Abrupt = 2 };

/// CAP, decoded.
struct Cap {
  std::uint64_t raw = 0;
  [[nodiscard]] constexpr std::uint32_t mqes() const noexcept { return raw & 0xffffU; }
  [[nodiscard]] constexpr bool cqr() const noexcept { return ((raw >> 16U) & 1U) != 0; }
  [[nodiscard]] constexpr std::uint32_t ams() const noexcept { return (raw >> 17U) & 3U; }
  [[nodiscard]] constexpr std::uint32_t timeoutMs() const noexcept {
    return ((raw >> 24U) & 0xffU) * 500U;
  }
  [[nodiscard]] constexpr std::uint32_t dstrd() const noexcept { return (raw >> 32U) & 0xfU; }
  [[nodiscard]] constexpr bool nssrs() const noexcept { return ((raw >> 36U) & 1U) != 0; }
  [[nodiscard]] constexpr std::uint32_t css() const noexcept { return (raw >> 37U) & 0xffU; }
  [[nodiscard]] constexpr std::uint32_t mpsMin() const noexcept { return (raw >> 48U) & 0xfU; }
  [[nodiscard]] constexpr std::uint32_t mpsMax() const noexcept { return (raw >> 52U) & 0xfU; }
  [[nodiscard]] constexpr bool cmbs() const noexcept { return ((raw >> 57U) & 1U) != 0; }
};

/// CMBLOC, decoded: where the Controller Memory Buffer is.
struct Cmbloc {
  std::uint32_t raw = 0;
  /// CQMMS, CQPDS, CDPMLS, CDPCILS, CDMMMS: nothing has to be together with something else.
  static constexpr std::uint32_t kMixed = 0x1fU << 3U;
  [[nodiscard]] constexpr std::uint32_t bir() const noexcept { return raw & 7U; }
  [[nodiscard]] constexpr std::uint32_t offset() const noexcept { return raw >> 12U; }
};

/// CMBSZ, decoded: how large it is and what it may hold.
struct Cmbsz {
  std::uint32_t raw = 0;
  static constexpr std::uint32_t kEverything = 0x1f;  ///< SQS, CQS, LISTS, RDS, WDS
  [[nodiscard]] constexpr bool sqs() const noexcept { return (raw & 1U) != 0; }
  [[nodiscard]] constexpr bool cqs() const noexcept { return (raw & 2U) != 0; }
  /// Bytes of SZU.
  [[nodiscard]] constexpr std::uint64_t unit() const noexcept {
    return std::uint64_t{4096} << (4U * ((raw >> 8U) & 0xfU));
  }
  [[nodiscard]] constexpr std::uint64_t bytes() const noexcept { return (raw >> 12U) * unit(); }
};

/// CMBMSC: CRE, CMSE; the rest is CBA.
inline constexpr std::uint64_t kCmbRegistersEnabled = 1U << 0U;
inline constexpr std::uint64_t kCmbSpaceEnabled = 1U << 1U;
/// CMBSTS.CBAI.
inline constexpr std::uint32_t kCmbAddressInvalid = 1U << 0U;

/// CC.CSS and CC.MPS.
[[nodiscard]] constexpr std::uint32_t commandSetOf(std::uint32_t cc) noexcept {
  return (cc >> 4U) & 7U;
}
[[nodiscard]] constexpr std::uint32_t pageSizeOf(std::uint32_t cc) noexcept {
  return (cc >> 7U) & 0xfU;
}

/// CSTS, decoded.
struct Csts {
  std::uint32_t raw = 0;
  [[nodiscard]] constexpr bool rdy() const noexcept { return (raw & 1U) != 0; }
  [[nodiscard]] constexpr bool cfs() const noexcept { return ((raw >> 1U) & 1U) != 0; }
  [[nodiscard]] constexpr std::uint32_t shst() const noexcept { return (raw >> 2U) & 3U; }
  [[nodiscard]] constexpr bool nssro() const noexcept { return ((raw >> 4U) & 1U) != 0; }
};

/// Byte offset of a queue's doorbell (NVMe over PCIe Transport 1.0, 3.1.2).
[[nodiscard]] constexpr std::uint32_t sqTailDoorbell(std::uint32_t qid,
                                                     std::uint32_t dstrd) noexcept {
  return kDoorbells + ((2U * qid) * (4U << dstrd));
}
[[nodiscard]] constexpr std::uint32_t cqHeadDoorbell(std::uint32_t qid,
                                                     std::uint32_t dstrd) noexcept {
  return kDoorbells + ((2U * qid + 1U) * (4U << dstrd));
}

}  // namespace doorbell::spec::reg
