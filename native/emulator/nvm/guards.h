#pragma once

#include "emulator/command.h"
#include "emulator/nvm/reservations.h"

namespace doorbell::emulator {

/// The reservation of a namespace; commands that change it call Namespace::setReserved().
[[nodiscard]] Reservations reservationsOf(NvmSubsystem& subsystem, std::uint32_t nsid) noexcept;

/// What stands between a command and a namespace that is reserved, or write protected when it
/// `modifies` blocks. For commands of any set.
[[nodiscard]] Outcome checkGuards(const Command& command, Access access, bool modifies) noexcept;

}  // namespace doorbell::emulator
