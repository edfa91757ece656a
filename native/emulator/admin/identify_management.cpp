// Identify data structures for namespace management: allocated namespaces, controllers, and what
// all namespaces have in common.
#include <array>

#include "emulator/clock.h"
#include "emulator/commands.h"
#include "emulator/identity.h"
#include "spec/namespace_management.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

using Page = std::array<std::uint8_t, spec::kIdentifyBytes>;

template <class Structure>
Outcome send(Command& command, const Structure& structure) noexcept {
  static_assert(sizeof(Structure) == spec::kIdentifyBytes);
  return sendToHost(command, &structure, sizeof(structure));
}

/// Namespaces above the given NSID, attached or not; of one command set, or of all.
Outcome sendAllocated(Command& command, int csi) noexcept {
  if (command.sqe.nsid >= spec::kBroadcastNsid - 1) {
    return refused(status::kInvalidNamespace, at::kNsid);
  }
  std::array<std::uint32_t, 1024> list{};
  std::size_t count = 0;
  command.subsystem().namespaces().forEach([&](const Namespace& one) {
    if (one.nsid() > command.sqe.nsid && (csi < 0 || one.csi() == csi)) list[count++] = one.nsid();
  });
  return send(command, list);
}

Outcome sendControllers(Command& command, bool there) noexcept {
  const auto least = static_cast<std::uint16_t>(command.sqe.cdw10 >> 16U);
  spec::ControllerList list;
  if (there && kControllerId >= least) {
    list.count = 1;
    list.ids[0] = kControllerId;
  }
  return send(command, list);
}

Outcome sendAttachedControllers(Command& command) noexcept {
  const std::uint32_t nsid = command.sqe.nsid;
  const Namespace* one = command.subsystem().namespaces().allocated(nsid);
  if (one == nullptr) return refusedNsid(nsid);
  return sendControllers(command, one->attached());
}

Outcome sendAllocatedOfCommandSet(Command& command, spec::Cns cns) noexcept {
  const auto csi = static_cast<std::uint8_t>(command.sqe.cdw11 >> 24U);
  if (csi != spec::kNvmCommandSet && csi != spec::kZonedCommandSet) {
    return refused(status::kInvalidField, at::kCdw11 + 3);
  }
  if (cns == spec::Cns::CommandSetAllocatedNamespaceList) return sendAllocated(command, csi);
  // As of an active namespace.
  spec::Sqe asked = command.sqe;
  asked.cdw10 = static_cast<std::uint32_t>(spec::Cns::CommandSetNamespace);
  Command same{asked, command.sq, command.state, command.shard};
  same.ns = command.subsystem().namespaces().allocated(command.sqe.nsid);
  return identify(same);
}

}  // namespace

Outcome sendNamespaceStructure(Command& command, const Namespace* one) noexcept {
  if (command.sqe.nsid == spec::kBroadcastNsid) return send(command, identifyAnyNamespace());
  if (!NamespaceTable::valid(command.sqe.nsid)) {
    return refused(status::kInvalidNamespace, at::kNsid);
  }
  if (one == nullptr) return send(command, Page{});  // inactive, or not even allocated
  spec::IdentifyNamespace id = identifyNamespace(*one);
  const FormatOperation& format = command.subsystem().admin().format;
  id.fpi = static_cast<std::uint8_t>(id.fpi | format.percentLeft(one->nsid(), nowNs()));
  return send(command, id);
}

Outcome identifyForManagement(Command& command, spec::Cns cns) noexcept {
  switch (cns) {
    case spec::Cns::AllocatedNamespaceList:
      return sendAllocated(command, -1);
    case spec::Cns::AllocatedNamespace:
      if (command.sqe.nsid == spec::kBroadcastNsid) {
        return refused(status::kInvalidNamespace, at::kNsid);
      }
      return sendNamespaceStructure(command,
                                    command.subsystem().namespaces().allocated(command.sqe.nsid));
    case spec::Cns::AttachedControllers:
      return sendAttachedControllers(command);
    case spec::Cns::Controllers:
      return sendControllers(command, true);
    default:
      return sendAllocatedOfCommandSet(command, cns);
  }
}

}  // namespace doorbell::emulator
