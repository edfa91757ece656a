#include "emulator/interrupts.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "platform/error.h"

namespace doorbell::emulator {

namespace {

constexpr std::uint32_t kEntryBytes = 16;

int makeEventFd() {
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) {
    throw Error("INTERRUPT_FAILED", std::string("cannot make an eventfd: ") + std::strerror(errno));
  }
  return fd;
}

}  // namespace

Interrupts::~Interrupts() {
  for (auto& vector : vectors_) {
    if (vector.fd.load() >= 0) ::close(vector.fd.load());
  }
}

void Interrupts::enable(unsigned count) {
  if (count > kInterruptVectors) {
    throw Error("NOT_SUPPORTED", std::to_string(count) +
                                     " MSI-X vectors were asked for, the SSD has " +
                                     std::to_string(kInterruptVectors));
  }
  const std::lock_guard lock(enableMutex_);
  for (unsigned i = 0; i < count; ++i) {
    if (vectors_[i].fd.load() < 0) vectors_[i].fd.store(makeEventFd());
  }
  for (unsigned i = 0; i < kInterruptVectors; ++i) setMasked(i, i >= count);
}

void Interrupts::connect(unsigned vector, int fd) {
  char target[64] = {};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  if (::readlink(link.c_str(), target, sizeof(target) - 1) < 0 ||
      std::string(target) != "anon_inode:[eventfd]") {
    throw Error("INTERRUPT_FAILED", "an interrupt needs an eventfd");
  }
  // A device thread shall never wait for a host that does not read.
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  const std::lock_guard lock(enableMutex_);
  Vector& wired = vectors_.at(vector);
  if (wired.fd.load() < 0) wired.fd.store(makeEventFd());
  // The number stays the same: a device thread that signals meanwhile reaches the old or the new.
  if (::dup3(fd, wired.fd.load(), O_CLOEXEC) < 0) {
    throw Error("INTERRUPT_FAILED", std::string("dup3: ") + std::strerror(errno));
  }
  wired.connected.store(true);
  setMasked(vector, false);
}

void Interrupts::disconnectAll() {
  const std::lock_guard lock(enableMutex_);
  for (unsigned i = 0; i < kInterruptVectors; ++i) {
    Vector& wired = vectors_[i];
    if (!wired.connected.exchange(false)) continue;
    wired.state.store(kMasked);
    const int nobody = makeEventFd();
    ::dup3(nobody, wired.fd.load(), O_CLOEXEC);
    ::close(nobody);
  }
}

int Interrupts::fd(unsigned vector) const {
  const int found = vector < kInterruptVectors ? vectors_[vector].fd.load() : -1;
  if (found < 0) {
    throw Error("OUT_OF_RANGE", "MSI-X vector " + std::to_string(vector) +
                                    " is not enabled; enable the interrupts first");
  }
  return found;
}

void Interrupts::configure(Mode mode, unsigned msiMessages, bool functionMask) noexcept {
  msiMessages_.store(msiMessages);
  functionMask_.store(functionMask);
  mode_.store(mode);
  deliverAllPending();
}

void Interrupts::setMasked(unsigned vector, bool masked) noexcept {
  if (vector >= kInterruptVectors) return;
  if (masked) {
    vectors_[vector].state.fetch_or(kMasked);
    return;
  }
  vectors_[vector].state.fetch_and(~kMasked);
  if (!blocked(vector)) deliverPending(vector);
}

void Interrupts::setMsiMask(std::uint32_t mask) noexcept {
  msiMask_.store(mask);
  deliverAllPending();
}

void Interrupts::reset() noexcept {
  mode_.store(Mode::None);
  functionMask_.store(false);
  msiMask_.store(0);
  for (auto& vector : vectors_) {
    vector.state.store(vector.connected.load() ? 0 : kMasked);
    for (auto& word : vector.message) word.store(0);
  }
}

bool Interrupts::blocked(unsigned vector) const noexcept {
  switch (mode_.load()) {
    case Mode::Msix:
      return functionMask_.load() || (vectors_[vector].state.load() & kMasked) != 0;
    case Mode::Intx:
    case Mode::Msi:
      return vector < 32 && ((msiMask_.load() >> vector) & 1U) != 0;
    case Mode::None:
      break;
  }
  return true;
}

void Interrupts::signal(unsigned vector) noexcept {
  const Mode mode = mode_.load(std::memory_order_relaxed);
  if (mode == Mode::None) return;
  if (mode == Mode::Intx) vector = 0;
  if (mode == Mode::Msi) vector %= msiMessages_.load(std::memory_order_relaxed);
  vectors_[vector].state.fetch_or(kPending);
  // Sequentially consistent with setMasked(): a mask lifted meanwhile is seen here, or the pending
  // bit there.
  if (!blocked(vector)) deliverPending(vector);
}

void Interrupts::deliverPending(unsigned vector) noexcept {
  Vector& target = vectors_[vector];
  if ((target.state.fetch_and(~kPending) & kPending) == 0) return;
  const int fd = target.fd.load();
  const std::uint64_t one = 1;
  // An eventfd only refuses when its counter is full, and then it is readable anyway.
  if (fd >= 0) static_cast<void>(!::write(fd, &one, sizeof(one)));
}

void Interrupts::deliverAllPending() noexcept {
  for (unsigned i = 0; i < kInterruptVectors; ++i) {
    if ((vectors_[i].state.load() & kPending) != 0 && !blocked(i)) deliverPending(i);
  }
}

std::uint32_t Interrupts::readTable(std::uint32_t offset) const noexcept {
  const std::uint32_t index = offset / kEntryBytes;
  if (index >= kInterruptVectors) return 0;
  const std::uint32_t word = offset % kEntryBytes / 4;
  return word < 3 ? vectors_[index].message[word].load() : vectors_[index].state.load() & kMasked;
}

void Interrupts::writeTable(std::uint32_t offset, std::uint32_t value) noexcept {
  const std::uint32_t index = offset / kEntryBytes;
  if (index >= kInterruptVectors) return;
  const std::uint32_t word = offset % kEntryBytes / 4;
  if (word < 3) {
    vectors_[index].message[word].store(value);
  } else {
    setMasked(index, (value & kMasked) != 0);
  }
}

std::uint32_t Interrupts::readPending(std::uint32_t offset) const noexcept {
  std::uint32_t bits = 0;
  for (std::uint32_t i = 0; i < 32; ++i) {
    const std::uint32_t vector = offset * 8 + i;
    if (vector >= kInterruptVectors) break;
    if ((vectors_[vector].state.load() & kPending) != 0) bits |= 1U << i;
  }
  return bits;
}

}  // namespace doorbell::emulator
