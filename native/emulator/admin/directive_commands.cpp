// Directive Send and Directive Receive: the Identify and Streams Directives.
#include <algorithm>

#include "emulator/commands.h"

namespace doorbell::emulator {

namespace status = spec::status;
using spec::DirectiveType;

namespace {

constexpr std::size_t kOperationByte = at::kCdw11;
constexpr std::size_t kTypeByte = at::kCdw11 + 1;
constexpr std::uint8_t kStreamsBit = 1U << static_cast<unsigned>(DirectiveType::Streams);

Outcome refusedField(std::size_t byte) { return refused(status::kInvalidField, byte); }

std::uint8_t operationOf(const spec::Sqe& sqe) { return static_cast<std::uint8_t>(sqe.cdw11); }
DirectiveType typeOf(const spec::Sqe& sqe) {
  return static_cast<DirectiveType>((sqe.cdw11 >> 8U) & 0xffU);
}

/// As many dwords as the host asks for, and no more than there are.
Outcome sendUpTo(Command& command, const void* data, std::size_t bytes) {
  const std::uint64_t wanted = (std::uint64_t{command.sqe.cdw10} + 1) * 4;
  return sendToHost(command, data, std::min<std::uint64_t>(wanted, bytes));
}

Directives& directives(Command& command) { return command.subsystem().admin().directives; }

Outcome identifyParameters(Command& command) {
  if (command.ns == nullptr) return refusedNsid(command.sqe.nsid);
  constexpr std::uint8_t kIdentifyBit = 1;
  spec::DirectiveParameters page;
  page.supported[0] = kIdentifyBit | kStreamsBit;
  const bool enabled = directives(command).streamsEnabled(command.sqe.nsid);
  page.enabled[0] = static_cast<std::uint8_t>(kIdentifyBit | (enabled ? kStreamsBit : 0));
  return sendUpTo(command, &page, sizeof(page));
}

Outcome enableDirective(Command& command) {
  const std::uint32_t nsid = command.sqe.nsid;
  const bool all = nsid == spec::kBroadcastNsid;
  if (!all && command.ns == nullptr) return refusedNsid(nsid);
  const auto type = static_cast<DirectiveType>((command.sqe.cdw12 >> 8U) & 0xffU);
  const bool enable = (command.sqe.cdw12 & 1U) != 0;
  // The Identify Directive is always enabled.
  if (type == DirectiveType::Identify && enable) return done();
  if (type != DirectiveType::Streams) return refusedField(at::kCdw12 + 1);
  for (std::uint32_t one = 1; one <= kMaxNamespaces; ++one) {
    const bool there = command.subsystem().namespaces().active(one) != nullptr;
    if (there && (all || one == nsid)) directives(command).enableStreams(one, enable);
  }
  return done();
}

/// The Streams Directive must be enabled for the namespace; operations that are about the NVM
/// subsystem may take the broadcast NSID once it is enabled anywhere.
Outcome checkStreams(Command& command, bool broadcastToo) {
  const std::uint32_t nsid = command.sqe.nsid;
  if (nsid == spec::kBroadcastNsid && broadcastToo) {
    return directives(command).anyEnabled() ? done() : refusedField(kTypeByte);
  }
  if (command.ns == nullptr) return refusedNsid(nsid);
  return directives(command).streamsEnabled(nsid) ? done() : refusedField(kTypeByte);
}

/// NSID 0 where the broadcast value asks for the NVM subsystem.
std::uint32_t spaceOf(const Command& command) {
  return command.sqe.nsid == spec::kBroadcastNsid ? 0 : command.sqe.nsid;
}

Outcome streamParameters(Command& command) {
  if (const auto bad = checkStreams(command, true); !bad.status.ok()) return bad;
  const std::uint32_t shift = command.ns != nullptr ? command.ns->lbaShift() : 0;
  const auto page = directives(command).parameters(spaceOf(command), shift);
  return sendUpTo(command, &page, sizeof(page));
}

Outcome streamStatus(Command& command) {
  if (const auto bad = checkStreams(command, true); !bad.status.ok()) return bad;
  const auto page = directives(command).status(spaceOf(command));
  return sendUpTo(command, &page, sizeof(page));
}

Outcome allocateStreams(Command& command) {
  if (const auto bad = checkStreams(command, false); !bad.status.ok()) return bad;
  Directives& all = directives(command);
  const std::uint32_t nsid = command.sqe.nsid;
  if (all.allocated(nsid) != 0) return refusedField(kOperationByte);
  const std::uint16_t got = all.allocate(nsid, static_cast<std::uint16_t>(command.sqe.cdw12));
  if (got == 0 && all.parameters(0, 0).available == 0) {
    return {.status = status::kStreamResourceAllocationFailed};
  }
  return done(got);
}

Outcome releaseIdentifier(Command& command) {
  if (const auto bad = checkStreams(command, false); !bad.status.ok()) return bad;
  directives(command).close(command.sqe.nsid, static_cast<std::uint16_t>(command.sqe.cdw11 >> 16U));
  return done();
}

Outcome releaseResources(Command& command) {
  if (const auto bad = checkStreams(command, false); !bad.status.ok()) return bad;
  directives(command).release(command.sqe.nsid);
  return done();
}

}  // namespace

Outcome directiveReceive(Command& command) noexcept {
  const std::uint8_t operation = operationOf(command.sqe);
  switch (typeOf(command.sqe)) {
    case DirectiveType::Identify:
      return operation == 1 ? identifyParameters(command) : refusedField(kOperationByte);
    case DirectiveType::Streams:
      if (operation == 1) return streamParameters(command);
      if (operation == 2) return streamStatus(command);
      return operation == 3 ? allocateStreams(command) : refusedField(kOperationByte);
  }
  return refusedField(kTypeByte);
}

Outcome directiveSend(Command& command) noexcept {
  const std::uint8_t operation = operationOf(command.sqe);
  switch (typeOf(command.sqe)) {
    case DirectiveType::Identify:
      return operation == 1 ? enableDirective(command) : refusedField(kOperationByte);
    case DirectiveType::Streams:
      if (operation == 1) return releaseIdentifier(command);
      return operation == 2 ? releaseResources(command) : refusedField(kOperationByte);
  }
  return refusedField(kTypeByte);
}

}  // namespace doorbell::emulator
