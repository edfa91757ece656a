#pragma once

#include "emulator/command.h"
#include "emulator/outcome.h"

namespace doorbell::emulator {

/// The greatest Zone Append, as a power of two of CAP.MPSMIN pages (ZASL): 128 KiB.
inline constexpr std::uint8_t kZasl = 5;

/// A command for a namespace that uses the Zoned Namespace Command Set.
Outcome executeZoned(Command& command) noexcept;

Outcome zoneAppend(Command& command) noexcept;
Outcome zoneManagementSend(Command& command) noexcept;
Outcome zoneManagementReceive(Command& command) noexcept;

/// May these blocks of a zoned namespace be read? They lie within it.
[[nodiscard]] Outcome checkZonedRead(Namespace& ns, std::uint64_t slba,
                                     std::uint64_t blocks) noexcept;

/// Blocks written by this command survive a power loss from now on; those of a command that
/// completes later, from its completion on (makeDurable).
[[nodiscard]] inline bool writesDurably(const Command& command) noexcept {
  const bool forced = ((command.sqe.cdw12 >> 30U) & 1U) != 0;
  return !command.late && (forced || !command.state.features.cacheEnabled());
}

/// Zones that are to blame: what a host does about resources may let a retry succeed.
[[nodiscard]] constexpr Outcome zoneRefused(spec::Status status, std::uint64_t slba) noexcept {
  if (status.ok()) return done();
  const bool scarce =
      status == spec::status::kTooManyActiveZones || status == spec::status::kTooManyOpenZones;
  return {.status = scarce ? status : status.withDnr(),
          .location = static_cast<std::uint16_t>(at::kCdw10),
          .lba = slba};
}

}  // namespace doorbell::emulator
