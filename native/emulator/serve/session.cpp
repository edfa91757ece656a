#include "emulator/serve/session.h"

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "emulator/config_layout.h"
#include "platform/error.h"

namespace doorbell::emulator {

namespace vfio_user = platform::vfio_user;

namespace {

constexpr std::uint32_t kIrqKinds = VFIO_PCI_NUM_IRQS;
constexpr std::string_view kCapabilities =
    R"({"capabilities":{"max_msg_fds":128,"max_data_xfer_size":1048576}})";

}  // namespace

Session::Session(Device& device, platform::FileDescriptor socket, bool mapDoorbells)
    : device_(device),
      mapDoorbells_(mapDoorbells),
      socket_(std::move(socket)),
      memory_(device.dma()) {
  device_.serveRemoteDoorbells(mapDoorbells_);
}

Session::~Session() {
  // First no DMA, then no memory.
  device_.detachHost();
  device_.serveRemoteDoorbells(false);
  device_.interrupts().disconnectAll();
}

bool Session::serve() {
  using Received = vfio_user::MessageSocket::Received;
  // A client that never stops sending shall not keep others from being told.
  for (int turn = 0; turn < 64; ++turn) {
    switch (socket_.receive()) {
      case Received::Nothing:
        return true;
      case Received::Ended:
        return false;
      case Received::Message:
        if (!answer(socket_.message())) return false;
    }
  }
  return true;
}

bool Session::answer(const Message& message) {
  if ((message.header.flags & vfio_user::kTypeMask) != vfio_user::kTypeCommand) return false;
  Reply reply;
  try {
    reply = perform(message);
  } catch (const Error&) {
    reply = {.error = EIO};
  } catch (const std::bad_alloc&) {
    reply = {.error = ENOMEM};
  }
  if ((message.header.flags & vfio_user::kNoReply) != 0) return true;
  vfio_user::Header header{
      .id = message.header.id, .command = message.header.command, .flags = vfio_user::kTypeReply};
  if (reply.error != 0) {
    header.flags |= vfio_user::kError;
    header.error = static_cast<std::uint32_t>(reply.error);
    return socket_.send(header, std::span<const std::byte>());
  }
  return socket_.send(header, reply.payload, reply.fds);
}

Session::Reply Session::perform(const Message& message) {
  using vfio_user::Command;
  const auto command = static_cast<Command>(message.header.command);
  if (command != Command::Version && !negotiated_) return {.error = EINVAL};
  switch (command) {
    case Command::Version:
      return negotiate(message);
    case Command::DmaMap:
      return mapMemory(message);
    case Command::DmaUnmap:
      return unmapMemory(message);
    case Command::DeviceGetInfo:
      return deviceInfo(message);
    case Command::DeviceGetRegionInfo:
      return regionInfo(message);
    case Command::DeviceGetIrqInfo:
      return irqInfo(message);
    case Command::DeviceSetIrqs:
      return setIrqs(message);
    case Command::RegionRead:
      return regionRead(message);
    case Command::RegionWrite:
      return regionWrite(message);
    case Command::DeviceReset:
      device_.reset(ConfigSpace::Reset::FunctionLevel);
      return {};
    default:
      return {.error = ENOTSUP};
  }
}

Session::Reply Session::negotiate(const Message& message) {
  const auto version = message.head<vfio_user::Version>();
  if (!version || version->major != 0) return {.error = EINVAL};
  negotiated_ = true;
  Reply reply;
  vfio_user::append(reply.payload, vfio_user::Version{});
  const auto text = std::as_bytes(std::span(kCapabilities.data(), kCapabilities.size() + 1));
  reply.payload.insert(reply.payload.end(), text.begin(), text.end());
  return reply;
}

Session::Reply Session::mapMemory(const Message& message) {
  const auto wanted = message.head<vfio_user::DmaMap>();
  if (!wanted || message.fds.size() > 1) return {.error = EINVAL};
  return {.error = memory_.map(*wanted, message.fds.empty() ? nullptr : &message.fds.front())};
}

Session::Reply Session::unmapMemory(const Message& message) {
  const auto wanted = message.head<vfio_user::DmaUnmap>();
  if (!wanted) return {.error = EINVAL};
  Reply reply{.error = memory_.unmap(*wanted)};
  vfio_user::append(reply.payload, *wanted);
  return reply;
}

Session::Reply Session::deviceInfo(const Message& message) const {
  if (!message.head<vfio_user::DeviceInfo>()) return {.error = EINVAL};
  Reply reply;
  vfio_user::append(reply.payload, vfio_user::DeviceInfo{
                                       .argsz = sizeof(vfio_user::DeviceInfo),
                                       .flags = VFIO_DEVICE_FLAGS_RESET | VFIO_DEVICE_FLAGS_PCI,
                                       .regions = VFIO_PCI_NUM_REGIONS,
                                       .irqs = kIrqKinds,
                                   });
  return reply;
}

unsigned Session::irqCount(std::uint32_t index) const noexcept {
  switch (index) {
    case VFIO_PCI_INTX_IRQ_INDEX:
      return 1;
    case VFIO_PCI_MSI_IRQ_INDEX:
      return 1U << layout::kMsiCapable;
    case VFIO_PCI_MSIX_IRQ_INDEX:
      return kInterruptVectors;
    default:
      return 0;  // nothing signals an error or asks for a release
  }
}

Session::Reply Session::irqInfo(const Message& message) const {
  const auto asked = message.head<vfio_user::IrqInfo>();
  if (!asked || asked->index >= kIrqKinds) return {.error = EINVAL};
  vfio_user::IrqInfo info{.argsz = sizeof(vfio_user::IrqInfo), .index = asked->index};
  info.count = irqCount(asked->index);
  if (info.count > 0) info.flags = VFIO_IRQ_INFO_EVENTFD;
  if (asked->index == VFIO_PCI_MSIX_IRQ_INDEX) info.flags |= VFIO_IRQ_INFO_MASKABLE;
  Reply reply;
  vfio_user::append(reply.payload, info);
  return reply;
}

Session::Reply Session::setIrqs(const Message& message) {
  const auto set = message.head<vfio_user::IrqSet>();
  if (!set || set->index >= kIrqKinds) return {.error = EINVAL};
  const unsigned all = irqCount(set->index);
  if (set->start > all || set->count > all - set->start) return {.error = EINVAL};
  const std::uint32_t data = set->flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
  switch (set->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) {
    case VFIO_IRQ_SET_ACTION_MASK:
    case VFIO_IRQ_SET_ACTION_UNMASK: {
      if (data != VFIO_IRQ_SET_DATA_NONE) return {.error = ENOTSUP};
      const bool mask = (set->flags & VFIO_IRQ_SET_ACTION_MASK) != 0;
      for (std::uint32_t i = 0; i < set->count; ++i) {
        device_.maskInterrupt(set->start + i, mask);
      }
      return {};
    }
    case VFIO_IRQ_SET_ACTION_TRIGGER:
      if (data == VFIO_IRQ_SET_DATA_EVENTFD) return wireIrqs(*set, message);
      if (data != VFIO_IRQ_SET_DATA_NONE || set->count != 0) return {.error = ENOTSUP};
      device_.interrupts().disconnectAll();
      return {};
    default:
      return {.error = EINVAL};
  }
}

Session::Reply Session::wireIrqs(const vfio_user::IrqSet& set, const Message& message) {
  if (message.fds.size() > set.count) return {.error = EINVAL};
  try {
    for (std::uint32_t i = 0; i < message.fds.size(); ++i) {
      device_.interrupts().connect(set.start + i, message.fds[i].get());
    }
  } catch (const Error&) {
    return {.error = EINVAL};
  }
  return {};
}

}  // namespace doorbell::emulator
