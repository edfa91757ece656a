// Features about power and temperature.
#include "emulator/admin/feature_table.h"
#include "emulator/admin/power_restore.h"
#include "emulator/clock.h"
#include "emulator/logs/event_log.h"
#include "emulator/logs/events.h"

namespace doorbell::emulator {

using spec::FeatureSelect;
using Slot = Features::Slot;
namespace status = spec::status;

namespace feature {

namespace {

Outcome invalid() { return refused(status::kInvalidField, at::kCdw11); }

/// TMPSEL: composite (0) or a sensor, counted from 1; Fh stands for all of them when setting.
constexpr std::uint32_t kAllSensors = 0xf;
constexpr std::uint32_t sensorOf(std::uint32_t cdw11) { return (cdw11 >> 16U) & 0xfU; }
constexpr std::uint32_t kindOf(std::uint32_t cdw11) { return (cdw11 >> 20U) & 3U; }

Slot thresholdSlot(std::uint32_t kind, std::uint32_t sensor) {
  const Slot first = kind == 0 ? Slot::TemperatureOver : Slot::TemperatureUnder;
  return static_cast<Slot>(static_cast<std::uint32_t>(first) + sensor);
}

}  // namespace

Outcome getThreshold(Command& command, const FeatureRule&, FeatureSelect select) noexcept {
  const std::uint32_t sensor = sensorOf(command.sqe.cdw11);
  const std::uint32_t kind = kindOf(command.sqe.cdw11);
  if (sensor > Thermal::kSensors || kind > 1) return invalid();
  const Slot slot = thresholdSlot(kind, sensor);
  const Features& features = command.state.features;
  if (select == FeatureSelect::Default) return done(Features::defaultValue(slot));
  return done(select == FeatureSelect::Saved ? features.saved(slot) : features.current(slot));
}

Outcome setThreshold(Command& command, const FeatureRule&, bool save) noexcept {
  const std::uint32_t sensor = sensorOf(command.sqe.cdw11);
  const std::uint32_t kind = kindOf(command.sqe.cdw11);
  if ((sensor > Thermal::kSensors && sensor != kAllSensors) || kind > 1) return invalid();
  const std::uint32_t kelvin = command.sqe.cdw11 & 0xffffU;
  for (std::uint32_t one = 0; one <= Thermal::kSensors; ++one) {
    if (sensor != kAllSensors && sensor != one) continue;
    command.state.features.set(thresholdSlot(kind, one), kelvin);
    if (save) command.state.features.save(thresholdSlot(kind, one), kelvin);
  }
  return done();
}

Outcome checkPowerState(const Command& command) noexcept {
  return (command.sqe.cdw11 & 0x1fU) < kPowerStates ? done() : invalid();
}

/// The state the controller is in, which is not the one that was set when idle time led on.
Outcome getPowerState(Command& command, const FeatureRule& rule, FeatureSelect select) noexcept {
  const Outcome set = getValue(command, rule, select);
  if (select != FeatureSelect::Current) return set;
  return done((set.dw0 & ~0x1fU) | command.state.power.at(nowNs()));
}

Outcome getTransitions(Command& command, const FeatureRule& rule, FeatureSelect select) noexcept {
  TransitionData data{};
  if (select == FeatureSelect::Current) data = command.state.power.transitions();
  if (select == FeatureSelect::Saved) data = command.state.features.record().transitions;
  const Outcome sent = sendToHost(command, data.data(), sizeof(data));
  return sent.status.ok() ? getValue(command, rule, select) : sent;
}

Outcome setTransitions(Command& command, const FeatureRule& rule, bool save) noexcept {
  TransitionData data{};
  if (const auto bad = command.resolve(sizeof(data)); !bad.status.ok()) return bad;
  command.buffer().read(reinterpret_cast<std::byte*>(data.data()), sizeof(data));
  if (PowerStates::invalidEntry(data).has_value()) return refused(status::kInvalidField, at::kPrp1);
  Features& features = command.state.features;
  const std::uint32_t enabled = command.sqe.cdw11 & 1U;
  features.set(rule.slot, enabled);
  command.state.power.configure(data, enabled != 0, nowNs());
  if (save) {
    features.save(rule.slot, enabled);
    features.record().transitions = data;
  }
  return done();
}

/// Each limit is disabled by 0; light throttling begins below heavy throttling.
Outcome checkThermalLimits(const Command& command) noexcept {
  const std::uint32_t light = command.sqe.cdw11 >> 16U;
  const std::uint32_t heavy = command.sqe.cdw11 & 0xffffU;
  const auto outside = [](std::uint32_t kelvin) {
    return kelvin != 0 && (kelvin < Thermal::kLowestLimit || kelvin > Thermal::kHighestLimit);
  };
  if (outside(light) || (light != 0 && heavy != 0 && light >= heavy)) {
    return refused(status::kInvalidField, at::kCdw11 + 2);
  }
  return outside(heavy) ? invalid() : done();
}

}  // namespace feature

void restorePower(ControllerState& state) noexcept {
  const Features& features = state.features;
  const std::uint64_t now = nowNs();
  state.power.reset(features.current(Slot::PowerManagement) & 0x1fU, now);
  state.power.configure(features.record().transitions,
                        features.current(Slot::AutonomousTransitions) != 0, now);
  const std::uint32_t limits = features.current(Slot::ThermalManagement);
  state.thermal.setLimits(static_cast<std::uint16_t>(limits >> 16U),
                          static_cast<std::uint16_t>(limits), now);
}

void applyFeature(Command& command, spec::FeatureId id) noexcept {
  ControllerState& state = command.state;
  switch (id) {
    case spec::FeatureId::VolatileWriteCache:
      if (!state.features.cacheEnabled()) command.subsystem().flushAll();
      break;
    case spec::FeatureId::PowerManagement:
      state.power.select(command.sqe.cdw11 & 0x1fU, nowNs());
      break;
    case spec::FeatureId::HostControlledThermalManagement:
      state.thermal.setLimits(static_cast<std::uint16_t>(command.sqe.cdw11 >> 16U),
                              static_cast<std::uint16_t>(command.sqe.cdw11), nowNs());
      break;
    case spec::FeatureId::TemperatureThreshold:
    case spec::FeatureId::AsynchronousEventConfiguration:
      observeHealth(state);
      break;
    default:
      break;
  }
}

}  // namespace doorbell::emulator
