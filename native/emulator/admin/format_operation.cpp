#include "emulator/admin/format_operation.h"

#include <algorithm>

#include "emulator/admin/work_commands.h"
#include "emulator/logs/events.h"
#include "emulator/logs/history.h"

namespace doorbell::emulator {

std::uint8_t FormatOperation::percentLeft(std::uint32_t nsid, std::uint64_t now) const noexcept {
  if (!formats(nsid)) return 0;
  const std::uint64_t left = endsAt_ > now ? endsAt_ - now : 0;
  return static_cast<std::uint8_t>(std::clamp<std::uint64_t>(left * 100 / kDurationNs, 1, 100));
}

void FormatOperation::start(std::uint32_t nsids, const BlockFormat& format,
                            const spec::Sqe& command) noexcept {
  nsids_ = nsids;
  format_ = format;
  cid_ = command.cid;
  nsid_ = command.nsid;
  endsAt_ = nowNs() + kDurationNs;
  if (ControllerState* state = subsystem_.admin().controller) {
    recordFormatStart(*state, nsid_, command.cdw10);
  }
  refuseIo(spec::status::kFormatInProgress);
}

void FormatOperation::refuseIo(spec::Status status) noexcept {
  for (std::uint32_t nsid = 1; nsid <= kMaxNamespaces; ++nsid) {
    if (!formats(nsid)) continue;
    if (Namespace* one = subsystem_.namespaces().allocated(nsid)) one->refuse(status);
  }
}

void FormatOperation::end() noexcept {
  refuseIo(spec::status::kSuccess);
  nsids_ = 0;
}

void FormatOperation::cancel(spec::Status why) noexcept {
  if (!inProgress()) return;
  end();
  ControllerState* state = subsystem_.admin().controller;
  if (state == nullptr) return;
  auto command = takeWorkCommand(*state, cid_);
  if (!command) return;
  command->outcome = {.status = why};
  completeWork(*state, *command);
}

void FormatOperation::tick(std::uint64_t now) noexcept {
  if (now < endsAt_) return;
  const std::uint32_t nsids = nsids_;
  end();
  ControllerState* state = subsystem_.admin().controller;
  if (state == nullptr) return;
  const auto command = takeWorkCommand(*state, cid_);
  if (!command) return;
  for (std::uint32_t nsid = 1; nsid <= kMaxNamespaces; ++nsid) {
    if (((nsids >> (nsid - 1)) & 1U) != 0) formatOne(*state, nsid);
  }
  recordFormatCompletion(*state, nsid_);
  completeWork(*state, *command);
}

void FormatOperation::formatOne(ControllerState& state, std::uint32_t nsid) noexcept {
  const Namespace* one = subsystem_.namespaces().allocated(nsid);
  if (one == nullptr) return;
  const bool changes = !(one->format() == format_);
  subsystem_.admin().directives.forget(nsid);
  subsystem_.formatNamespace(nsid, format_);
  if (changes && one->attached()) reportNamespaceChange(state, nsid);
}

}  // namespace doorbell::emulator
