// The Changed Zone List log page, and the event that tells to read it.
#include "emulator/command.h"
#include "emulator/logs/events.h"
#include "emulator/logs/log_request.h"

namespace doorbell::emulator {

Outcome log::changedZones(Command& command, const LogRequest& request) noexcept {
  ZonedSpace* const space = command.ns->zoned();
  if (space == nullptr) return refused(spec::status::kInvalidLogPage, at::kCdw10);
  spec::ChangedZoneListLog page;
  {
    const ZonedSpace::Hold hold(*space);
    page = space->changed().log();
    if (!request.retain) space->changed().clear();
  }
  return sendLog(command, request, page);
}

void observeZones(ControllerState& state) noexcept {
  state.subsystem.namespaces().forEach([&state](Namespace& one) {
    if (one.zoned() == nullptr || !one.attached() || !one.zoned()->changed().takeNews()) return;
    reportNotice(state, spec::NoticeEvent::ZoneDescriptorChanged, spec::LogPageId::ChangedZoneList,
                 one.nsid());
  });
}

}  // namespace doorbell::emulator
