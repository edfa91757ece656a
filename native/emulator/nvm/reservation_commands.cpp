// Reservation Register, Report, Acquire and Release (NVMe Base 2.0, "Reservations"): from fields of
// the command to the rules and back.
#include <algorithm>
#include <array>
#include <cstring>

#include "emulator/commands.h"
#include "emulator/identity.h"
#include "emulator/nvm/guards.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

constexpr std::uint32_t kIgnoreKey = 1U << 3U;

constexpr std::uint32_t actionOf(const Command& command) { return command.sqe.cdw10 & 7U; }

spec::ReservationType typeOf(const Command& command) {
  return static_cast<spec::ReservationType>((command.sqe.cdw10 >> 8U) & 0xffU);
}

/// The keys the command brings.
Outcome fetchKeys(Command& command, spec::ReservationKeys& keys, std::size_t bytes) noexcept {
  if (const auto bad = command.resolve(bytes); !bad.status.ok()) return bad;
  command.buffer().read(reinterpret_cast<std::byte*>(&keys), bytes);
  return done();
}

/// Commands see at the namespace whether it is reserved.
Outcome concluded(Command& command, const Reservations& rules, spec::Status status) noexcept {
  command.ns->setReserved(rules.reserved());
  if (status.ok()) return done();
  return status == status::kInvalidField ? refused(status, at::kCdw10 + 1) : refused(status);
}

Reservations rulesFor(const Command& command) noexcept {
  return reservationsOf(command.subsystem(), command.ns->nsid());
}

constexpr std::size_t kExtendedStatus = spec::kExtendedReservationStatusBytes;

/// The Reservation Status data structure, as long as it gets.
struct Report {
  std::array<std::byte, kExtendedStatus + ReservationRecord::kRegistrants *
                                              sizeof(spec::RegisteredControllerExtended)>
      bytes{};
  std::size_t used = 0;

  template <class T>
  void add(const T& value) {
    std::memcpy(bytes.data() + used, &value, sizeof(value));
    used += sizeof(value);
  }
};

void addRegistrant(Report& report, const Reservations& rules, std::size_t index,
                   const HostIdentity& present, bool extended) {
  const Registrant& one = rules.record().registrants[index];
  const std::uint16_t id = one.host == present ? kControllerId : spec::kNoController;
  const std::uint8_t holds = rules.isHolder(index) ? 1 : 0;
  if (extended) {
    report.add(spec::RegisteredControllerExtended{
        .controllerId = id, .status = holds, .key = one.key, .hostId = one.host.id});
    return;
  }
  spec::RegisteredController entry{.controllerId = id, .status = holds, .key = one.key};
  std::memcpy(&entry.hostId, one.host.id.data(), sizeof(entry.hostId));
  report.add(entry);
}

Report reportOf(const Reservations& rules, const HostIdentity& present, bool extended) {
  const ReservationRecord& record = rules.record();
  Report report;
  report.add(spec::ReservationStatus{.generation = record.generation,
                                     .type = record.type,
                                     .registered = record.count,
                                     .persistThroughPowerLoss = record.persists});
  if (extended) report.used = kExtendedStatus;
  for (std::size_t i = 0; i < record.count; ++i) {
    addRegistrant(report, rules, i, present, extended);
  }
  return report;
}

}  // namespace

Outcome reservationRegister(Command& command) noexcept {
  const auto action = static_cast<spec::RegisterAction>(actionOf(command));
  const auto change = static_cast<spec::ChangePtpl>(command.sqe.cdw10 >> 30U);
  if (action > spec::RegisterAction::Replace) return refused(status::kInvalidField, at::kCdw10);
  if (static_cast<unsigned>(change) == 1) {
    return refused(status::kInvalidField, at::kCdw10 + 3, 6);
  }
  spec::ReservationKeys keys;
  if (const auto bad = fetchKeys(command, keys, sizeof(keys)); !bad.status.ok()) return bad;
  const HostIdentity& host = command.state.features.host();
  const bool ignoreKey = (command.sqe.cdw10 & kIgnoreKey) != 0;
  Reservations rules = rulesFor(command);
  spec::Status result;
  switch (action) {
    case spec::RegisterAction::Register:
      result = rules.registerKey(host, keys.other);
      break;
    case spec::RegisterAction::Unregister:
      result = rules.unregister(host, keys.current, ignoreKey);
      break;
    case spec::RegisterAction::Replace:
      result = rules.replaceKey(host, keys.current, ignoreKey, keys.other);
      break;
  }
  if (result.ok() && change != spec::ChangePtpl::No) {
    rules.setPersists(change == spec::ChangePtpl::Set);
  }
  return concluded(command, rules, result);
}

Outcome reservationAcquire(Command& command) noexcept {
  const auto action = static_cast<spec::AcquireAction>(actionOf(command));
  if (action > spec::AcquireAction::PreemptAndAbort) {
    return refused(status::kInvalidField, at::kCdw10);
  }
  if ((command.sqe.cdw10 & kIgnoreKey) != 0) return refused(status::kInvalidField, at::kCdw10, 3);
  spec::ReservationKeys keys;
  if (const auto bad = fetchKeys(command, keys, sizeof(keys)); !bad.status.ok()) return bad;
  const HostIdentity& host = command.state.features.host();
  Reservations rules = rulesFor(command);
  // With one controller, no command of a preempted host is under way: nothing to abort.
  const auto result = action == spec::AcquireAction::Acquire
                          ? rules.acquire(host, keys.current, typeOf(command))
                          : rules.preempt(host, keys.current, keys.other, typeOf(command));
  return concluded(command, rules, result);
}

Outcome reservationRelease(Command& command) noexcept {
  const auto action = static_cast<spec::ReleaseAction>(actionOf(command));
  if (action > spec::ReleaseAction::Clear) return refused(status::kInvalidField, at::kCdw10);
  if ((command.sqe.cdw10 & kIgnoreKey) != 0) return refused(status::kInvalidField, at::kCdw10, 3);
  spec::ReservationKeys keys;
  if (const auto bad = fetchKeys(command, keys, sizeof(keys.current)); !bad.status.ok()) return bad;
  const HostIdentity& host = command.state.features.host();
  Reservations rules = rulesFor(command);
  const auto result = action == spec::ReleaseAction::Clear
                          ? rules.clear(host, keys.current)
                          : rules.release(host, keys.current, typeOf(command));
  return concluded(command, rules, result);
}

Outcome reservationReport(Command& command) noexcept {
  const bool extended = (command.sqe.cdw11 & 1U) != 0;
  const HostIdentity& host = command.state.features.host();
  if (extended != (host.extended != 0)) {
    return refused(status::kHostIdInconsistentFormat, at::kCdw11);
  }
  const std::uint64_t asked = (std::uint64_t{command.sqe.cdw10} + 1) * 4;
  if (asked > HostBuffer::kMaxBytes) return refused(status::kInvalidField, at::kCdw10);
  if (const auto bad = command.resolve(asked); !bad.status.ok()) return bad;
  const Report report = reportOf(rulesFor(command), host, extended);
  command.buffer().write(report.bytes.data(), std::min<std::uint64_t>(asked, report.used));
  return done();
}

}  // namespace doorbell::emulator
