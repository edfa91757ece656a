#pragma once

#include <cstdint>
#include <optional>

#include "emulator/command.h"

namespace doorbell::emulator {

/// Commands that complete when the work they started is over. Until then they are held like any
/// other that completes later: Abort finds them, a reset drops them.
inline constexpr std::uint64_t kWhenWorkIsOver = kNever - 1;

[[nodiscard]] inline Outcome completesWithWork(Outcome outcome = {}) noexcept {
  outcome.dueNs = kWhenWorkIsOver;
  return outcome;
}

/// Takes out the command that started the work. Nothing when it was aborted or dropped meanwhile:
/// then the work must not be done.
[[nodiscard]] inline std::optional<HeldCommand> takeWorkCommand(ControllerState& state,
                                                                std::uint16_t cid) noexcept {
  HeldCommands& commands = state.shards[0]->held;
  auto held = commands.take(0, cid);
  if (held && held->dueNs != kWhenWorkIsOver) {
    commands.hold(*held);  // completes as aborted
    return std::nullopt;
  }
  if (held) held->outcome.dueNs = 0;
  return held;
}

/// The work is over, and the command completes; or what a fault has in store for it then happens.
inline void completeWork(ControllerState& state, HeldCommand held) noexcept {
  if (held.cut) return state.vanish(SelfLoss::PowerLost);
  held.dueNs = held.delayNs == 0 ? 0 : nowNs() + held.delayNs;
  state.shards[0]->held.hold(held);
}

}  // namespace doorbell::emulator
