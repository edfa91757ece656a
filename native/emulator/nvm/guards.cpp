#include "emulator/nvm/guards.h"

#include <array>

#include "emulator/limits.h"

namespace doorbell::emulator {

namespace status = spec::status;

Reservations reservationsOf(NvmSubsystem& subsystem, std::uint32_t nsid) noexcept {
  using Records = std::array<ReservationRecord, kMaxNamespaces>;
  return Reservations(subsystem.section<Records, Section::Reservations>()[nsid - 1]);
}

Outcome checkGuards(const Command& command, Access access, bool modifies) noexcept {
  const Namespace& ns = *command.ns;
  if (ns.reserved()) {
    const Reservations reservations = reservationsOf(command.subsystem(), ns.nsid());
    if (!reservations.allows(command.state.features.host(), access)) {
      return refused(status::kReservationConflict);
    }
  }
  if (modifies && ns.writeProtection() != 0) {
    return refused(status::kNamespaceWriteProtected);
  }
  return done();
}

}  // namespace doorbell::emulator
