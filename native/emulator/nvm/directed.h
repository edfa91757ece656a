#pragma once

#include "emulator/command.h"

namespace doorbell::emulator {

/// Is there a Directive Type other than 0 where commands that write have it (DTYPE)?
[[nodiscard]] constexpr bool namesDirective(const spec::Sqe& sqe) noexcept {
  return (sqe.cdw12 & 0x00f00000U) != 0;
}

/// A command that names one: refused when the Directive is not enabled for the namespace, and a
/// successful write to a stream uses it.
[[nodiscard]] Outcome executeDirected(Command& command) noexcept;

/// The command, whatever command set its namespace has (dispatch.cpp).
[[nodiscard]] Outcome executeAnyBlocks(Command& command) noexcept;

}  // namespace doorbell::emulator
