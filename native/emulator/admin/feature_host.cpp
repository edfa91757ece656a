// Features that say something about the host, in data structures.
#include <cstring>

#include "emulator/admin/feature_table.h"
#include "emulator/logs/event_log.h"

namespace doorbell::emulator::feature {

using spec::FeatureSelect;
namespace status = spec::status;

Outcome getTimestamp(Command& command, const FeatureRule&, FeatureSelect select) noexcept {
  const std::uint64_t data =
      select == FeatureSelect::Current ? command.state.timestamp.data() : std::uint64_t{0};
  return sendToHost(command, &data, sizeof(data));
}

Outcome setTimestamp(Command& command, const FeatureRule&, bool) noexcept {
  std::uint64_t data = 0;
  if (const auto bad = command.resolve(sizeof(data)); !bad.status.ok()) return bad;
  command.buffer().read(reinterpret_cast<std::byte*>(&data), sizeof(data));
  Timestamp& timestamp = command.state.timestamp;
  const spec::TimestampChangeEvent event{timestamp.data(), timestamp.sinceResetMs()};
  timestamp.set(data);
  recordEvent(command.state, spec::PersistentEventType::TimestampChange, event);
  return done();
}

Outcome getBehavior(Command& command, const FeatureRule&, FeatureSelect select) noexcept {
  const spec::HostBehavior behavior =
      select == FeatureSelect::Current ? command.state.features.behavior() : spec::HostBehavior{};
  return sendToHost(command, &behavior, sizeof(behavior));
}

/// Fields this revision does not have stay 0.
Outcome setBehavior(Command& command, const FeatureRule&, bool) noexcept {
  spec::HostBehavior behavior;
  if (const auto bad = command.resolve(sizeof(behavior)); !bad.status.ok()) return bad;
  command.buffer().read(reinterpret_cast<std::byte*>(&behavior), sizeof(behavior));
  if (behavior.advancedCommandRetry > 1 || behavior.extendedTelemetryAreas > 1 ||
      behavior.extendedLbaFormats > 1) {
    return refused(status::kInvalidField, at::kPrp1);
  }
  behavior.reserved3 = {};
  command.state.features.behavior() = behavior;
  return done();
}

/// EXHID: the identifier has 16 bytes, else 8.
Outcome getHost(Command& command, const FeatureRule&, FeatureSelect select) noexcept {
  const HostIdentity host =
      select == FeatureSelect::Current ? command.state.features.host() : HostIdentity{};
  return sendToHost(command, host.id.data(), (command.sqe.cdw11 & 1U) != 0 ? 16 : 8);
}

Outcome setHost(Command& command, const FeatureRule&, bool) noexcept {
  HostIdentity host;
  host.extended = command.sqe.cdw11 & 1U;
  const std::size_t bytes = host.extended != 0 ? 16 : 8;
  if (const auto bad = command.resolve(bytes); !bad.status.ok()) return bad;
  command.buffer().read(reinterpret_cast<std::byte*>(host.id.data()), bytes);
  command.state.features.host() = host;
  return done();
}

/// Default and saved: no memory.
Outcome getHostMemory(Command& command, const FeatureRule&, FeatureSelect select) noexcept {
  const HostMemory& memory = command.state.hostMemory;
  const bool enabled = select == FeatureSelect::Current && memory.enabled();
  const HostMemoryAttributes attributes = enabled ? memory.attributes() : HostMemoryAttributes{};
  const Outcome sent = sendToHost(command, &attributes, sizeof(attributes));
  return sent.status.ok() ? done(enabled ? 1U : 0U) : sent;
}

Outcome setHostMemory(Command& command, const FeatureRule&, bool) noexcept {
  HostMemory& memory = command.state.hostMemory;
  const spec::Sqe& sqe = command.sqe;
  if ((sqe.cdw11 & 1U) == 0) {
    memory.disable();
    return done();
  }
  if (memory.enabled()) return refused(status::kCommandSequenceError);
  HostMemoryAttributes attributes;
  attributes.pages = sqe.cdw12;
  attributes.listLow = sqe.cdw13;
  attributes.listHigh = sqe.cdw14;
  attributes.entries = sqe.cdw15;
  const auto result =
      memory.enable(attributes, command.state.pageBytes, ((sqe.cdw11 >> 1U) & 1U) != 0);
  if (result.ok()) return done();
  return result == status::kDataTransferError ? Outcome{.status = result}
                                              : refused(result, at::kCdw12);
}

}  // namespace doorbell::emulator::feature
