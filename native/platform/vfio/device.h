#pragma once

#include <linux/vfio.h>

#include <cstdint>
#include <span>
#include <string>

#include "platform/file_descriptor.h"

namespace doorbell::platform::vfio {

struct Region {
  std::uint64_t offset = 0;  ///< in the device's file
  std::uint64_t size = 0;
  std::uint32_t flags = 0;
  bool msixMappable = false;  ///< also where the MSI-X table lies
};

/// The verbs of a VFIO device file.
class Device {
 public:
  Device(std::string address, FileDescriptor fd);
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  /// Throws Error{"VFIO"}.
  [[nodiscard]] Region region(std::uint32_t index) const;
  [[nodiscard]] unsigned interrupts(std::uint32_t index) const noexcept;
  /// All ones when the device does not answer.
  [[nodiscard]] std::uint32_t configRead(std::uint32_t offset, unsigned width) const noexcept;
  void configWrite(std::uint32_t offset, unsigned width, std::uint32_t value) const noexcept;

  /// Replaces all of that kind; none turns it off. 0, a negative errno, or how many there could be.
  [[nodiscard]] int setEventfds(std::uint32_t index, std::span<const int> fds) const noexcept;
  /// A function level reset and no other method. Throws Error{"PLATFORM_LIMIT"}, Error{"VFIO"}.
  void functionReset() const;
  /// Of the bus the function is on. Throws Error{"PLATFORM_LIMIT"} naming what stands against it.
  void hotReset(int group) const;
  void close() noexcept { fd_ = FileDescriptor(); }

 private:
  void chooseFunctionLevelReset() const;

  const std::string address_;
  FileDescriptor fd_;
  Region config_;
};

}  // namespace doorbell::platform::vfio
