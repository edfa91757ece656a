#pragma once

#include "emulator/controller_state.h"
#include "emulator/namespace.h"
#include "emulator/outcome.h"
#include "emulator/shard.h"
#include "spec/identify.h"
#include "spec/queue_entry.h"

namespace doorbell::emulator {

/// A command being executed: what it says, and all it may touch.
struct Command {
  const spec::Sqe& sqe;
  const SubmissionQueue& sq;  ///< it was fetched from
  ControllerState& state;
  Shard& shard;             ///< of the device thread that executes it
  Namespace* ns = nullptr;  ///< of sqe.nsid, when that is active
  /// It completes later: until then even a durable change can be lost with the supply.
  bool late = false;
  /// A change of more blocks than this stops there, because the supply fails.
  std::uint32_t blocksBeforeCut = ~std::uint32_t{0};
  /// Zone Append with PIREMAP: reference tags move by this between host and medium.
  std::uint32_t refTagShift = 0;
  Blocks durable{};  ///< what becomes durable when it completes, see changeBlocks()

  [[nodiscard]] NvmSubsystem& subsystem() const noexcept { return state.subsystem; }
  [[nodiscard]] HostBuffer& buffer() const noexcept { return shard.buffer; }
  /// The host memory its data pointer describes becomes `buffer()`.
  [[nodiscard]] Outcome resolve(std::size_t bytes) const noexcept {
    return transferred(shard.buffer.resolve(sqe, bytes, state.pageBytes));
  }
};

/// Why a command that uses the NSID cannot run: it names no active namespace (NVMe Base 2.0,
/// "Submission Queue Entry", NSID field).
[[nodiscard]] inline Outcome refusedNsid(std::uint32_t nsid) noexcept {
  const bool inactive = NamespaceTable::valid(nsid) || nsid == spec::kBroadcastNsid;
  return refused(inactive ? spec::status::kInvalidField : spec::status::kInvalidNamespace,
                 at::kNsid);
}

/// Puts `bytes` into the memory the command's data pointer describes.
[[nodiscard]] inline Outcome sendToHost(Command& command, const void* from,
                                        std::size_t bytes) noexcept {
  const Outcome resolved = command.resolve(bytes);
  if (resolved.status.ok()) {
    command.buffer().write(static_cast<const std::byte*>(from), bytes);
  }
  return resolved;
}

}  // namespace doorbell::emulator
