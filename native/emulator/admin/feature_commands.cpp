// Get Features and Set Features: what holds for every feature.
#include "emulator/admin/feature_table.h"
#include "emulator/commands.h"
#include "emulator/logs/event_log.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

constexpr std::uint32_t kSave = 1U << 31U;

spec::FeatureId idOf(const Command& command) {
  return static_cast<spec::FeatureId>(command.sqe.cdw10);
}

bool namesAll(const Command& command) {
  return command.sqe.nsid == 0 || command.sqe.nsid == spec::kBroadcastNsid;
}

Outcome invalidNamespace() { return refused(status::kInvalidNamespace, at::kNsid); }

/// A namespace's feature is read from one active namespace; a controller's whatever NSID is valid.
Outcome checkNsidToGet(const Command& command, const FeatureRule& rule) {
  if (!rule.perNamespace()) {
    return namesAll(command) || NamespaceTable::valid(command.sqe.nsid) ? done()
                                                                        : invalidNamespace();
  }
  if (command.ns != nullptr) return done();
  if (rule.reservations() && command.sqe.nsid == spec::kBroadcastNsid) {
    return refused(status::kInvalidField, at::kNsid);
  }
  return namesAll(command) ? invalidNamespace() : refusedNsid(command.sqe.nsid);
}

Outcome checkNsidToSet(const Command& command, const FeatureRule& rule) {
  if (!rule.perNamespace()) {
    if (namesAll(command)) return done();
    return NamespaceTable::valid(command.sqe.nsid)
               ? refused(status::kFeatureNotNamespaceSpecific, at::kNsid)
               : invalidNamespace();
  }
  if (command.ns != nullptr || command.sqe.nsid == spec::kBroadcastNsid) return done();
  return command.sqe.nsid == 0 ? invalidNamespace() : refusedNsid(command.sqe.nsid);
}

/// Setting the Timestamp has an event of its own.
void recordChange(Command& command) {
  if (idOf(command) == spec::FeatureId::Timestamp) return;
  const spec::Sqe& sqe = command.sqe;
  spec::SetFeatureEvent event;
  event.dwords = {sqe.cdw10, sqe.cdw11, sqe.cdw12, sqe.cdw13, sqe.cdw14, sqe.cdw15};
  recordEvent(command.state, spec::PersistentEventType::SetFeature, event);
}

}  // namespace

Outcome getFeatures(Command& command) noexcept {
  const auto select = static_cast<spec::FeatureSelect>((command.sqe.cdw10 >> 8U) & 7U);
  if (select > spec::FeatureSelect::Capabilities) {
    return refused(status::kInvalidField, at::kCdw10 + 1);
  }
  const FeatureRule* rule = ruleOf(idOf(command));
  if (rule == nullptr) return refused(status::kInvalidField, at::kCdw10);
  if (const auto bad = checkNsidToGet(command, *rule); !bad.status.ok()) return bad;
  if (select == spec::FeatureSelect::Capabilities) return done(rule->capabilities);
  return rule->get(command, *rule, select);
}

Outcome setFeatures(Command& command) noexcept {
  const FeatureRule* rule = ruleOf(idOf(command));
  if (rule == nullptr) return refused(status::kInvalidField, at::kCdw10);
  const bool save = (command.sqe.cdw10 & kSave) != 0;
  if (save && !rule->saveable()) return refused(status::kFeatureNotSaveable, at::kCdw10 + 3, 7);
  if (const auto bad = checkNsidToSet(command, *rule); !bad.status.ok()) return bad;
  const Outcome outcome = rule->set(command, *rule, save);
  if (outcome.status.ok()) {
    applyFeature(command, rule->id);
    recordChange(command);
  }
  return outcome;
}

}  // namespace doorbell::emulator
