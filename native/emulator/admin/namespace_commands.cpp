// Namespace Management and Namespace Attachment.
#include "emulator/admin/block_format_request.h"
#include "emulator/commands.h"
#include "emulator/logs/events.h"
#include "emulator/logs/history.h"
#include "spec/namespace_management.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

/// The data structure does not say which field of the SQE is wrong.
Outcome refusedData(spec::Status why) { return refused(why, at::kPrp1); }

struct Wish {
  Outcome outcome;
  NamespaceSpec spec;
};

Wish checkCreate(const spec::NamespaceRequest& request, std::uint8_t csi) {
  if (csi != spec::kNvmCommandSet && csi != spec::kZonedCommandSet) {
    return {refused(status::kCommandSetNotSupported, at::kCdw11 + 3), {}};
  }
  if (request.anagrpid != 0) return {refusedData(status::kAnaGroupInvalid), {}};
  if (request.nvmsetid != 0 || request.endgid != 0 || request.nsze == 0 ||
      request.ncap > request.nsze) {
    return {refusedData(status::kInvalidField), {}};
  }
  if (request.ncap < request.nsze) return {refusedData(status::kThinProvisioningNotSupported), {}};
  const auto format = blockFormatOf(
      static_cast<std::uint8_t>((request.flbas & 0xfU) | ((request.flbas & 0x60U) >> 1U)),
      (request.flbas & 0x10U) != 0, request.dps & 7U, (request.dps & 8U) != 0);
  if (!format) return {refusedData(status::kInvalidFormat), {}};
  NamespaceSpec spec;
  spec.blocks = request.nsze;
  spec.capacity = request.ncap;
  spec.format = *format;
  spec.csi = csi;
  spec.shared = (request.nmic & 1U) != 0;
  return {done(), spec};
}

Outcome create(Command& command) noexcept {
  spec::NamespaceRequest request;
  if (const auto bad = command.resolve(sizeof(request)); !bad.status.ok()) return bad;
  command.buffer().read(reinterpret_cast<std::byte*>(&request), sizeof(request));
  const Wish wish = checkCreate(request, static_cast<std::uint8_t>(command.sqe.cdw11 >> 24U));
  if (!wish.outcome.status.ok()) return wish.outcome;
  const auto created = command.subsystem().createNamespace(wish.spec);
  if (created.status.ok()) {
    recordNamespaceCreation(command.state, command.sqe.cdw10, created.nsid, request);
    return done(created.nsid);
  }
  // Deleting another namespace makes room: no Do Not Retry.
  return {.status = created.status, .specific = wish.spec.blocks << wish.spec.format.dataShift()};
}

void deleteOne(Command& command, std::uint32_t nsid) noexcept {
  NvmSubsystem& subsystem = command.subsystem();
  AdminWork& work = subsystem.admin();
  const SelfTestMachine& test = work.selfTest.machine();
  if (test.inProgress() && test.nsid() == nsid) {
    work.selfTest.abort(spec::SelfTestOutcome::AbortedByNamespaceRemoval);
  }
  work.directives.forget(nsid);
  command.state.features.forgetNamespace(nsid);
  // In the Changed Namespace List, yet without an event: the host asked for it.
  if (command.state.active(nsid) != nullptr) command.state.changedNamespaces |= 1U << (nsid - 1);
  subsystem.deleteNamespace(nsid);
}

/// This controller reports no event for what its own host deletes.
Outcome remove(Command& command) noexcept {
  const NamespaceTable& table = command.subsystem().namespaces();
  const std::uint32_t wanted = command.sqe.nsid;
  if (wanted != spec::kBroadcastNsid && table.allocated(wanted) == nullptr) {
    return refusedNsid(wanted);
  }
  for (std::uint32_t nsid = 1; nsid <= kMaxNamespaces; ++nsid) {
    if (wanted != spec::kBroadcastNsid && wanted != nsid) continue;
    const Namespace* one = table.allocated(nsid);
    if (one != nullptr && one->writeProtection() != 0) {
      return refused(status::kNamespaceWriteProtected, at::kNsid);
    }
  }
  recordNamespaceDeletion(command.state, command.sqe.cdw10, wanted);
  for (std::uint32_t nsid = 1; nsid <= kMaxNamespaces; ++nsid) {
    const bool meant = wanted == spec::kBroadcastNsid || wanted == nsid;
    if (meant && table.allocated(nsid) != nullptr) deleteOne(command, nsid);
  }
  return done();
}

/// Where in the list an identifier is, for Command Specific Information.
constexpr std::uint64_t offsetOf(std::size_t entry) { return 2 + 2 * entry; }

Outcome refusedEntry(spec::Status why, std::size_t entry) {
  Outcome outcome = refusedData(why);
  outcome.specific = offsetOf(entry);
  return outcome;
}

/// This NVM subsystem has one controller.
Outcome checkList(const spec::ControllerList& list) {
  if (list.count == 0 || list.count > spec::ControllerList::kMost) {
    return refusedData(status::kControllerListInvalid);
  }
  for (std::size_t i = 0; i < list.count; ++i) {
    if (list.ids[i] != kControllerId) return refusedEntry(status::kControllerListInvalid, i);
    if (i != 0) return refusedEntry(status::kControllerListInvalid, i);  // not ascending
  }
  return done();
}

/// By CC.CSS, and by the I/O Command Set Profile: combination 1 is the NVM Command Set alone.
bool commandSetEnabled(const ControllerState& state, const Namespace& one) {
  if (one.csi() == spec::kNvmCommandSet) return true;
  return state.enabled(one) && state.features.current(Features::Slot::CommandSetProfile) == 0;
}

}  // namespace

Outcome namespaceManagement(Command& command) noexcept {
  switch (static_cast<spec::NamespaceSelect>(command.sqe.cdw10 & 0xfU)) {
    case spec::NamespaceSelect::Create:
      return create(command);
    case spec::NamespaceSelect::Delete:
      return remove(command);
  }
  return refused(status::kInvalidField, at::kCdw10);
}

Outcome namespaceAttachment(Command& command) noexcept {
  const auto select = static_cast<spec::AttachmentSelect>(command.sqe.cdw10 & 0xfU);
  if (select > spec::AttachmentSelect::Detach) return refused(status::kInvalidField, at::kCdw10);
  const std::uint32_t nsid = command.sqe.nsid;
  const Namespace* one = command.subsystem().namespaces().allocated(nsid);
  if (one == nullptr) return refusedNsid(nsid);
  spec::ControllerList list;
  if (const auto bad = command.resolve(sizeof(list)); !bad.status.ok()) return bad;
  command.buffer().read(reinterpret_cast<std::byte*>(&list), sizeof(list));
  if (const auto bad = checkList(list); !bad.status.ok()) return bad;
  const bool attach = select == spec::AttachmentSelect::Attach;
  if (one->attached() == attach) {
    return refusedEntry(attach ? status::kNamespaceAlreadyAttached : status::kNamespaceNotAttached,
                        0);
  }
  if (attach && !commandSetEnabled(command.state, *one)) {
    return refusedData(status::kCommandSetNotEnabled);
  }
  if (!attach) command.subsystem().admin().directives.forget(nsid);
  command.subsystem().attachNamespace(nsid, attach);
  reportNamespaceChange(command.state, nsid);
  return done();
}

}  // namespace doorbell::emulator
