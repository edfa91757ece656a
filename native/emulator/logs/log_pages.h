#pragma once

#include "emulator/controller_state.h"
#include "spec/log_page.h"

namespace doorbell::emulator {

/// SMART / Health Information of the controller as it is now.
[[nodiscard]] spec::SmartLog smartLog(ControllerState& state) noexcept;

}  // namespace doorbell::emulator
