// The regions of a served SSD: configuration space and BAR0, by messages.
#include <cerrno>
#include <cstring>

#include "emulator/serve/session.h"

namespace doorbell::emulator {

namespace vfio_user = platform::vfio_user;

std::uint64_t Session::regionBytes(std::uint32_t region) const noexcept {
  if (region == VFIO_PCI_BAR0_REGION_INDEX) return device_.layout().bytes();
  return region == VFIO_PCI_CONFIG_REGION_INDEX ? ConfigSpace::kBytes : 0;
}

Session::Reply Session::regionInfo(const Message& message) const {
  const auto asked = message.head<vfio_user::RegionInfo>();
  if (!asked || asked->index >= VFIO_PCI_NUM_REGIONS) return {.error = EINVAL};
  vfio_user::RegionInfo info{.argsz = sizeof(vfio_user::RegionInfo), .index = asked->index};
  info.size = regionBytes(asked->index);
  if (info.size > 0) info.flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
  Reply reply;
  if (asked->index != VFIO_PCI_BAR0_REGION_INDEX || !mapDoorbells_) {
    vfio_user::append(reply.payload, info);
    return reply;
  }
  constexpr std::uint32_t kSparse = sizeof(vfio_user::SparseMmap) + sizeof(vfio_user::SparseArea);
  info.argsz += kSparse;
  info.flags |= VFIO_REGION_INFO_FLAG_MMAP;
  // A client that has no room asks again, as with the system call.
  if (asked->argsz >= info.argsz) {
    info.flags |= VFIO_REGION_INFO_FLAG_CAPS;
    info.capOffset = sizeof(vfio_user::RegionInfo);
  }
  vfio_user::append(reply.payload, info);
  if (info.capOffset != 0) {
    vfio_user::append(reply.payload, vfio_user::SparseMmap{});
    vfio_user::append(reply.payload,
                      vfio_user::SparseArea{.offset = spec::reg::kDoorbells,
                                            .size = device_.layout().doorbellBytes()});
  }
  reply.fds.push_back(device_.doorbells().regionFd());
  return reply;
}

Session::Reply Session::regionRead(const Message& message) {
  const auto access = message.head<vfio_user::RegionAccess>();
  if (!access) return {.error = EINVAL};
  const std::uint64_t size = regionBytes(access->region);
  if (access->offset > size || access->count > size - access->offset) return {.error = EINVAL};
  Reply reply;
  vfio_user::append(reply.payload, *access);
  const auto offset = static_cast<std::uint32_t>(access->offset);
  const bool config = access->region == VFIO_PCI_CONFIG_REGION_INDEX;
  std::uint32_t word = 0;
  for (std::uint32_t i = 0; i < access->count; ++i) {
    const std::uint32_t at = offset + i;
    if (i == 0 || at % 4 == 0) {
      word = config ? device_.configRead(at & ~3U, 4) : device_.barRead(at & ~3U);
    }
    reply.payload.push_back(static_cast<std::byte>((word >> (8 * (at % 4))) & 0xffU));
  }
  return reply;
}

Session::Reply Session::regionWrite(const Message& message) {
  const auto access = message.head<vfio_user::RegionAccess>();
  if (!access) return {.error = EINVAL};
  const std::uint64_t size = regionBytes(access->region);
  if (access->offset > size || access->count > size - access->offset) return {.error = EINVAL};
  const auto data = message.after(sizeof(*access));
  if (data.size() != access->count) return {.error = EINVAL};
  const auto offset = static_cast<std::uint32_t>(access->offset);
  const bool config = access->region == VFIO_PCI_CONFIG_REGION_INDEX;
  // Properties and doorbells are written as dwords.
  if (!config && (offset % 4 != 0 || access->count % 4 != 0)) return {.error = EINVAL};
  for (std::uint32_t i = 0; i < access->count;) {
    const std::uint32_t left = access->count - i;
    const std::uint32_t at = offset + i;
    const unsigned width = at % 4 == 0 && left >= 4 ? 4 : at % 2 == 0 && left >= 2 ? 2 : 1;
    std::uint32_t value = 0;
    std::memcpy(&value, data.data() + i, width);
    if (config) {
      device_.configWrite(at, width, value);
    } else {
      device_.barWrite(at, value);
    }
    i += width;
  }
  Reply reply;
  vfio_user::append(reply.payload, *access);
  return reply;
}

}  // namespace doorbell::emulator
