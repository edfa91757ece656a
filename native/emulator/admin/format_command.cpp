// Format NVM.
#include "emulator/admin/block_format_request.h"
#include "emulator/admin/work_commands.h"
#include "emulator/commands.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

constexpr unsigned kCryptographicErase = 2;
constexpr unsigned kPiTypes = 3;

struct Wish {
  Outcome outcome;
  BlockFormat format;
};

/// LBAF Upper is ignored, as Host Behavior Support has no extended LBA formats.
Wish checkFormat(std::uint32_t cdw10) {
  const unsigned secureErase = (cdw10 >> 9U) & 7U;
  if (secureErase > kCryptographicErase) {
    return {refused(status::kInvalidField, at::kCdw10 + 1, 1), {}};
  }
  const unsigned piType = (cdw10 >> 5U) & 7U;
  if (piType > kPiTypes) return {refused(status::kInvalidField, at::kCdw10, 5), {}};
  const auto format = blockFormatOf(static_cast<std::uint8_t>(cdw10 & 0xfU), (cdw10 & 0x10U) != 0,
                                    piType, (cdw10 & 0x100U) != 0);
  if (!format) return {refused(status::kInvalidFormat, at::kCdw10), {}};
  return {done(), *format};
}

/// The namespaces meant, one bit each: one, or all that are attached (FNA: FNS and SENS are 0).
std::uint32_t namespacesOf(const NamespaceTable& table, std::uint32_t nsid) {
  if (nsid != spec::kBroadcastNsid) return 1U << (nsid - 1);
  std::uint32_t nsids = 0;
  table.forEach([&nsids](const Namespace& one) {
    if (one.attached()) nsids |= 1U << (one.nsid() - 1);
  });
  return nsids;
}

bool writeProtected(const NamespaceTable& table, std::uint32_t nsids) {
  bool found = false;
  table.forEach([&](const Namespace& one) {
    found |= ((nsids >> (one.nsid() - 1)) & 1U) != 0 && one.writeProtection() != 0;
  });
  return found;
}

/// Figure "Format NVM command Aborting a Device Self-Test Operation": also where that is optional.
void abortSelfTest(AdminWork& work, std::uint32_t nsids) {
  const SelfTestMachine& test = work.selfTest.machine();
  if (!test.inProgress() || test.nsid() == 0) return;
  const bool all = test.nsid() == spec::kBroadcastNsid;
  if (all || ((nsids >> (test.nsid() - 1)) & 1U) != 0) {
    work.selfTest.abort(spec::SelfTestOutcome::AbortedByFormat);
  }
}

}  // namespace

Outcome formatNvm(Command& command) noexcept {
  const NamespaceTable& table = command.subsystem().namespaces();
  const std::uint32_t nsid = command.sqe.nsid;
  if (nsid != spec::kBroadcastNsid && table.allocated(nsid) == nullptr) return refusedNsid(nsid);
  const Wish wish = checkFormat(command.sqe.cdw10);
  if (!wish.outcome.status.ok()) return wish.outcome;
  AdminWork& work = command.subsystem().admin();
  if (work.format.inProgress()) return {.status = status::kFormatInProgress};
  const std::uint32_t nsids = namespacesOf(table, nsid);
  if (writeProtected(table, nsids)) return refused(status::kNamespaceWriteProtected, at::kNsid);
  if (nsids == 0) return done();  // nothing attached: nothing to do
  abortSelfTest(work, nsids);
  work.format.start(nsids, wish.format, command.sqe);
  return completesWithWork();
}

}  // namespace doorbell::emulator
