#pragma once

#include <linux/vfio.h>

#include <cstddef>
#include <cstdint>

/// The messages of the vfio-user protocol, version 0.x: VFIO's verbs over a UNIX socket.
namespace doorbell::platform::vfio_user {

enum class Command : std::uint16_t {
  Version = 1,
  DmaMap = 2,
  DmaUnmap = 3,
  DeviceGetInfo = 4,
  DeviceGetRegionInfo = 5,
  DeviceGetRegionIoFds = 6,
  DeviceGetIrqInfo = 7,
  DeviceSetIrqs = 8,
  RegionRead = 9,
  RegionWrite = 10,
  DmaRead = 11,
  DmaWrite = 12,
  DeviceReset = 13,
  RegionWriteMulti = 15,
};

inline constexpr std::uint32_t kTypeMask = 0xf;
inline constexpr std::uint32_t kTypeCommand = 0x0;
inline constexpr std::uint32_t kTypeReply = 0x1;
inline constexpr std::uint32_t kNoReply = 0x10;
inline constexpr std::uint32_t kError = 0x20;

struct Header {
  std::uint16_t id = 0;
  std::uint16_t command = 0;
  std::uint32_t size = 0;  ///< of the message, this header included
  std::uint32_t flags = 0;
  std::uint32_t error = 0;  ///< an errno, with kError
};
static_assert(sizeof(Header) == 16);

struct Version {
  std::uint16_t major = 0;
  std::uint16_t minor = 1;  // followed by capabilities: JSON, with its terminating zero
};
static_assert(sizeof(Version) == 4);

inline constexpr std::uint32_t kDmaRead = 1;
inline constexpr std::uint32_t kDmaWrite = 2;
struct DmaMap {
  std::uint32_t argsz = 0;
  std::uint32_t flags = 0;
  std::uint64_t offset = 0;  ///< into the file whose descriptor comes along
  std::uint64_t address = 0;
  std::uint64_t size = 0;
};
static_assert(sizeof(DmaMap) == 32);

inline constexpr std::uint32_t kUnmapAll = 2;
struct DmaUnmap {
  std::uint32_t argsz = 0;
  std::uint32_t flags = 0;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
};
static_assert(sizeof(DmaUnmap) == 24);

struct DeviceInfo {
  std::uint32_t argsz = 0;
  std::uint32_t flags = 0;
  std::uint32_t regions = 0;
  std::uint32_t irqs = 0;
};
static_assert(sizeof(DeviceInfo) == 16);

/// vfio_region_info with one sparse area: what part of the region can be mapped.
struct RegionInfo {
  std::uint32_t argsz = 0;
  std::uint32_t flags = 0;
  std::uint32_t index = 0;
  std::uint32_t capOffset = 0;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;  ///< of the region in the file that comes along
};
static_assert(sizeof(RegionInfo) == 32);

struct SparseArea {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};
struct SparseMmap {
  std::uint16_t id = VFIO_REGION_INFO_CAP_SPARSE_MMAP;
  std::uint16_t version = 1;
  std::uint32_t next = 0;
  std::uint32_t areas = 1;
  std::uint32_t reserved = 0;
};
static_assert(sizeof(SparseMmap) == 16);

struct IrqInfo {
  std::uint32_t argsz = 0;
  std::uint32_t flags = 0;
  std::uint32_t index = 0;
  std::uint32_t count = 0;
};
static_assert(sizeof(IrqInfo) == 16);

struct IrqSet {
  std::uint32_t argsz = 0;
  std::uint32_t flags = 0;
  std::uint32_t index = 0;
  std::uint32_t start = 0;
  std::uint32_t count = 0;
};
static_assert(sizeof(IrqSet) == 20);

/// Followed by the data of a write, or of the reply to a read.
struct RegionAccess {
  std::uint64_t offset = 0;
  std::uint32_t region = 0;
  std::uint32_t count = 0;
};
static_assert(sizeof(RegionAccess) == 16);

inline constexpr std::uint32_t kMaxTransfer = 1U << 20U;  ///< max_data_xfer_size
inline constexpr std::uint32_t kMaxMessage = kMaxTransfer + 256;
inline constexpr unsigned kMaxFds = 8;         ///< of one message that is sent: max_msg_fds
inline constexpr unsigned kMaxFdsTaken = 128;  ///< of one message that is received

}  // namespace doorbell::platform::vfio_user
