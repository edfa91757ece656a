#pragma once

#include "emulator/controller_state.h"
#include "spec/persistent_event.h"

namespace doorbell::emulator {

/// Puts an event into the Persistent Event Log, at the time the Timestamp feature says.
template <class Data>
void recordEvent(ControllerState& state, spec::PersistentEventType type,
                 const Data& data) noexcept {
  state.eventLog.record(type, state.timestamp.data(), data);
}

}  // namespace doorbell::emulator
