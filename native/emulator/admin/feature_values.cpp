// Features that are one value of the controller, or one of every namespace.
#include "emulator/admin/feature_table.h"
#include "emulator/identity.h"

namespace doorbell::emulator::feature {

using spec::FeatureSelect;
namespace status = spec::status;

namespace {

Outcome invalid() { return refused(status::kInvalidField, at::kCdw11); }

/// Calls `visit(nsid)` for the namespace that the command names, or all attached ones.
template <class Visit>
void forEachNamed(const Command& command, Visit visit) {
  if (command.ns != nullptr) {
    visit(*command.ns);
    return;
  }
  command.subsystem().namespaces().forEach([&](Namespace& one) {
    if (one.attached()) visit(one);
  });
}

Reservations persistenceOf(const Command& command, const Namespace& ns) {
  using Records = std::array<ReservationRecord, kMaxNamespaces>;
  return Reservations(command.subsystem().section<Records, Section::Reservations>()[ns.nsid() - 1]);
}

}  // namespace

Outcome getValue(Command& command, const FeatureRule& rule, FeatureSelect select) noexcept {
  const Features& features = command.state.features;
  if (select == FeatureSelect::Default) return done(Features::defaultValue(rule.slot));
  if (select == FeatureSelect::Saved) return done(features.saved(rule.slot));
  return done(features.current(rule.slot));
}

Outcome setValue(Command& command, const FeatureRule& rule, bool save) noexcept {
  if (rule.check != nullptr) {
    if (const auto bad = rule.check(command); !bad.status.ok()) return bad;
  }
  const std::uint32_t value = command.sqe.cdw11 & rule.mask;
  command.state.features.set(rule.slot, value);
  if (save) command.state.features.save(rule.slot, value);
  return done();
}

Outcome getNamespaceValue(Command& command, const FeatureRule& rule,
                          FeatureSelect select) noexcept {
  const Features& features = command.state.features;
  if (select == FeatureSelect::Default) return done();
  if (select == FeatureSelect::Saved) {
    return done(features.saved(rule.namespaceSlot, command.sqe.nsid));
  }
  return done(features.current(rule.namespaceSlot, command.sqe.nsid));
}

/// DULBE can be set where namespaces report such blocks as errors (NSFEAT.DAE).
Outcome checkErrorRecovery(const Command& command) noexcept {
  constexpr std::uint32_t kDulbe = 1U << 16U;
  constexpr std::uint8_t kDae = 1U << 2U;
  bool possible = true;
  forEachNamed(command, [&possible](const Namespace& one) {
    possible = possible && (identifyNamespace(one).nsfeat & kDae) != 0;
  });
  return possible || (command.sqe.cdw11 & kDulbe) == 0 ? done() : invalid();
}

Outcome setNamespaceValue(Command& command, const FeatureRule& rule, bool save) noexcept {
  if (rule.check != nullptr) {
    if (const auto bad = rule.check(command); !bad.status.ok()) return bad;
  }
  const std::uint32_t value = command.sqe.cdw11 & rule.mask;
  forEachNamed(command, [&](const Namespace& one) {
    command.state.features.set(rule.namespaceSlot, one.nsid(), value);
    if (save) command.state.features.save(rule.namespaceSlot, one.nsid(), value);
  });
  return done();
}

/// I/O Command Set Profile: of the combinations Identify lists there are 0 (all command sets) and 1
/// (the NVM Command Set alone), the latter not while a namespace of another one is attached.
Outcome checkProfile(const Command& command) noexcept {
  const std::uint32_t index = command.sqe.cdw11 & 0x1ffU;
  bool others = false;
  command.subsystem().namespaces().forEach([&others](const Namespace& one) {
    others = others || (one.attached() && one.csi() != spec::kNvmCommandSet);
  });
  if (index == 0 || (index == 1 && !others)) return done();
  return refused(status::kCommandSetCombinationRejected, at::kCdw11);
}

/// Interrupt Vector Configuration. The admin queue's vector takes part in no coalescing.
Outcome getVector(Command& command, const FeatureRule&, FeatureSelect select) noexcept {
  constexpr std::uint32_t kCoalescingDisable = 1U << 16U;
  const auto vector = static_cast<std::uint16_t>(command.sqe.cdw11);
  if (vector >= kInterruptVectors) return invalid();
  const bool disabled =
      select == FeatureSelect::Current && command.state.features.coalescingDisabled(vector);
  return done(vector | (disabled ? kCoalescingDisable : 0U));
}

Outcome setVector(Command& command, const FeatureRule&, bool) noexcept {
  const auto vector = static_cast<std::uint16_t>(command.sqe.cdw11);
  bool inUse = false;
  for (std::uint32_t qid = 1; qid < kQueues; ++qid) {
    const CompletionQueue& cq = command.state.queues.cq(qid);
    inUse = inUse || (cq.exists() && cq.interrupts && cq.vector == vector);
  }
  if (!inUse) return invalid();
  command.state.features.setCoalescingDisabled(vector, ((command.sqe.cdw11 >> 16U) & 1U) != 0);
  return done();
}

/// All queues there are, whatever was asked for.
Outcome setQueues(Command& command, const FeatureRule& rule, bool) noexcept {
  if (command.state.queues.anyIo()) return refused(status::kCommandSequenceError);
  const std::uint32_t asked = command.sqe.cdw11;
  if ((asked & 0xffffU) == 0xffffU || (asked >> 16U) == 0xffffU) return invalid();
  return done(command.state.features.current(rule.slot));
}

/// One level for all namespaces, as there are no NVM Sets.
Outcome setReadRecovery(Command& command, const FeatureRule& rule, bool save) noexcept {
  const std::uint32_t level = command.sqe.cdw12 & 0xfU;
  if (((kReadRecoveryLevels >> level) & 1U) == 0) {
    return refused(status::kInvalidField, at::kCdw12);
  }
  command.state.features.set(rule.slot, level);
  if (save) command.state.features.save(rule.slot, level);
  return done();
}

/// PTPL: kept with the reservation of the namespace, which may change it too.
Outcome getPersistence(Command& command, const FeatureRule&, FeatureSelect select) noexcept {
  return done(
      select == FeatureSelect::Current && persistenceOf(command, *command.ns).persists() ? 1U : 0U);
}

Outcome setPersistence(Command& command, const FeatureRule&, bool) noexcept {
  forEachNamed(command, [&](const Namespace& one) {
    persistenceOf(command, one).setPersists((command.sqe.cdw11 & 1U) != 0);
  });
  return done();
}

/// Kept with the namespace; there is no default, and it is never "saved".
Outcome getWriteProtection(Command& command, const FeatureRule&, FeatureSelect select) noexcept {
  return done(select == FeatureSelect::Current ? command.ns->writeProtection() : 0U);
}

Outcome setWriteProtection(Command& command, const FeatureRule&, bool) noexcept {
  constexpr std::uint8_t kUntilPowerCycle = 2;
  constexpr std::uint8_t kPermanent = 3;
  const auto wanted = static_cast<std::uint8_t>(command.sqe.cdw11 & 7U);
  if (wanted > kPermanent) return invalid();
  bool fixed = false;
  forEachNamed(command, [&](const Namespace& one) {
    fixed = fixed || (one.writeProtection() >= kUntilPowerCycle && one.writeProtection() != wanted);
  });
  if (fixed) return refused(status::kFeatureNotChangeable);
  forEachNamed(command, [&](Namespace& one) {
    if (wanted != 0) one.cache().flushAll();
    one.setWriteProtection(wanted);
  });
  return done();
}

}  // namespace doorbell::emulator::feature
