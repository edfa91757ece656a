#pragma once

#include "emulator/command.h"

namespace doorbell::emulator {

// One function an opcode. To add one: declare it here, add its case to the dispatch of its command
// set, and write it in a file of the room it belongs to.
Outcome executeAdmin(Command& command) noexcept;
/// Must the command have the controller to itself, because it changes what the shards share?
[[nodiscard]] bool runsAlone(const Command& command) noexcept;
Outcome executeNvm(Command& command) noexcept;
/// A command of the NVM Command Set, once its namespace is known.
Outcome executeBlocks(Command& command) noexcept;

Outcome identify(Command& command) noexcept;
/// Identify Namespace of `one`; of what all namespaces have in common for the broadcast NSID.
Outcome sendNamespaceStructure(Command& command, const Namespace* one) noexcept;
/// The CNS values that namespace management brings.
Outcome identifyForManagement(Command& command, spec::Cns cns) noexcept;
Outcome createIoCq(Command& command) noexcept;
Outcome createIoSq(Command& command) noexcept;
Outcome deleteIoCq(Command& command) noexcept;
Outcome deleteIoSq(Command& command) noexcept;
Outcome getFeatures(Command& command) noexcept;
Outcome setFeatures(Command& command) noexcept;
Outcome getLogPage(Command& command) noexcept;
Outcome abortCommand(Command& command) noexcept;
[[nodiscard]] bool isAbort(const Command& command) noexcept;
Outcome asyncEventRequest(Command& command) noexcept;
Outcome namespaceManagement(Command& command) noexcept;
Outcome namespaceAttachment(Command& command) noexcept;
Outcome firmwareCommit(Command& command) noexcept;
Outcome firmwareImageDownload(Command& command) noexcept;
Outcome deviceSelfTest(Command& command) noexcept;
Outcome directiveSend(Command& command) noexcept;
Outcome directiveReceive(Command& command) noexcept;
Outcome formatNvm(Command& command) noexcept;
Outcome securitySend(Command& command) noexcept;
Outcome securityReceive(Command& command) noexcept;
Outcome sanitize(Command& command) noexcept;
Outcome managementSend(Command& command) noexcept;
Outcome managementReceive(Command& command) noexcept;
/// Why an admin command cannot run while namespaces are sanitized or formatted.
Outcome checkRestrictions(const Command& command) noexcept;

Outcome read(Command& command) noexcept;
Outcome write(Command& command) noexcept;
Outcome compare(Command& command) noexcept;
Outcome verify(Command& command) noexcept;
Outcome copy(Command& command) noexcept;
Outcome writeZeroes(Command& command) noexcept;
Outcome writeUncorrectable(Command& command) noexcept;
Outcome datasetManagement(Command& command) noexcept;
Outcome flush(Command& command) noexcept;
Outcome reservationRegister(Command& command) noexcept;
Outcome reservationReport(Command& command) noexcept;
Outcome reservationAcquire(Command& command) noexcept;
Outcome reservationRelease(Command& command) noexcept;

}  // namespace doorbell::emulator
