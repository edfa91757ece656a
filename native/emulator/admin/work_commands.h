#pragma once

#include <cstdint>

#include "emulator/command.h"

namespace doorbell::emulator {

/// Commands that complete when the work they started is over. Until then they are held like any
/// other that completes later: Abort finds them, a reset drops them.
inline constexpr std::uint64_t kWhenWorkIsOver = kNever - 1;

[[nodiscard]] inline Outcome completesWithWork(Outcome outcome = {}) noexcept {
  outcome.dueNs = kWhenWorkIsOver;
  return outcome;
}

/// Takes out the command that started the work. False when it was aborted or dropped meanwhile:
/// then the work must not be done.
[[nodiscard]] inline bool takeWorkCommand(ControllerState& state, std::uint16_t cid,
                                          Outcome& outcome) noexcept {
  HeldCommands& commands = state.shards[0]->held;
  const auto held = commands.take(0, cid);
  if (!held) return false;
  if (held->dueNs != kWhenWorkIsOver) {
    commands.hold(*held);  // completes as aborted
    return false;
  }
  outcome = held->outcome;
  outcome.dueNs = 0;
  return true;
}

}  // namespace doorbell::emulator
