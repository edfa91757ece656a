#include "platform/vfio/function.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

#include "platform/access.h"
#include "platform/error.h"
#include "platform/msi.h"
#include "spec/pci_config.h"
#include "spec/registers.h"

namespace doorbell::platform::vfio {

namespace pci = spec::pci;

namespace {

constexpr std::uint32_t kNvmeClass = 0x010802;
constexpr int kLookMs = 20;  ///< between two looks whether it is still there
constexpr std::uint32_t kEntryBytes = 16;
constexpr std::uint32_t kVectorControl = 12;

FileDescriptor eventFd() {
  FileDescriptor fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) throw Error("NO_RESOURCES", std::string("eventfd: ") + std::strerror(errno));
  return fd;
}

}  // namespace

Function::Function(const PciPlace& place)
    : address_(place.address),
      group_(std::make_shared<Group>(place)),
      device_(place.address, group_->openDevice(place.address)),
      stop_(eventFd()),
      release_(eventFd()),
      error_(eventFd()) {
  if (device_.configRead(pci::kRevisionId, 4) >> 8U != kNvmeClass) {
    throw Error("NOT_NVME", address_ + " is no NVMe controller: its class code is not 010802h");
  }
  configWrite(pci::kCommand, 2, device_.configRead(pci::kCommand, 2) | pci::kCommandMemorySpace);
  mapBar();
  vectors_ = device_.interrupts(VFIO_PCI_MSIX_IRQ_INDEX);
  findTable();
  const int release = release_.get();
  const int error = error_.get();
  // Kernels and devices without them leave the looks at configuration space.
  (void)device_.setEventfds(VFIO_PCI_REQ_IRQ_INDEX, {&release, 1});
  (void)device_.setEventfds(VFIO_PCI_ERR_IRQ_INDEX, {&error, 1});
  watcher_ = std::thread([this] { watch(); });
  ::pthread_setname_np(watcher_.native_handle(), "vfio-watch");
}

Function::~Function() {
  const std::uint64_t one = 1;
  static_cast<void>(!::write(stop_.get(), &one, sizeof(one)));
  if (watcher_.get_id() == std::this_thread::get_id()) {
    watcher_.detach();  // the last owner let go when it was told of the loss
  } else {
    watcher_.join();
  }
  // The kernel resets the function when its file is closed.
  if (!lost_) configWrite(pci::kCommand, 2, 0);
}

void Function::mapBar() {
  barRegion_ = device_.region(VFIO_PCI_BAR0_REGION_INDEX);
  if ((barRegion_.flags & VFIO_REGION_INFO_FLAG_MMAP) == 0 ||
      barRegion_.size <= spec::reg::kDoorbells) {
    throw Error("VFIO", address_ + ": BAR0 cannot be mapped");
  }
  bar_ = GuardedMapping(device_.fd(), barRegion_.offset, barRegion_.size, 0xff);
  if (bar_.data() == nullptr) {
    throw Error("VFIO", address_ + ": mapping BAR0: " + std::strerror(errno));
  }
}

/// Vectors are masked by hand, where the kernel lets the table be mapped: VFIO has no verb for it.
void Function::findTable() {
  const std::uint32_t msix = findCapability(*this, pci::kCapMsix);
  if (msix == 0 || !barRegion_.msixMappable) return;
  const std::uint32_t where = configRead(msix + pci::kMsixTable, 4);
  if ((where & 7U) != 0) return;  // in another BAR
  const std::uint64_t offset = where & ~7U;
  if (offset + std::uint64_t{vectors_} * kEntryBytes <= bar_.size()) table_ = offset;
}

bool Function::gone() const noexcept {
  // Identifiers are remembered by the kernel; the class code is asked for.
  return device_.configRead(pci::kRevisionId, 4) == UINT32_MAX;
}

void Function::watch() noexcept {
  std::array<pollfd, 3> polled{
      {{stop_.get(), POLLIN, 0}, {release_.get(), POLLIN, 0}, {error_.get(), POLLIN, 0}}};
  while (true) {
    if (::poll(polled.data(), polled.size(), kLookMs) < 0) continue;
    if (polled[0].revents != 0) return;
    const bool asked = polled[1].revents != 0 || polled[2].revents != 0;
    if (!asked && (resetting_.load() || !gone())) continue;
    return lose();
  }
}

void Function::lose() noexcept {
  lost_.store(true);
  // Doorbells that are rung from here on go nowhere.
  (void)bar_.abandon();
  {
    const std::lock_guard lock(mutex_);
    if (!gone()) device_.configWrite(pci::kCommand, 2, 0);
    turnOff(VFIO_PCI_MSIX_IRQ_INDEX);
    turnOff(VFIO_PCI_MSI_IRQ_INDEX);
    device_.close();
    group_->release();
  }
  loss_.tell(LossReason::Removed);
}

std::uint32_t Function::configRead(std::uint32_t offset, unsigned width) {
  checkConfigAccess(offset, width);
  const std::lock_guard lock(mutex_);
  return device_.configRead(offset, width);
}

void Function::configWrite(std::uint32_t offset, unsigned width, std::uint32_t value) {
  checkConfigAccess(offset, width);
  const std::lock_guard lock(mutex_);
  device_.configWrite(offset, width, value);
}

bool Function::decoded() const noexcept {
  const std::lock_guard lock(mutex_);
  return (device_.configRead(pci::kCommand, 2) & pci::kCommandMemorySpace) != 0 && !gone();
}

bool Function::barReady() noexcept {
  if (!bar_.broken()) return true;
  if (lost_ || !decoded()) return false;
  const std::lock_guard lock(mutex_);
  return !lost_ && bar_.mend(device_.fd(), barRegion_.offset);
}

template <class Word>
Word Function::load(std::uint64_t offset) noexcept {
  if (!barReady()) return static_cast<Word>(~Word{0});
  // Volatile: a register changes by itself.
  const Word value = *reinterpret_cast<volatile Word*>(bar_.data() + offset);
  return bar_.broken() ? static_cast<Word>(~Word{0}) : value;
}

template <class Word>
void Function::store(std::uint64_t offset, Word value) noexcept {
  if (barReady()) *reinterpret_cast<volatile Word*>(bar_.data() + offset) = value;
}

std::uint32_t Function::read32(std::uint64_t offset) {
  checkAccess(offset, 4, bar_.size(), "BAR0");
  return load<std::uint32_t>(offset);
}

/// Two dwords: not every controller takes a quadword.
std::uint64_t Function::read64(std::uint64_t offset) {
  checkAccess(offset, 8, bar_.size(), "BAR0");
  const std::uint64_t low = load<std::uint32_t>(offset);
  return low | std::uint64_t{load<std::uint32_t>(offset + 4)} << 32U;
}

void Function::write32(std::uint64_t offset, std::uint32_t value) {
  checkAccess(offset, 4, bar_.size(), "BAR0");
  store(offset, value);
}

void Function::write64(std::uint64_t offset, std::uint64_t value) {
  checkAccess(offset, 8, bar_.size(), "BAR0");
  store(offset, static_cast<std::uint32_t>(value));
  store(offset + 4, static_cast<std::uint32_t>(value >> 32U));
}

DoorbellWindow Function::doorbells() noexcept {
  return {.base = reinterpret_cast<volatile std::uint32_t*>(bar_.data() + spec::reg::kDoorbells)};
}

void Function::turnOff(std::uint32_t index) noexcept { (void)device_.setEventfds(index, {}); }

void Function::enableInterrupts(unsigned count) {
  if (count > vectors_) {
    throw Error("NOT_SUPPORTED", std::to_string(count) + " MSI-X vectors were asked for, " +
                                     address_ + " has " + std::to_string(vectors_));
  }
  const std::lock_guard interrupts(interruptMutex_);
  interrupts_.provide(count);
  const std::vector<int> fds = interrupts_.first(count);
  const std::lock_guard lock(mutex_);
  if (lost_) return;
  turnOff(VFIO_PCI_MSI_IRQ_INDEX);
  turnOff(VFIO_PCI_MSIX_IRQ_INDEX);
  if (const int result = device_.setEventfds(VFIO_PCI_MSIX_IRQ_INDEX, fds); result != 0) {
    throw Error("INTERRUPT_FAILED", address_ + ": enabling " + std::to_string(count) +
                                        " MSI-X vectors: " + std::strerror(-result));
  }
}

std::optional<unsigned> Function::enableMsi(unsigned wanted) {
  if (device_.interrupts(VFIO_PCI_MSI_IRQ_INDEX) == 0) {
    throw Error("NOT_SUPPORTED", address_ + " has no MSI capability");
  }
  const std::lock_guard interrupts(interruptMutex_);
  unsigned count = std::bit_floor(std::min(wanted, device_.interrupts(VFIO_PCI_MSI_IRQ_INDEX)));
  interrupts_.provide(count);
  const std::lock_guard lock(mutex_);
  if (lost_) return count;
  turnOff(VFIO_PCI_MSIX_IRQ_INDEX);
  turnOff(VFIO_PCI_MSI_IRQ_INDEX);
  int result = device_.setEventfds(VFIO_PCI_MSI_IRQ_INDEX, interrupts_.first(count));
  if (result > 0) {
    // The kernel has fewer to give.
    count = std::bit_floor(static_cast<unsigned>(result));
    result = device_.setEventfds(VFIO_PCI_MSI_IRQ_INDEX, interrupts_.first(count));
  }
  if (result == 0) return count;
  throw Error("INTERRUPT_FAILED", address_ + ": enabling " + std::to_string(count) +
                                      " MSI messages: " + std::strerror(-result));
}

void Function::maskInterrupt(unsigned vector, bool masked) noexcept {
  if (table_ == 0 || vector >= vectors_) return;
  store<std::uint32_t>(table_ + vector * kEntryBytes + kVectorControl, masked ? 1U : 0U);
}

void Function::reset(ResetKind kind) {
  // While it is reset nothing answers, which is no removal.
  resetting_.store(true);
  try {
    const std::lock_guard lock(mutex_);
    if (!lost_) {
      if (kind == ResetKind::Hot) {
        device_.hotReset(group_->fd());
      } else {
        device_.functionReset();
      }
    }
  } catch (...) {
    resetting_.store(false);
    throw;
  }
  resetting_.store(false);
}

std::shared_ptr<PciFunction> openVfio(const std::string& address) {
  return std::make_shared<Function>(PciPlace::find(address));
}

}  // namespace doorbell::platform::vfio
