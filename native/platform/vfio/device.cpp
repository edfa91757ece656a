#include "platform/vfio/device.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>
#include <vector>

#include "platform/error.h"

namespace doorbell::platform::vfio {

namespace {

constexpr std::size_t kInfoBytes = 4096;

bool hasMsixMappable(const std::vector<std::byte>& info, std::uint32_t offset) {
  while (offset != 0 && offset + sizeof(vfio_info_cap_header) <= info.size()) {
    vfio_info_cap_header header{};
    std::memcpy(&header, info.data() + offset, sizeof(header));
    if (header.id == VFIO_REGION_INFO_CAP_MSIX_MAPPABLE) return true;
    if (header.next <= offset) return false;
    offset = header.next;
  }
  return false;
}

}  // namespace

Device::Device(std::string address, FileDescriptor fd)
    : address_(std::move(address)),
      fd_(std::move(fd)),
      config_(region(VFIO_PCI_CONFIG_REGION_INDEX)) {}

Region Device::region(std::uint32_t index) const {
  std::vector<std::byte> buffer(kInfoBytes);
  auto* info = reinterpret_cast<vfio_region_info*>(buffer.data());
  info->argsz = kInfoBytes;
  info->index = index;
  if (::ioctl(fd_.get(), VFIO_DEVICE_GET_REGION_INFO, info) != 0) {
    throw Error("VFIO", address_ + ": VFIO_DEVICE_GET_REGION_INFO: " + std::strerror(errno));
  }
  const bool caps = (info->flags & VFIO_REGION_INFO_FLAG_CAPS) != 0;
  return {.offset = info->offset,
          .size = info->size,
          .flags = info->flags,
          .msixMappable = caps && hasMsixMappable(buffer, info->cap_offset)};
}

unsigned Device::interrupts(std::uint32_t index) const noexcept {
  vfio_irq_info info{.argsz = sizeof(info), .flags = 0, .index = index, .count = 0};
  if (::ioctl(fd_.get(), VFIO_DEVICE_GET_IRQ_INFO, &info) != 0) return 0;
  return (info.flags & VFIO_IRQ_INFO_EVENTFD) != 0 ? info.count : 0;
}

std::uint32_t Device::configRead(std::uint32_t offset, unsigned width) const noexcept {
  std::uint32_t value = 0;
  const auto at = static_cast<off_t>(config_.offset + offset);
  if (::pread(fd_.get(), &value, width, at) == static_cast<ssize_t>(width)) return value;
  return UINT32_MAX >> (32 - 8 * width);
}

void Device::configWrite(std::uint32_t offset, unsigned width, std::uint32_t value) const noexcept {
  const auto at = static_cast<off_t>(config_.offset + offset);
  // A device that is gone ignores writes.
  static_cast<void>(!::pwrite(fd_.get(), &value, width, at));
}

int Device::setEventfds(std::uint32_t index, std::span<const int> fds) const noexcept {
  std::vector<std::byte> buffer(sizeof(vfio_irq_set) + fds.size_bytes());
  auto* set = reinterpret_cast<vfio_irq_set*>(buffer.data());
  set->argsz = static_cast<std::uint32_t>(buffer.size());
  set->flags = VFIO_IRQ_SET_ACTION_TRIGGER;
  set->flags |= fds.empty() ? VFIO_IRQ_SET_DATA_NONE : VFIO_IRQ_SET_DATA_EVENTFD;
  set->index = index;
  set->start = 0;
  set->count = static_cast<std::uint32_t>(fds.size());
  std::memcpy(buffer.data() + sizeof(vfio_irq_set), fds.data(), fds.size_bytes());
  const int result = ::ioctl(fd_.get(), VFIO_DEVICE_SET_IRQS, set);
  return result < 0 ? -errno : result;
}

/// VFIO resets a function by the first method that works: by a bus reset too, which is another.
void Device::chooseFunctionLevelReset() const {
  const std::string path = "/sys/bus/pci/devices/" + address_ + "/reset_method";
  const auto methods = [&path] {
    std::string line;
    std::ifstream file(path);
    std::getline(file, line);
    return line;
  };
  const std::string before = methods();
  // Kernels before 5.15 do not say.
  if (before.empty() || before == "flr" || before.rfind("flr ", 0) == 0) return;
  std::ofstream(path) << "flr" << std::flush;
  if (methods() == "flr") return;
  throw Error("PLATFORM_LIMIT", address_ + ": the kernel would reset this function by \"" + before +
                                    "\", not by a function level reset, and " + path +
                                    " cannot be changed by this user");
}

void Device::functionReset() const {
  chooseFunctionLevelReset();
  if (::ioctl(fd_.get(), VFIO_DEVICE_RESET) == 0) return;
  throw Error("VFIO", address_ + ": VFIO_DEVICE_RESET: " + std::strerror(errno));
}

void Device::hotReset(int group) const {
  std::vector<std::byte> buffer(sizeof(vfio_pci_hot_reset) + sizeof(std::int32_t));
  auto* request = reinterpret_cast<vfio_pci_hot_reset*>(buffer.data());
  request->argsz = static_cast<std::uint32_t>(buffer.size());
  request->count = 1;
  std::memcpy(buffer.data() + sizeof(vfio_pci_hot_reset), &group, sizeof(group));
  if (::ioctl(fd_.get(), VFIO_DEVICE_PCI_HOT_RESET, request) == 0) return;
  const int reason = errno;
  std::string text = address_ + ": VFIO cannot hot reset it: " + std::strerror(reason);
  if (reason == ENODEV || reason == ENOTTY) text += " (the kernel cannot reset its slot or bus)";
  if (reason == EPERM) text += " (devices of other IOMMU groups are on the same bus)";
  throw Error("PLATFORM_LIMIT", text);
}

}  // namespace doorbell::platform::vfio
