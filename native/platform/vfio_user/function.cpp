#include "platform/vfio_user/function.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "platform/access.h"
#include "platform/error.h"
#include "platform/msi.h"
#include "platform/vfio_user/dma.h"
#include "spec/pci_config.h"
#include "spec/registers.h"

namespace doorbell::platform::vfio_user {

namespace {

constexpr std::uint32_t kBar = VFIO_PCI_BAR0_REGION_INDEX;
constexpr std::uint32_t kConfig = VFIO_PCI_CONFIG_REGION_INDEX;
constexpr std::uint64_t kAllOnes = UINT64_MAX;
constexpr std::uint64_t kMaxBar = std::uint64_t{1} << 30U;
constexpr std::uint32_t kNotRung = 0xffffffff;

}  // namespace

Function::Function(std::string address, const std::string& socket)
    : address_(std::move(address)),
      link_(std::make_shared<Link>(socket, [this] { loss_.tell(LossReason::Removed); })),
      dma_(makeDma(link_)) {
  learn();
}

/// The server resets what it serves when its client goes.
Function::~Function() {
  // The reader tells of a loss: it must end before the members do.
  link_->hangUp();
  link_->join();
}

void Function::learn() {
  const auto device = link_->ask(Command::DeviceGetInfo, "describing the device",
                                 DeviceInfo{.argsz = sizeof(DeviceInfo)});
  if ((device.flags & VFIO_DEVICE_FLAGS_PCI) == 0 || device.regions <= kConfig) {
    throw Error("NOT_NVME", address_ + " serves no PCI device");
  }
  const std::uint32_t version = configRead(spec::pci::kRevisionId, 4);
  if (version >> 8U != 0x010802) {
    throw Error("NOT_NVME", address_ + " serves no NVMe controller: its class code is not 010802h");
  }
  const auto irq = link_->ask(Command::DeviceGetIrqInfo, "describing interrupts",
                              IrqInfo{.argsz = sizeof(IrqInfo), .index = VFIO_PCI_MSIX_IRQ_INDEX});
  vectors_ = std::min(irq.count, 2048U);
  if ((irq.flags & VFIO_IRQ_INFO_MASKABLE) != 0) masking_ = Masking::Costly;
  // What the client before left behind.
  (void)link_->call(Command::DeviceReset, "resetting the device", {});
  learnDoorbells();
}

void Function::learnDoorbells() {
  // Room for a few sparse areas.
  const Message reply =
      link_->call(Command::DeviceGetRegionInfo, "describing BAR0",
                  bytesOf(RegionInfo{.argsz = sizeof(RegionInfo) + 256, .index = kBar}));
  const auto info = reply.head<RegionInfo>();
  if (!info || info->size <= spec::reg::kDoorbells || info->size > kMaxBar) {
    throw link_->malformed("describing BAR0");
  }
  barBytes_ = info->size;
  configWrite(spec::pci::kCommand, 2,
              configRead(spec::pci::kCommand, 2) | spec::pci::kCommandMemorySpace);
  stride_ = static_cast<std::uint32_t>(read64(spec::reg::kCap) >> 32U) & 0xfU;
  if ((info->flags & VFIO_REGION_INFO_FLAG_MMAP) != 0 && !reply.fds.empty()) {
    const auto caps = reply.after(sizeof(RegionInfo));
    SparseMmap sparse{.areas = 0};
    SparseArea area{.offset = 0, .size = info->size};
    if ((info->flags & VFIO_REGION_INFO_FLAG_CAPS) != 0 &&
        caps.size() >= sizeof(sparse) + sizeof(area)) {
      std::memcpy(&sparse, caps.data(), sizeof(sparse));
      std::memcpy(&area, caps.data() + sizeof(sparse), sizeof(area));
    }
    const bool fits = area.offset <= spec::reg::kDoorbells && area.size <= info->size &&
                      area.offset + area.size > spec::reg::kDoorbells;
    if (fits) {
      const std::uint64_t into = spec::reg::kDoorbells - area.offset;
      mapped_ = GuardedMapping(reply.fds.front().get(), info->offset + spec::reg::kDoorbells,
                               area.size - into, 0xff);
    }
  }
  if (mapped_.data() != nullptr) return;
  shadow_.assign((barBytes_ - spec::reg::kDoorbells) / sizeof(std::uint32_t), kNotRung);
}

std::uint64_t Function::readRegion(std::uint32_t region, std::uint64_t offset, unsigned width) {
  const std::uint64_t ones = kAllOnes >> (64 - 8 * width);
  try {
    const Message reply =
        link_->call(Command::RegionRead, "reading a register",
                    bytesOf(RegionAccess{.offset = offset, .region = region, .count = width}));
    const auto data = reply.after(sizeof(RegionAccess));
    if (data.size() < width) return ones;
    std::uint64_t value = 0;
    std::memcpy(&value, data.data(), width);
    return value;
  } catch (const Error& error) {
    // Gone, or not answering: what a bus reads then.
    if (link_->ended() || error.code() != "VFIO_USER") return ones;
    throw;
  }
}

void Function::writeRegion(std::uint32_t region, std::uint64_t offset, unsigned width,
                           std::uint64_t value) {
  std::array<std::byte, sizeof(RegionAccess) + sizeof(value)> message{};
  const RegionAccess access{.offset = offset, .region = region, .count = width};
  std::memcpy(message.data(), &access, sizeof(access));
  std::memcpy(message.data() + sizeof(access), &value, width);
  try {
    // With a reply: once it returns, the device has seen it.
    (void)link_->call(Command::RegionWrite, "writing a register",
                      std::span(message).first(sizeof(access) + width));
  } catch (const Error& error) {
    if (link_->ended() || error.code() != "VFIO_USER") return;
    throw;
  }
}

std::uint32_t Function::configRead(std::uint32_t offset, unsigned width) {
  checkConfigAccess(offset, width);
  return static_cast<std::uint32_t>(readRegion(kConfig, offset, width));
}

void Function::configWrite(std::uint32_t offset, unsigned width, std::uint32_t value) {
  checkConfigAccess(offset, width);
  writeRegion(kConfig, offset, width, value);
}

std::uint32_t Function::read32(std::uint64_t offset) {
  checkAccess(offset, 4, barBytes_, "BAR0");
  return static_cast<std::uint32_t>(readRegion(kBar, offset, 4));
}

std::uint64_t Function::read64(std::uint64_t offset) {
  checkAccess(offset, 8, barBytes_, "BAR0");
  return readRegion(kBar, offset, 8);
}

void Function::write32(std::uint64_t offset, std::uint32_t value) {
  checkAccess(offset, 4, barBytes_, "BAR0");
  writeRegion(kBar, offset, 4, value);
}

void Function::write64(std::uint64_t offset, std::uint64_t value) {
  checkAccess(offset, 8, barBytes_, "BAR0");
  writeRegion(kBar, offset, 8, value);
}

DoorbellWindow Function::doorbells() noexcept {
  if (mapped_.data() != nullptr) {
    return {.base = reinterpret_cast<volatile std::uint32_t*>(mapped_.data())};
  }
  return {.base = shadow_.data(), .asleep = &asleep_, .threads = 1};
}

void Function::wake(std::uint16_t cqid) noexcept {
  if (shadow_.empty()) return;
  tellDoorbell(spec::reg::sqTailDoorbell(cqid, stride_));
  tellDoorbell(spec::reg::cqHeadDoorbell(cqid, stride_));
}

void Function::tellDoorbell(std::uint32_t offset) noexcept {
  auto& word = shadow_[(offset - spec::reg::kDoorbells) / sizeof(std::uint32_t)];
  const std::uint32_t value = std::atomic_ref(word).exchange(kNotRung);
  if (value == kNotRung) return;
  RegionAccess access{.offset = offset, .region = kBar, .count = sizeof(value)};
  std::uint32_t data = value;
  const std::array<iovec, 2> parts{{{&access, sizeof(access)}, {&data, sizeof(data)}}};
  (void)link_->tell(Command::RegionWrite, parts);
}

void Function::connectVectors(std::uint32_t index, unsigned count) {
  const std::vector<int> fds = interrupts_.first(count);
  for (unsigned start = 0; start < count; start += link_->maxFds()) {
    const unsigned some = std::min(link_->maxFds(), count - start);
    const IrqSet set{.argsz = sizeof(IrqSet),
                     .flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
                     .index = index,
                     .start = start,
                     .count = some};
    (void)link_->call(Command::DeviceSetIrqs, "connecting interrupts", bytesOf(set),
                      std::span(fds).subspan(start, some));
  }
}

void Function::enableInterrupts(unsigned count) {
  if (count > vectors_) {
    throw Error("NOT_SUPPORTED", std::to_string(count) + " MSI-X vectors were asked for, " +
                                     address_ + " has " + std::to_string(vectors_));
  }
  const std::lock_guard lock(interruptMutex_);
  if (link_->ended()) return;
  interrupts_.provide(count);
  connectVectors(VFIO_PCI_MSIX_IRQ_INDEX, count);
  const std::uint32_t msix = findCapability(*this, spec::pci::kCapMsix);
  if (msix == 0) return;
  const std::uint32_t control = configRead(msix + spec::pci::kMsixControl, 2);
  configWrite(msix + spec::pci::kMsixControl, 2,
              (control & ~std::uint32_t{spec::pci::kMsixFunctionMask}) | spec::pci::kMsixEnable);
}

void Function::maskInterrupt(unsigned vector, bool masked) noexcept {
  if (masking_ == Masking::None) return;
  const std::uint32_t action = masked ? VFIO_IRQ_SET_ACTION_MASK : VFIO_IRQ_SET_ACTION_UNMASK;
  const IrqSet set{.argsz = sizeof(IrqSet),
                   .flags = VFIO_IRQ_SET_DATA_NONE | action,
                   .index = VFIO_PCI_MSIX_IRQ_INDEX,
                   .start = vector,
                   .count = 1};
  try {
    (void)link_->call(Command::DeviceSetIrqs, "masking an interrupt", bytesOf(set));
  } catch (const Error&) {
    // A server that is gone interrupts nobody.
    return;
  }
}

void Function::reset(ResetKind kind) {
  if (kind == ResetKind::Hot) {
    throw Error("PLATFORM_LIMIT",
                address_ + ": vfio-user has no hot reset: there is no link between the two");
  }
  try {
    (void)link_->call(Command::DeviceReset, "resetting the device", {});
  } catch (const Error&) {
    if (!link_->ended()) throw;
  }
}

std::shared_ptr<PciFunction> openVfioUser(const std::string& address) {
  constexpr std::string_view kScheme = "vfio-user:";
  if (address.size() <= kScheme.size()) {
    throw Error("BAD_ADDRESS", "\"" + address + "\" names no socket: vfio-user:<socket>");
  }
  return std::make_shared<Function>(address, address.substr(kScheme.size()));
}

}  // namespace doorbell::platform::vfio_user
