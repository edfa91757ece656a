#include "emulator/logs/history.h"

#include "emulator/identity.h"
#include "emulator/logs/event_log.h"

namespace doorbell::emulator {

using Type = spec::PersistentEventType;
using HardwareError = spec::HardwareErrorCode;

void recordFormatStart(ControllerState& state, std::uint32_t nsid, std::uint32_t cdw10) noexcept {
  spec::FormatStartEvent event;
  event.nsid = nsid;
  event.fna = identifyController(state.subsystem).fna;
  event.cdw10 = cdw10;
  recordEvent(state, Type::FormatStart, event);
}

/// Nothing was left to format, and it succeeded: all other fields are 0.
void recordFormatCompletion(ControllerState& state, std::uint32_t nsid) noexcept {
  spec::FormatCompletionEvent event;
  event.nsid = nsid;
  recordEvent(state, Type::FormatCompletion, event);
}

void recordSanitizeStart(ControllerState& state, std::uint32_t cdw10,
                         std::uint32_t cdw11) noexcept {
  const auto capabilities = identifyController(state.subsystem).sanicap;
  recordEvent(state, Type::SanitizeStart, spec::SanitizeStartEvent{capabilities, cdw10, cdw11});
}

void recordSanitizeCompletion(ControllerState& state, std::uint16_t progress,
                              std::uint16_t status) noexcept {
  spec::SanitizeCompletionEvent event;
  event.progress = progress;
  event.status = status;
  recordEvent(state, Type::SanitizeCompletion, event);
}

void recordFirmwareCommit(ControllerState& state, std::uint32_t cdw10,
                          const std::array<char, 8>& before, const std::array<char, 8>& requested,
                          spec::Status status) noexcept {
  spec::FirmwareCommitEvent event;
  event.oldRevision = before;
  event.newRevision = requested;
  event.action = static_cast<std::uint8_t>((cdw10 >> 3U) & 7U);
  event.slot = static_cast<std::uint8_t>(cdw10 & 7U);
  event.statusType = status.type();
  event.statusCode = status.code();
  recordEvent(state, Type::FirmwareCommit, event);
}

void recordNamespaceCreation(ControllerState& state, std::uint32_t cdw10, std::uint32_t nsid,
                             const spec::NamespaceRequest& request) noexcept {
  spec::ChangeNamespaceEvent event;
  event.cdw10 = cdw10;
  event.nsze = request.nsze;
  event.ncap = request.ncap;
  event.flbas = request.flbas;
  event.dps = request.dps;
  event.nmic = request.nmic;
  event.anagrpid = request.anagrpid;
  event.nvmsetid = request.nvmsetid;
  event.endgid = request.endgid;
  event.nsid = nsid;
  recordEvent(state, Type::ChangeNamespace, event);
}

void recordNamespaceDeletion(ControllerState& state, std::uint32_t cdw10,
                             std::uint32_t nsid) noexcept {
  spec::ChangeNamespaceEvent event;
  event.cdw10 = cdw10;
  event.nsid = nsid;
  if (const Namespace* one = state.subsystem.namespaces().allocated(nsid)) {
    const spec::IdentifyNamespace id = identifyNamespace(*one);
    event.nsze = id.nsze;
    event.ncap = id.ncap;
    event.flbas = id.flbas;
    event.dps = id.dps;
    event.nmic = id.nmic;
  }
  recordEvent(state, Type::ChangeNamespace, event);
}

void recordPowerOnOrReset(ControllerState& state) noexcept {
  const Counters& counters = state.subsystem.counters();
  if (state.eventLog.noteUnsafeShutdowns(counters.unsafeShutdowns)) {
    spec::HardwareErrorEvent<17> lost{HardwareError::UnsafeShutdown};
    for (std::size_t i = 0; i < sizeof(counters.unsafeShutdowns); ++i) {
      lost.additional[i] = static_cast<std::uint8_t>(counters.unsafeShutdowns >> (8 * i));
    }
    recordEvent(state, Type::HardwareError, lost);
  }
  const AdminWork::ResetReport report = state.subsystem.admin().takeReport();
  spec::PowerOnOrResetEvent event;
  event.revision = identifyController(state.subsystem).fr;
  event.controllerId = 1;
  event.firmwareActivation = static_cast<std::uint8_t>(report.activation);
  event.operationInProgress = report.duringFormat ? 1 : 0;
  event.powerCycle = static_cast<std::uint32_t>(counters.powerCycles);
  event.powerOnMs = state.subsystem.poweredSeconds() * 1000;
  event.timestamp = state.timestamp.data();
  recordEvent(state, Type::PowerOnOrReset, event);
}

void recordCriticalWarning(ControllerState& state, std::uint8_t warning) noexcept {
  recordEvent(state, Type::HardwareError,
              spec::HardwareErrorEvent<1>{HardwareError::CriticalWarning, 0, {warning}});
}

void recordControllerFatal(ControllerState& state) noexcept {
  recordEvent(state, Type::HardwareError,
              spec::HardwareErrorHeader{HardwareError::ControllerFatalStatus});
}

}  // namespace doorbell::emulator
