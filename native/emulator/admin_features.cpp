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
void reportWarnings(ControllerState& state) noexcept {
  const auto wanted = static_cast<std::uint8_t>(state.features.criticalWarning() &
                                                state.features.current(Slot::AsyncEvents));
  if ((wanted & ~state.reportedWarnings & spec::CriticalWarning::kTemperature) != 0) {
    state.events.raise(spec::AsyncEventType::SmartHealth,
                       static_cast<std::uint8_t>(spec::HealthEvent::Temperature),
                       spec::LogPageId::SmartHealth);
  }
  state.reportedWarnings = wanted;
}

Outcome getVector(ControllerState& state, const spec::Sqe& sqe,
                  spec::FeatureSelect select) noexcept {
  const auto vector = static_cast<std::uint16_t>(sqe.cdw11);
  if (vector >= kInterruptVectors) return refused(status::kInvalidField, at::kCdw11);
  if (select == spec::FeatureSelect::Capabilities)
    return done(spec::FeatureCapability::kChangeable);
  const bool disabled =
      select == spec::FeatureSelect::Current && state.features.coalescingDisabled(vector);
  return done(vector | (disabled ? kCoalescingDisable : 0U));
}

Outcome getTimestamp(ControllerState& state, const spec::Sqe& sqe,
                     spec::FeatureSelect select) noexcept {
  if (select == spec::FeatureSelect::Capabilities)
    return done(spec::FeatureCapability::kChangeable);
  const std::uint64_t data =
      select == spec::FeatureSelect::Current ? state.timestamp.data() : std::uint64_t{0};
  return sendToHost(state, sqe, &data, sizeof(data));
}

Outcome getSimple(ControllerState& state, const spec::Sqe& sqe, const FeatureRule& rule,
                  spec::FeatureSelect select) noexcept {
  if (rule.id == Id::TemperatureThreshold) {
    if (const auto bad = checkFeature(rule.id, sqe.cdw11, false); !bad.status.ok()) return bad;
  }
  const Slot slot = slotOf(rule, sqe.cdw11);
  switch (select) {
    case spec::FeatureSelect::Current:
      return done(state.features.current(slot));
    case spec::FeatureSelect::Default:
      return done(Features::defaultValue(slot));
    case spec::FeatureSelect::Saved:
      return done(state.features.saved(slot));
    case spec::FeatureSelect::Capabilities:
      return done(rule.capabilities);
  }
  return refused(status::kInvalidField, at::kCdw10 + 1);
}

Outcome setVector(ControllerState& state, const spec::Sqe& sqe) noexcept {
  const auto vector = static_cast<std::uint16_t>(sqe.cdw11);
  if (vector >= kInterruptVectors) return refused(status::kInvalidField, at::kCdw11);
  state.features.setCoalescingDisabled(vector, (sqe.cdw11 & kCoalescingDisable) != 0);
  return done();
}

Outcome setTimestamp(ControllerState& state, const spec::Sqe& sqe) noexcept {
  std::uint64_t data = 0;
  const auto resolved = state.buffer.resolve(sqe, sizeof(data), state.pageBytes);
  if (!resolved.ok()) return transferred(resolved);
  state.buffer.read(reinterpret_cast<std::byte*>(&data), sizeof(data));
  state.timestamp.set(data);
  return done();
}

void applyValue(ControllerState& state, const FeatureRule& rule, std::uint32_t cdw11,
                bool save) noexcept {
  const Slot slot = slotOf(rule, cdw11);
  const std::uint32_t value = cdw11 & rule.mask;
  state.features.set(slot, value);
  if (save) state.features.save(slot, value);
  if (slot == Slot::VolatileWriteCache && value == 0) state.subsystem.cache().flushAll();
  reportWarnings(state);
}

Outcome setSimple(ControllerState& state, const spec::Sqe& sqe, const FeatureRule& rule) noexcept {
  const bool save = (sqe.cdw10 & kSave) != 0;
  if (const auto bad = checkFeature(rule.id, sqe.cdw11, state.queues.anyIo()); !bad.status.ok()) {
    return bad;
  }
  if (rule.id == Id::NumberOfQueues) return done(state.features.current(rule.slot));
  applyValue(state, rule, sqe.cdw11, save);
  return done();
}

}  // namespace

Outcome getFeatures(ControllerState& state, const spec::Sqe& sqe) noexcept {
  const auto select = static_cast<spec::FeatureSelect>((sqe.cdw10 >> 8U) & 7U);
  if (select > spec::FeatureSelect::Capabilities)
    return refused(status::kInvalidField, at::kCdw10 + 1);
  if (idOf(sqe) == Id::InterruptVectorConfiguration) return getVector(state, sqe, select);
  if (idOf(sqe) == Id::Timestamp) return getTimestamp(state, sqe, select);
  const FeatureRule* rule = ruleOf(idOf(sqe));
  if (rule == nullptr) return refused(status::kInvalidField, at::kCdw10);
  const bool perNamespace = (rule->capabilities & spec::FeatureCapability::kNamespaceSpecific) != 0;
  if (perNamespace && sqe.nsid != kNsid) return refused(status::kInvalidNamespace, at::kNsid);
  return getSimple(state, sqe, *rule, select);
}

Outcome setFeatures(ControllerState& state, const spec::Sqe& sqe) noexcept {
  const FeatureRule* rule = ruleOf(idOf(sqe));
  if (!featureSupported(static_cast<std::uint8_t>(sqe.cdw10))) {
    return refused(status::kInvalidField, at::kCdw10);
  }
  const std::uint32_t capabilities = rule != nullptr ? rule->capabilities : 0;
  if ((sqe.cdw10 & kSave) != 0 && (capabilities & spec::FeatureCapability::kSaveable) == 0) {
    return refused(status::kFeatureNotSaveable, at::kCdw10 + 3, 7);
  }
  const bool all = sqe.nsid == 0 || sqe.nsid == spec::kBroadcastNsid;
  if ((capabilities & spec::FeatureCapability::kNamespaceSpecific) != 0) {
    if (sqe.nsid != kNsid && sqe.nsid != spec::kBroadcastNsid) {
      return refused(status::kInvalidNamespace, at::kNsid);
    }
  } else if (!all) {
    return refused(
        sqe.nsid == kNsid ? status::kFeatureNotNamespaceSpecific : status::kInvalidNamespace,
        at::kNsid);
  }
  if (idOf(sqe) == Id::InterruptVectorConfiguration) return setVector(state, sqe);
  if (idOf(sqe) == Id::Timestamp) return setTimestamp(state, sqe);
  return setSimple(state, sqe, *rule);
}

}  // namespace doorbell::emulator
