#include "platform/vfio/group.h"

#include <fcntl.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "platform/error.h"

namespace doorbell::platform::vfio {

namespace {

[[noreturn]] void notReady(const std::string& address, const std::string& reason) {
  throw Error("PLATFORM_NOT_READY", address + ": " + reason);
}

/// The last part of what a link points to; empty when there is none.
std::string linkTarget(const std::string& path) {
  std::string target(512, '\0');
  const long length = ::readlink(path.c_str(), target.data(), target.size());
  if (length < 0) return {};
  target.resize(static_cast<std::size_t>(length));
  return target.substr(target.rfind('/') + 1);
}

/// The first capability of that kind in what an ioctl filled in; null when there is none.
template <class T>
const T* capability(const std::vector<std::byte>& info, std::uint32_t offset, std::uint16_t id) {
  while (offset != 0 && offset + sizeof(T) <= info.size()) {
    const auto* header = reinterpret_cast<const vfio_info_cap_header*>(info.data() + offset);
    if (header->id == id) return reinterpret_cast<const T*>(header);
    // They are in ascending order: a kernel that says otherwise must not make this turn for ever.
    if (header->next <= offset) break;
    offset = header->next;
  }
  return nullptr;
}

}  // namespace

PciPlace PciPlace::find(const std::string& address, const std::string& root) {
  const std::string device = root + "/bus/pci/devices/" + address;
  if (::access(device.c_str(), F_OK) != 0) {
    notReady(address, "there is no such PCI function; `doorbell doctor` lists the controllers");
  }
  PciPlace place{.address = address, .group = linkTarget(device + "/iommu_group")};
  if (place.group.empty()) {
    notReady(address,
             "no IOMMU is in use, and VFIO needs one: switch it on in the firmware's setup "
             "and with intel_iommu=on or amd_iommu=on on the kernel's command line");
  }
  const std::string driver = linkTarget(device + "/driver");
  if (driver != "vfio-pci") {
    notReady(address, (driver.empty() ? "no driver is bound to it"
                                      : "the driver " + driver + " is bound to it") +
                          "; `doorbell doctor` says how to bind vfio-pci");
  }
  return place;
}

Group::Group(const PciPlace& place) {
  container_ = FileDescriptor(::open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC));
  if (!container_) {
    notReady(place.address, std::string("/dev/vfio/vfio: ") + std::strerror(errno) +
                                "; load the modules vfio-pci and vfio_iommu_type1");
  }
  const std::string path = "/dev/vfio/" + place.group;
  group_ = FileDescriptor(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!group_ && errno == EBUSY) {
    throw Error("BUSY", place.address + " is in use: another process has " + path + " open");
  }
  if (!group_) {
    notReady(place.address, path + ": " + std::strerror(errno) +
                                "; give it to this user: `doorbell doctor` says how");
  }
  attach(place);
  iova_ = std::make_unique<IovaAllocator>(aperture());
}

Group::~Group() = default;

void Group::attach(const PciPlace& place) {
  vfio_group_status status{.argsz = sizeof(status), .flags = 0};
  if (::ioctl(group_.get(), VFIO_GROUP_GET_STATUS, &status) != 0 ||
      (status.flags & VFIO_GROUP_FLAGS_VIABLE) == 0) {
    notReady(place.address, "another device of its IOMMU group " + place.group +
                                " is bound to a driver of the kernel: the whole group moves "
                                "together; see /sys/kernel/iommu_groups/" +
                                place.group + "/devices");
  }
  int container = container_.get();
  if (::ioctl(group_.get(), VFIO_GROUP_SET_CONTAINER, &container) != 0) {
    notReady(place.address, std::string("VFIO_GROUP_SET_CONTAINER: ") + std::strerror(errno));
  }
  if (::ioctl(container_.get(), VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) != 0) {
    const bool unsafe = errno == EPERM;
    notReady(place.address,
             std::string("VFIO_SET_IOMMU: ") + std::strerror(errno) +
                 (unsafe ? "; the IOMMU has no interrupt remapping, which VFIO asks for" : ""));
  }
}

/// What the IOMMU can map: reserved ranges (interrupts, memory of the firmware) are left out.
std::vector<IovaAllocator::Range> Group::aperture() const {
  vfio_iommu_type1_info asked{};
  asked.argsz = sizeof(asked);
  if (::ioctl(container_.get(), VFIO_IOMMU_GET_INFO, &asked) != 0) {
    return IovaAllocator::everywhere();
  }
  std::vector<std::byte> info(asked.argsz);
  auto* filled = reinterpret_cast<vfio_iommu_type1_info*>(info.data());
  filled->argsz = asked.argsz;
  if (::ioctl(container_.get(), VFIO_IOMMU_GET_INFO, filled) != 0 ||
      (filled->flags & VFIO_IOMMU_INFO_CAPS) == 0) {
    return IovaAllocator::everywhere();
  }
  using Cap = vfio_iommu_type1_info_cap_iova_range;
  const auto* cap = capability<Cap>(info, filled->cap_offset, VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE);
  if (cap == nullptr) return IovaAllocator::everywhere();
  std::vector<IovaAllocator::Range> ranges;
  for (std::uint32_t i = 0; i < cap->nr_iovas; ++i) {
    ranges.push_back({cap->iova_ranges[i].start, cap->iova_ranges[i].end});
  }
  return ranges;
}

FileDescriptor Group::openDevice(const std::string& address) const {
  FileDescriptor fd(::ioctl(group_.get(), VFIO_GROUP_GET_DEVICE_FD, address.c_str()));
  if (fd) return fd;
  notReady(address, std::string("VFIO_GROUP_GET_DEVICE_FD: ") + std::strerror(errno));
}

std::uint64_t Group::map(std::shared_ptr<HostMemory> memory) {
  const std::uint64_t address = iova_->take(memory->size());
  const std::lock_guard lock(mutex_);
  if (released_) return address;  // nobody reaches anything any more
  vfio_iommu_type1_dma_map request{.argsz = sizeof(request),
                                   .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
                                   .vaddr = reinterpret_cast<std::uintptr_t>(memory->data()),
                                   .iova = address,
                                   .size = memory->size()};
  if (::ioctl(container_.get(), VFIO_IOMMU_MAP_DMA, &request) != 0) {
    const int reason = errno;
    iova_->give(address);
    std::string text = "cannot map " + std::to_string(memory->size()) +
                       " bytes for the device: " + std::strerror(reason);
    if (reason == ENOMEM) text += "; raise the limit of locked memory (ulimit -l)";
    if (reason == ENOSPC) text += "; free buffers first";
    throw Error("DMA_MAP_FAILED", text);
  }
  mapped_[address] = std::move(memory);
  return address;
}

void Group::unmap(std::uint64_t busAddress) noexcept {
  {
    const std::lock_guard lock(mutex_);
    auto node = mapped_.extract(busAddress);
    if (!node.empty() && !released_) {
      vfio_iommu_type1_dma_unmap request{};
      request.argsz = sizeof(request);
      request.iova = busAddress;
      request.size = node.mapped()->size();
      // Of exactly what was mapped: it cannot be refused.
      static_cast<void>(::ioctl(container_.get(), VFIO_IOMMU_UNMAP_DMA, &request));
    }
  }
  iova_->give(busAddress);
}

void Group::release() noexcept {
  const std::lock_guard lock(mutex_);
  released_ = true;
  group_ = FileDescriptor();
  container_ = FileDescriptor();
  mapped_.clear();  // what was mapped is free only now
}

}  // namespace doorbell::platform::vfio
