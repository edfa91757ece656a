#pragma once

#include <string>

#include "driver/evidence_layout.h"
#include "platform/error.h"

namespace doorbell::driver {

/// The error of using, or waiting for, something that ended with `outcome`.
[[nodiscard]] Error errorOf(evidence::Outcome outcome, const std::string& what);

}  // namespace doorbell::driver
