#pragma once

#include <vector>

#include "platform/file_descriptor.h"

namespace doorbell::platform {

/// Eventfds of interrupt vectors, each with the number it has for the life of the function.
class MessageInterrupts {
 public:
  /// Makes those below `count` that are missing. Throws Error{"INTERRUPT_FAILED"}.
  void provide(unsigned count);
  /// Throws Error{"OUT_OF_RANGE"} for one that was never provided.
  [[nodiscard]] int fd(unsigned vector) const;
  /// The first `count`, to be given away.
  [[nodiscard]] std::vector<int> first(unsigned count) const;

 private:
  std::vector<FileDescriptor> fds_;
};

}  // namespace doorbell::platform
