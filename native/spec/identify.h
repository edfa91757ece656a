#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace doorbell::spec {

/// Values of the Identify command's CNS field (NVMe Base 2.0, "Identify command").
enum class Cns : std::uint8_t {
  Namespace = 0x00,
  Controller = 0x01,
  ActiveNamespaceList = 0x02,
  NamespaceDescriptorList = 0x03,
  CommandSetNamespace = 0x05,
  CommandSetController = 0x06,
  CommandSetActiveNamespaceList = 0x07,
  IndependentNamespace = 0x08,
  AllocatedNamespaceList = 0x10,
  AllocatedNamespace = 0x11,
  AttachedControllers = 0x12,
  Controllers = 0x13,
  CommandSetAllocatedNamespaceList = 0x1a,
  CommandSetAllocatedNamespace = 0x1b,
  CommandSets = 0x1c,
};

/// The I/O Command Set Identifier of the NVM Command Set.
inline constexpr std::uint8_t kNvmCommandSet = 0x00;
inline constexpr std::size_t kIdentifyBytes = 4096;
inline constexpr std::uint32_t kBroadcastNsid = 0xffffffff;

/// Identify - Power State Descriptor Data Structure.
struct PowerStateDescriptor {
  static constexpr std::uint8_t kNonOperational = 1U << 1U;  ///< NOPS

  std::uint16_t maximumPower = 0;  ///< MP, in centiwatts unless MXPS is set
  std::uint8_t reserved2 = 0;
  std::uint8_t flags = 0;            ///< MXPS (0), NOPS (1)
  std::uint32_t entryLatencyUs = 0;  ///< ENLAT
  std::uint32_t exitLatencyUs = 0;   ///< EXLAT
  std::uint8_t relativeReadThroughput = 0;
  std::uint8_t relativeReadLatency = 0;
  std::uint8_t relativeWriteThroughput = 0;
  std::uint8_t relativeWriteLatency = 0;
  std::uint16_t idlePower = 0;
  std::uint8_t idlePowerScale = 0;
  std::uint8_t reserved19 = 0;
  std::uint16_t activePower = 0;
  std::uint8_t activePowerFlags = 0;  ///< APW (2:0), APS (7:6)
  std::array<std::uint8_t, 9> reserved23{};
};
static_assert(sizeof(PowerStateDescriptor) == 32);

/// A little-endian 128-bit quantity, in units the field states.
struct Uint128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

/// Identify Controller Data Structure, I/O controller (NVMe Base 2.0, CNS 01h).
struct IdentifyController {
  std::uint16_t vid = 0;
  std::uint16_t ssvid = 0;
  std::array<char, 20> sn{};
  std::array<char, 40> mn{};
  std::array<char, 8> fr{};
  std::uint8_t rab = 0;
  std::array<std::uint8_t, 3> ieee{};
  std::uint8_t cmic = 0;
  std::uint8_t mdts = 0;
  std::uint16_t cntlid = 0;
  std::uint32_t ver = 0;
  std::uint32_t rtd3r = 0;
  std::uint32_t rtd3e = 0;
  std::uint32_t oaes = 0;
  std::uint32_t ctratt = 0;
  std::uint16_t rrls = 0;
  std::array<std::uint8_t, 9> reserved102{};
  std::uint8_t cntrltype = 0;
  std::array<std::uint8_t, 16> fguid{};
  std::array<std::uint16_t, 3> crdt{};
  std::array<std::uint8_t, 119> reserved134{};
  std::uint8_t nvmsr = 0;
  std::uint8_t vwci = 0;
  std::uint8_t mec = 0;
  std::uint16_t oacs = 0;
  std::uint8_t acl = 0;
  std::uint8_t aerl = 0;
  std::uint8_t frmw = 0;
  std::uint8_t lpa = 0;
  std::uint8_t elpe = 0;
  std::uint8_t npss = 0;
  std::uint8_t avscc = 0;
  std::uint8_t apsta = 0;
  std::uint16_t wctemp = 0;
  std::uint16_t cctemp = 0;
  std::uint16_t mtfa = 0;
  std::uint32_t hmpre = 0;
  std::uint32_t hmmin = 0;
  Uint128 tnvmcap;
  Uint128 unvmcap;
  std::uint32_t rpmbs = 0;
  std::uint16_t edstt = 0;
  std::uint8_t dsto = 0;
  std::uint8_t fwug = 0;
  std::uint16_t kas = 0;
  std::uint16_t hctma = 0;
  std::uint16_t mntmt = 0;
  std::uint16_t mxtmt = 0;
  std::uint32_t sanicap = 0;
  std::uint32_t hmminds = 0;
  std::uint16_t hmmaxd = 0;
  std::uint16_t nsetidmax = 0;
  std::uint16_t endgidmax = 0;
  std::uint8_t anatt = 0;
  std::uint8_t anacap = 0;
  std::uint32_t anagrpmax = 0;
  std::uint32_t nanagrpid = 0;
  std::uint32_t pels = 0;
  std::uint16_t domainId = 0;
  std::array<std::uint8_t, 10> reserved358{};
  Uint128 megcap;
  std::array<std::uint8_t, 128> reserved384{};
  std::uint8_t sqes = 0;
  std::uint8_t cqes = 0;
  std::uint16_t maxcmd = 0;
  std::uint32_t nn = 0;
  std::uint16_t oncs = 0;
  std::uint16_t fuses = 0;
  std::uint8_t fna = 0;
  std::uint8_t vwc = 0;
  std::uint16_t awun = 0;
  std::uint16_t awupf = 0;
  std::uint8_t icsvscc = 0;
  std::uint8_t nwpc = 0;
  std::uint16_t acwu = 0;
  std::uint16_t ocfs = 0;
  std::uint32_t sgls = 0;
  std::uint32_t mnan = 0;
  Uint128 maxdna;
  std::uint32_t maxcna = 0;
  std::array<std::uint8_t, 204> reserved564{};
  std::array<char, 256> subnqn{};
  std::array<std::uint8_t, 1024> reserved1024{};
  std::array<PowerStateDescriptor, 32> psd{};
  std::array<std::uint8_t, 1024> vendorSpecific{};
};
static_assert(sizeof(IdentifyController) == kIdentifyBytes);
static_assert(std::is_trivially_copyable_v<IdentifyController>);
static_assert(offsetof(IdentifyController, mdts) == 77 && offsetof(IdentifyController, ver) == 80);
static_assert(offsetof(IdentifyController, cntrltype) == 111 &&
              offsetof(IdentifyController, nvmsr) == 253);
static_assert(offsetof(IdentifyController, oacs) == 256 &&
              offsetof(IdentifyController, wctemp) == 266);
static_assert(offsetof(IdentifyController, tnvmcap) == 280 &&
              offsetof(IdentifyController, kas) == 320);
static_assert(offsetof(IdentifyController, anagrpmax) == 344 &&
              offsetof(IdentifyController, megcap) == 368);
static_assert(offsetof(IdentifyController, sqes) == 512 &&
              offsetof(IdentifyController, oncs) == 520);
static_assert(offsetof(IdentifyController, sgls) == 536 &&
              offsetof(IdentifyController, maxcna) == 560);
static_assert(offsetof(IdentifyController, subnqn) == 768 &&
              offsetof(IdentifyController, psd) == 2048);

/// LBA Format Data Structure.
struct LbaFormat {
  std::uint16_t metadataSize = 0;
  std::uint8_t dataSizeShift = 0;  ///< LBADS: the block is 2^LBADS bytes
  std::uint8_t relativePerformance = 0;
};
static_assert(sizeof(LbaFormat) == 4);

/// Identify Namespace Data Structure, NVM Command Set (NVM Command Set 1.0, CNS 00h).
struct IdentifyNamespace {
  std::uint64_t nsze = 0;
  std::uint64_t ncap = 0;
  std::uint64_t nuse = 0;
  std::uint8_t nsfeat = 0;
  std::uint8_t nlbaf = 0;
  std::uint8_t flbas = 0;
  std::uint8_t mc = 0;
  std::uint8_t dpc = 0;
  std::uint8_t dps = 0;
  std::uint8_t nmic = 0;
  std::uint8_t rescap = 0;
  std::uint8_t fpi = 0;
  std::uint8_t dlfeat = 0;
  std::uint16_t nawun = 0;
  std::uint16_t nawupf = 0;
  std::uint16_t nacwu = 0;
  std::uint16_t nabsn = 0;
  std::uint16_t nabo = 0;
  std::uint16_t nabspf = 0;
  std::uint16_t noiob = 0;
  Uint128 nvmcap;
  std::uint16_t npwg = 0;
  std::uint16_t npwa = 0;
  std::uint16_t npdg = 0;
  std::uint16_t npda = 0;
  std::uint16_t nows = 0;
  std::uint16_t mssrl = 0;
  std::uint32_t mcl = 0;
  std::uint8_t msrc = 0;
  std::array<std::uint8_t, 11> reserved81{};
  std::uint32_t anagrpid = 0;
  std::array<std::uint8_t, 3> reserved96{};
  std::uint8_t nsattr = 0;
  std::uint16_t nvmsetid = 0;
  std::uint16_t endgid = 0;
  std::array<std::uint8_t, 16> nguid{};
  std::array<std::uint8_t, 8> eui64{};
  std::array<LbaFormat, 64> lbaf{};
  std::array<std::uint8_t, 3712> vendorSpecific{};
};
static_assert(sizeof(IdentifyNamespace) == kIdentifyBytes);
static_assert(std::is_trivially_copyable_v<IdentifyNamespace>);
static_assert(offsetof(IdentifyNamespace, flbas) == 26 &&
              offsetof(IdentifyNamespace, dlfeat) == 33);
static_assert(offsetof(IdentifyNamespace, nvmcap) == 48 &&
              offsetof(IdentifyNamespace, mssrl) == 74);
static_assert(offsetof(IdentifyNamespace, anagrpid) == 92 &&
              offsetof(IdentifyNamespace, nguid) == 104);
static_assert(offsetof(IdentifyNamespace, eui64) == 120 &&
              offsetof(IdentifyNamespace, lbaf) == 128);

/// I/O Command Set Independent Identify Namespace Data Structure (NVMe Base 2.0, CNS 08h).
struct IndependentIdentifyNamespace {
  std::uint8_t nsfeat = 0;
  std::uint8_t nmic = 0;
  std::uint8_t rescap = 0;
  std::uint8_t fpi = 0;
  std::uint32_t anagrpid = 0;
  std::uint8_t nsattr = 0;
  std::uint8_t reserved9 = 0;
  std::uint16_t nvmsetid = 0;
  std::uint16_t endgid = 0;
  std::uint8_t nstat = 0;  ///< NRDY (0): the namespace is ready
  std::array<std::uint8_t, 4081> reserved15{};
};
static_assert(sizeof(IndependentIdentifyNamespace) == kIdentifyBytes);
static_assert(offsetof(IndependentIdentifyNamespace, nstat) == 14);

/// I/O Command Set specific Identify Controller Data Structure, NVM Command Set (CNS 06h, CSI 00h).
struct IdentifyControllerNvm {
  std::uint8_t vsl = 0;     ///< Verify: 2^VSL times CAP.MPSMIN
  std::uint8_t wzsl = 0;    ///< Write Zeroes
  std::uint8_t wusl = 0;    ///< Write Uncorrectable
  std::uint8_t dmrl = 0;    ///< Dataset Management: ranges
  std::uint32_t dmrsl = 0;  ///< blocks of one range
  std::uint64_t dmsl = 0;   ///< blocks of all
  std::array<std::uint8_t, 4080> reserved16{};
};
static_assert(sizeof(IdentifyControllerNvm) == kIdentifyBytes);

/// Type of an entry of the Namespace Identification Descriptor list (CNS 03h).
enum class NamespaceIdType : std::uint8_t { Eui64 = 1, Nguid = 2, Uuid = 3, CommandSet = 4 };

}  // namespace doorbell::spec
