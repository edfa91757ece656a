// The Persistent Event Log as a log page: its reporting context.
#include "emulator/identity.h"
#include "emulator/logs/log_request.h"

namespace doorbell::emulator {

namespace {

constexpr std::uint32_t kContextExists = 1U << 18U;
constexpr std::uint32_t kSubsystemPort = 1U << 16U;

spec::PersistentEventLogHeader headerOf(ControllerState& state) {
  const spec::IdentifyController id = identifyController(state.subsystem);
  spec::PersistentEventLogHeader header;
  header.timestamp = state.timestamp.data();
  header.powerOnHours = state.subsystem.poweredSeconds() / 3600;
  header.powerCycles = state.subsystem.counters().powerCycles;
  header.vid = id.vid;
  header.ssvid = id.ssvid;
  header.sn = id.sn;
  header.mn = id.mn;
  header.subnqn = id.subnqn;
  return header;
}

Outcome send(Command& command, const LogRequest& request) {
  const PersistentEventLog& log = command.state.eventLog;
  return sendLogParts(
      command, request, log.bytes(),
      [&log](std::uint64_t offset, std::span<std::byte> part) { log.read(offset, part); });
}

}  // namespace

Outcome log::persistentEvents(Command& command, const LogRequest& request) noexcept {
  PersistentEventLog& log = command.state.eventLog;
  const bool existed = log.established();
  const auto action = static_cast<spec::PersistentEventAction>(request.parameter & 3U);
  switch (action) {
    case spec::PersistentEventAction::Release:
      log.release();
      return done();
    case spec::PersistentEventAction::Read:
      if (!existed) return refused(spec::status::kCommandSequenceError);
      break;
    case spec::PersistentEventAction::Establish:
      if (existed) return refused(spec::status::kCommandSequenceError);
      log.establish(headerOf(command.state));
      break;
    case spec::PersistentEventAction::EstablishAndReadHeader:
      if (!existed) log.establish(headerOf(command.state));
      break;
  }
  log.setReportingContext(existed ? kContextExists | kSubsystemPort : 0);
  if (action != spec::PersistentEventAction::EstablishAndReadHeader) return send(command, request);
  LogRequest header = request;
  header.offset = 0;
  header.bytes = sizeof(spec::PersistentEventLogHeader);
  return send(command, header);
}

}  // namespace doorbell::emulator
