#pragma once

#include "emulator/controller_state.h"
#include "emulator/outcome.h"
#include "spec/queue_entry.h"

namespace doorbell::emulator {

Outcome executeAdmin(ControllerState& state, const spec::Sqe& sqe) noexcept;
Outcome executeNvm(ControllerState& state, const spec::Sqe& sqe) noexcept;

Outcome identify(ControllerState& state, const spec::Sqe& sqe) noexcept;
Outcome createIoCq(ControllerState& state, const spec::Sqe& sqe) noexcept;
Outcome createIoSq(ControllerState& state, const spec::Sqe& sqe) noexcept;
Outcome deleteIoCq(ControllerState& state, const spec::Sqe& sqe) noexcept;
Outcome deleteIoSq(ControllerState& state, const spec::Sqe& sqe) noexcept;
Outcome getFeatures(ControllerState& state, const spec::Sqe& sqe) noexcept;
Outcome setFeatures(ControllerState& state, const spec::Sqe& sqe) noexcept;
Outcome getLogPage(ControllerState& state, const spec::Sqe& sqe) noexcept;
Outcome abortCommand(ControllerState& state, const spec::Sqe& sqe) noexcept;
Outcome asyncEventRequest(ControllerState& state, const spec::Sqe& sqe) noexcept;

Outcome read(ControllerState& state, const spec::Sqe& sqe) noexcept;
Outcome write(ControllerState& state, const spec::Sqe& sqe) noexcept;
Outcome compare(ControllerState& state, const spec::Sqe& sqe) noexcept;
Outcome writeZeroes(ControllerState& state, const spec::Sqe& sqe) noexcept;
Outcome writeUncorrectable(ControllerState& state, const spec::Sqe& sqe) noexcept;
Outcome datasetManagement(ControllerState& state, const spec::Sqe& sqe) noexcept;
Outcome flush(ControllerState& state, const spec::Sqe& sqe) noexcept;

}  // namespace doorbell::emulator
