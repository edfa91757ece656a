#include <cstring>

#include "emulator/commands.h"
#include "emulator/identity.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

using Page = std::array<std::uint8_t, spec::kIdentifyBytes>;

template <class Structure>
Outcome send(ControllerState& state, const spec::Sqe& sqe, const Structure& structure) noexcept {
  static_assert(sizeof(Structure) == spec::kIdentifyBytes);
  return sendToHost(state, sqe, &structure, sizeof(structure));
}

Outcome invalidNamespace() { return refused(status::kInvalidNamespace, at::kNsid); }

/// NSIDs above the given one, in order: at most our only namespace.
Outcome sendNamespaceList(ControllerState& state, const spec::Sqe& sqe) noexcept {
  if (sqe.nsid >= 0xfffffffe) return invalidNamespace();
  std::array<std::uint32_t, 1024> list{};
  if (sqe.nsid < kNsid) list[0] = kNsid;
  return send(state, sqe, list);
}

std::size_t putDescriptor(Page& page, std::size_t offset, spec::NamespaceIdType type,
                          const void* value, std::uint8_t bytes) {
  page[offset] = static_cast<std::uint8_t>(type);
  page[offset + 1] = bytes;
  std::memcpy(&page[offset + 4], value, bytes);
  return offset + 4 + bytes;
}

Outcome sendDescriptors(ControllerState& state, const spec::Sqe& sqe) noexcept {
  if (sqe.nsid != kNsid) return invalidNamespace();
  Page page{};
  const auto& uuid = state.subsystem.uuid();
  std::size_t offset = putDescriptor(page, 0, spec::NamespaceIdType::Nguid, uuid.data(), 16);
  offset = putDescriptor(page, offset, spec::NamespaceIdType::Uuid, uuid.data(), 16);
  putDescriptor(page, offset, spec::NamespaceIdType::CommandSet, &spec::kNvmCommandSet, 1);
  return send(state, sqe, page);
}

Outcome sendNamespace(ControllerState& state, const spec::Sqe& sqe) noexcept {
  // The broadcast value asks for what all namespaces have in common, which takes namespace
  // management.
  if (sqe.nsid != kNsid) return invalidNamespace();
  return send(state, sqe, identifyNamespace(state.subsystem));
}

/// One 64-bit combination an entry: the NVM Command Set alone.
Outcome sendCommandSets(ControllerState& state, const spec::Sqe& sqe) noexcept {
  std::array<std::uint64_t, 512> combinations{};
  combinations[0] = 1;
  return send(state, sqe, combinations);
}

/// CNS values that ask for the structures of one I/O command set.
Outcome identifyCommandSet(ControllerState& state, const spec::Sqe& sqe, spec::Cns cns) noexcept {
  const auto commandSet = static_cast<std::uint8_t>(sqe.cdw11 >> 24U);
  if (commandSet != spec::kNvmCommandSet) return refused(status::kInvalidField, at::kCdw11 + 3);
  if (cns == spec::Cns::CommandSetActiveNamespaceList) return sendNamespaceList(state, sqe);
  if (cns == spec::Cns::CommandSetNamespace && sqe.nsid != kNsid) return invalidNamespace();
  return send(state, sqe, Page{});  // no limits, no protection information
}

}  // namespace

Outcome identify(ControllerState& state, const spec::Sqe& sqe) noexcept {
  const auto cns = static_cast<spec::Cns>(sqe.cdw10);
  switch (cns) {
    case spec::Cns::Namespace:
      return sendNamespace(state, sqe);
    case spec::Cns::Controller:
      return send(state, sqe, identifyController(state.subsystem));
    case spec::Cns::ActiveNamespaceList:
      return sendNamespaceList(state, sqe);
    case spec::Cns::NamespaceDescriptorList:
      return sendDescriptors(state, sqe);
    case spec::Cns::CommandSetNamespace:
    case spec::Cns::CommandSetController:
    case spec::Cns::CommandSetActiveNamespaceList:
      return identifyCommandSet(state, sqe, cns);
    case spec::Cns::IndependentNamespace:
      return sqe.nsid == kNsid ? send(state, sqe, independentNamespace()) : invalidNamespace();
    case spec::Cns::CommandSets:
      return sendCommandSets(state, sqe);
  }
  return refused(status::kInvalidField, at::kCdw10);
}

}  // namespace doorbell::emulator
