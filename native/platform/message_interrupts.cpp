#include "platform/message_interrupts.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstring>

#include "platform/error.h"

namespace doorbell::platform {

void MessageInterrupts::provide(unsigned count) {
  while (fds_.size() < count) {
    FileDescriptor fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!fd) {
      throw Error("INTERRUPT_FAILED",
                  std::string("cannot make an eventfd: ") + std::strerror(errno));
    }
    fds_.push_back(std::move(fd));
  }
}

int MessageInterrupts::fd(unsigned vector) const {
  if (vector < fds_.size()) return fds_[vector].get();
  throw Error("OUT_OF_RANGE", "interrupt vector " + std::to_string(vector) +
                                  " is not enabled; enable the interrupts first");
}

std::vector<int> MessageInterrupts::first(unsigned count) const {
  std::vector<int> numbers;
  for (unsigned i = 0; i < count; ++i) numbers.push_back(fd(i));
  return numbers;
}

}  // namespace doorbell::platform
