#pragma once

#include "emulator/command.h"
#include "emulator/faults/fault_effects.h"

namespace doorbell::emulator {

/// What injected faults do to a command that was executed: blocks that turn out unreadable, data
/// that is corrupted on its way.
void mishandle(Command& command, const FaultEffects& effects, Outcome& outcome) noexcept;

}  // namespace doorbell::emulator
