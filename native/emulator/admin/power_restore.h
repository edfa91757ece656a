#pragma once

namespace doorbell::emulator {

struct ControllerState;

/// Power state, autonomous transitions and thermal limits as the features have them after a reset.
void restorePower(ControllerState& state) noexcept;

}  // namespace doorbell::emulator
