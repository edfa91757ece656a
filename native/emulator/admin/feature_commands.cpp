#include "emulator/commands.h"
#include "emulator/feature_table.h"

namespace doorbell::emulator {

namespace status = spec::status;
using Id = spec::FeatureId;
using Slot = Features::Slot;

namespace {

constexpr std::uint32_t kSave = 1U << 31U;
constexpr std::uint32_t kCoalescingDisable = 1U << 16U;

constexpr Id idOf(const spec::Sqe& sqe) { return static_cast<Id>(sqe.cdw10); }

/// The threshold that THSEL selects has its own slot.
Slot slotOf(const FeatureRule& rule, std::uint32_t cdw11) {
  const bool under = rule.id == Id::TemperatureThreshold && ((cdw11 >> 20U) & 3U) == 1;
  return under ? Slot::TemperatureUnder : rule.slot;
}

/// SMART / Health events for warnings that are new and wanted.
void reportWarnings(Command& command) noexcept {
  const auto wanted = static_cast<std::uint8_t>(command.state.features.criticalWarning() &
                                                command.state.features.current(Slot::AsyncEvents));
  if ((wanted & ~command.state.reportedWarnings & spec::CriticalWarning::kTemperature) != 0) {
    command.state.events.raise(spec::AsyncEventType::SmartHealth,
                               static_cast<std::uint8_t>(spec::HealthEvent::Temperature),
                               spec::LogPageId::SmartHealth);
  }
  command.state.reportedWarnings = wanted;
}

Outcome getVector(Command& command, spec::FeatureSelect select) noexcept {
  const auto vector = static_cast<std::uint16_t>(command.sqe.cdw11);
  if (vector >= kInterruptVectors) return refused(status::kInvalidField, at::kCdw11);
  if (select == spec::FeatureSelect::Capabilities)
    return done(spec::FeatureCapability::kChangeable);
  const bool disabled =
      select == spec::FeatureSelect::Current && command.state.features.coalescingDisabled(vector);
  return done(vector | (disabled ? kCoalescingDisable : 0U));
}

Outcome getTimestamp(Command& command, spec::FeatureSelect select) noexcept {
  if (select == spec::FeatureSelect::Capabilities)
    return done(spec::FeatureCapability::kChangeable);
  const std::uint64_t data =
      select == spec::FeatureSelect::Current ? command.state.timestamp.data() : std::uint64_t{0};
  return sendToHost(command, &data, sizeof(data));
}

Outcome getSimple(Command& command, const FeatureRule& rule, spec::FeatureSelect select) noexcept {
  if (rule.id == Id::TemperatureThreshold) {
    if (const auto bad = checkFeature(rule.id, command.sqe.cdw11, false); !bad.status.ok())
      return bad;
  }
  const Slot slot = slotOf(rule, command.sqe.cdw11);
  switch (select) {
    case spec::FeatureSelect::Current:
      return done(command.state.features.current(slot));
    case spec::FeatureSelect::Default:
      return done(Features::defaultValue(slot));
    case spec::FeatureSelect::Saved:
      return done(command.state.features.saved(slot));
    case spec::FeatureSelect::Capabilities:
      return done(rule.capabilities);
  }
  return refused(status::kInvalidField, at::kCdw10 + 1);
}

Outcome setVector(Command& command) noexcept {
  const auto vector = static_cast<std::uint16_t>(command.sqe.cdw11);
  if (vector >= kInterruptVectors) return refused(status::kInvalidField, at::kCdw11);
  command.state.features.setCoalescingDisabled(vector,
                                               (command.sqe.cdw11 & kCoalescingDisable) != 0);
  return done();
}

Outcome setTimestamp(Command& command) noexcept {
  std::uint64_t data = 0;
  if (const auto bad = command.resolve(sizeof(data)); !bad.status.ok()) return bad;
  command.buffer().read(reinterpret_cast<std::byte*>(&data), sizeof(data));
  command.state.timestamp.set(data);
  return done();
}

void applyValue(Command& command, const FeatureRule& rule, std::uint32_t cdw11,
                bool save) noexcept {
  const Slot slot = slotOf(rule, cdw11);
  const std::uint32_t value = cdw11 & rule.mask;
  command.state.features.set(slot, value);
  if (save) command.state.features.save(slot, value);
  if (slot == Slot::VolatileWriteCache && value == 0) command.state.subsystem.flushAll();
  reportWarnings(command);
}

Outcome setSimple(Command& command, const FeatureRule& rule) noexcept {
  const bool save = (command.sqe.cdw10 & kSave) != 0;
  if (const auto bad = checkFeature(rule.id, command.sqe.cdw11, command.state.queues.anyIo());
      !bad.status.ok()) {
    return bad;
  }
  if (rule.id == Id::NumberOfQueues) return done(command.state.features.current(rule.slot));
  applyValue(command, rule, command.sqe.cdw11, save);
  return done();
}

}  // namespace

Outcome getFeatures(Command& command) noexcept {
  const auto select = static_cast<spec::FeatureSelect>((command.sqe.cdw10 >> 8U) & 7U);
  if (select > spec::FeatureSelect::Capabilities)
    return refused(status::kInvalidField, at::kCdw10 + 1);
  if (idOf(command.sqe) == Id::InterruptVectorConfiguration) return getVector(command, select);
  if (idOf(command.sqe) == Id::Timestamp) return getTimestamp(command, select);
  const FeatureRule* rule = ruleOf(idOf(command.sqe));
  if (rule == nullptr) return refused(status::kInvalidField, at::kCdw10);
  const bool perNamespace = (rule->capabilities & spec::FeatureCapability::kNamespaceSpecific) != 0;
  if (perNamespace && command.ns == nullptr) return refusedNsid(command.sqe.nsid);
  return getSimple(command, *rule, select);
}

Outcome setFeatures(Command& command) noexcept {
  const FeatureRule* rule = ruleOf(idOf(command.sqe));
  if (!featureSupported(static_cast<std::uint8_t>(command.sqe.cdw10))) {
    return refused(status::kInvalidField, at::kCdw10);
  }
  const std::uint32_t capabilities = rule != nullptr ? rule->capabilities : 0;
  if ((command.sqe.cdw10 & kSave) != 0 &&
      (capabilities & spec::FeatureCapability::kSaveable) == 0) {
    return refused(status::kFeatureNotSaveable, at::kCdw10 + 3, 7);
  }
  const bool all = command.sqe.nsid == 0 || command.sqe.nsid == spec::kBroadcastNsid;
  if ((capabilities & spec::FeatureCapability::kNamespaceSpecific) != 0) {
    if (command.ns == nullptr && command.sqe.nsid != spec::kBroadcastNsid) {
      return refusedNsid(command.sqe.nsid);
    }
  } else if (!all) {
    return command.ns != nullptr ? refused(status::kFeatureNotNamespaceSpecific, at::kNsid)
                                 : refusedNsid(command.sqe.nsid);
  }
  if (idOf(command.sqe) == Id::InterruptVectorConfiguration) return setVector(command);
  if (idOf(command.sqe) == Id::Timestamp) return setTimestamp(command);
  return setSimple(command, *rule);
}

}  // namespace doorbell::emulator
