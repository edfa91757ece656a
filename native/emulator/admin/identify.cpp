#include <cstring>

#include "emulator/clock.h"
#include "emulator/commands.h"
#include "emulator/identity.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

using Page = std::array<std::uint8_t, spec::kIdentifyBytes>;

template <class Structure>
Outcome send(Command& command, const Structure& structure) noexcept {
  static_assert(sizeof(Structure) == spec::kIdentifyBytes);
  return sendToHost(command, &structure, sizeof(structure));
}

Outcome invalidNamespace() { return refused(status::kInvalidNamespace, at::kNsid); }

/// NSIDs above the given one, in order: those `wanted(Namespace)`.
template <class Wanted>
Outcome sendNamespaceList(Command& command, Wanted wanted) noexcept {
  if (command.sqe.nsid >= 0xfffffffe) return invalidNamespace();
  std::array<std::uint32_t, 1024> list{};
  std::size_t count = 0;
  command.subsystem().namespaces().forEach([&](const Namespace& one) {
    if (one.nsid() > command.sqe.nsid && wanted(one)) list[count++] = one.nsid();
  });
  return send(command, list);
}

std::size_t putDescriptor(Page& page, std::size_t offset, spec::NamespaceIdType type,
                          const void* value, std::uint8_t bytes) {
  page[offset] = static_cast<std::uint8_t>(type);
  page[offset + 1] = bytes;
  std::memcpy(&page[offset + 4], value, bytes);
  return offset + 4 + bytes;
}

Outcome sendDescriptors(Command& command) noexcept {
  if (command.ns == nullptr) return refusedNsid(command.sqe.nsid);
  Page page{};
  const NamespaceRecord& record = command.ns->record();
  using Type = spec::NamespaceIdType;
  std::size_t offset = putDescriptor(page, 0, Type::Nguid, record.nguid.data(), 16);
  offset = putDescriptor(page, offset, Type::Uuid, record.uuid.data(), 16);
  putDescriptor(page, offset, Type::CommandSet, &record.csi, 1);
  return send(command, page);
}

/// One 64-bit combination an entry: all there is, or the NVM Command Set alone.
Outcome sendCommandSets(Command& command) noexcept {
  std::array<std::uint64_t, 512> combinations{};
  combinations[0] = (1U << spec::kNvmCommandSet) | (1U << spec::kZonedCommandSet);
  combinations[1] = 1U << spec::kNvmCommandSet;
  return send(command, combinations);
}

/// CNS 05h: what a command set adds to the namespace's Identify data.
Outcome sendCommandSetNamespace(Command& command, std::uint8_t commandSet) noexcept {
  if (!NamespaceTable::valid(command.sqe.nsid)) return invalidNamespace();
  if (command.ns == nullptr || commandSet == spec::kNvmCommandSet) {
    return send(command, Page{});  // inactive; or no storage tags, no more formats
  }
  if (command.ns->zoned() == nullptr) return refused(status::kInvalidCommandSet, at::kCdw11 + 3);
  return send(command, identifyZonedNamespace(*command.ns));
}

/// CNS 08h.
Outcome sendIndependentNamespace(Command& command) noexcept {
  if (command.ns == nullptr) return send(command, Page{});
  auto id = independentNamespace(*command.ns);
  const FormatOperation& format = command.subsystem().admin().format;
  id.fpi = static_cast<std::uint8_t>(id.fpi | format.percentLeft(command.ns->nsid(), nowNs()));
  return send(command, id);
}

/// CNS values that ask for the structures of one I/O command set.
Outcome identifyCommandSet(Command& command, spec::Cns cns) noexcept {
  const auto commandSet = static_cast<std::uint8_t>(command.sqe.cdw11 >> 24U);
  if (commandSet != spec::kNvmCommandSet && commandSet != spec::kZonedCommandSet) {
    return refused(status::kInvalidField, at::kCdw11 + 3);
  }
  if (cns == spec::Cns::CommandSetNamespace) return sendCommandSetNamespace(command, commandSet);
  if (cns == spec::Cns::CommandSetActiveNamespaceList) {
    return sendNamespaceList(command, [&](const Namespace& one) {
      return one.csi() == commandSet && command.state.active(one.nsid()) != nullptr;
    });
  }
  if (commandSet == spec::kZonedCommandSet) return send(command, identifyZonedController());
  return send(command, identifyControllerNvm());
}

}  // namespace

Outcome identify(Command& command) noexcept {
  const auto cns = static_cast<spec::Cns>(command.sqe.cdw10);
  switch (cns) {
    case spec::Cns::Namespace:
      return sendNamespaceStructure(command, command.ns);
    case spec::Cns::Controller:
      return send(command, identifyController(command.state.subsystem));
    case spec::Cns::ActiveNamespaceList:
      return sendNamespaceList(command, [&](const Namespace& one) {
        return command.state.active(one.nsid()) != nullptr;
      });
    case spec::Cns::NamespaceDescriptorList:
      return sendDescriptors(command);
    case spec::Cns::CommandSetNamespace:
    case spec::Cns::CommandSetController:
    case spec::Cns::CommandSetActiveNamespaceList:
      return identifyCommandSet(command, cns);
    case spec::Cns::IndependentNamespace:
      if (!NamespaceTable::valid(command.sqe.nsid)) return invalidNamespace();
      return sendIndependentNamespace(command);
    case spec::Cns::AllocatedNamespaceList:
    case spec::Cns::AllocatedNamespace:
    case spec::Cns::AttachedControllers:
    case spec::Cns::Controllers:
    case spec::Cns::CommandSetAllocatedNamespaceList:
    case spec::Cns::CommandSetAllocatedNamespace:
      return identifyForManagement(command, cns);
    case spec::Cns::CommandSets:
      return sendCommandSets(command);
  }
  return refused(status::kInvalidField, at::kCdw10);
}

}  // namespace doorbell::emulator
