#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "platform/dma_domain.h"
#include "platform/file_descriptor.h"
#include "platform/iova_allocator.h"

namespace doorbell::platform::vfio {

/// What sysfs says of a PCI function; paths below `root`, so that a test can make one up.
struct PciPlace {
  std::string address;  ///< 0000:3d:00.0
  std::string group;    ///< number of its IOMMU group
  /// Throws Error{"PLATFORM_NOT_READY"} naming what is missing and the way there: no such function,
  /// no IOMMU, another driver bound.
  static PciPlace find(const std::string& address, const std::string& root = "/sys");
};

/// An IOMMU group of our own and its container: the address space of the devices in it. Closed when
/// the last user lets go.
class Group final : public DmaDomain {
 public:
  /// Throws Error{"PLATFORM_NOT_READY"}, Error{"BUSY"} when another process has the group.
  explicit Group(const PciPlace& place);
  ~Group() override;

  std::uint64_t map(std::shared_ptr<HostMemory> memory) override;
  void unmap(std::uint64_t busAddress) noexcept override;

  [[nodiscard]] int fd() const noexcept { return group_.get(); }
  /// Throws Error{"PLATFORM_NOT_READY"}.
  [[nodiscard]] FileDescriptor openDevice(const std::string& address) const;
  /// Gives the group back while memory may still be mapped by its users.
  void release() noexcept;

 private:
  void attach(const PciPlace& place);
  [[nodiscard]] std::vector<IovaAllocator::Range> aperture() const;

  FileDescriptor container_;
  FileDescriptor group_;
  std::unique_ptr<IovaAllocator> iova_;
  std::mutex mutex_;
  bool released_ = false;
  std::map<std::uint64_t, std::shared_ptr<HostMemory>> mapped_;
};

}  // namespace doorbell::platform::vfio
