#pragma once

#include "driver/controller_options.h"

namespace doorbell::driver {

class ControllerCore;

// Memory-based Controller Initialization (PCIe) (NVMe Base 2.0), whole and in pieces: a test's own
// initialisation uses the same pieces. All are called with core.operation() held.

/// CC.EN = 0, CSTS.RDY = 0 awaited; every earlier queue pair ends as Reset. Throws TIMEOUT.
void disableForEnable(ControllerCore& core);
/// Bus mastering, interrupts and the memory of an admin queue pair; what to write is the result.
/// Throws OUT_OF_RANGE, CONTROLLER_ENABLED while CSTS.RDY is 1.
AdminQueueRegisters prepareAdminQueue(ControllerCore& core, const AdminQueueOptions& options);
/// Identify, the command set profile, Number of Queues: afterwards I/O queues can be made. Throws
/// INIT_FAILED naming the step.
ControllerInfo adoptController(ControllerCore& core, const AdoptOptions& options);
/// All of it, CC included. Throws INIT_FAILED naming the step, with CAP, CC and CSTS;
/// OUT_OF_RANGE, NOT_SUPPORTED for options this controller does not have.
ControllerInfo runEnableSequence(ControllerCore& core, const InitOptions& options);

}  // namespace doorbell::driver
