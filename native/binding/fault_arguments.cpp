#include "binding/fault_arguments.h"

#include <limits>

#include "binding/arguments.h"
#include "binding/controller_options.h"

namespace doorbell::binding {

using platform::CutMoment;
using platform::Fault;
using platform::FaultKind;

namespace {

constexpr std::uint64_t kMostCount = (std::uint64_t{1} << 53U) - 1;

/// Sets `field` when the object has it.
template <class Field, class Read>
void optional(const Napi::Object& given, const char* name, Field& field, Read read) {
  const Napi::Value value = given.Get(name);
  if (!value.IsUndefined()) field = read(value, name);
}

template <class Number, std::uint64_t Most = std::numeric_limits<Number>::max()>
Number small(const Napi::Value& value, const char* name) {
  return static_cast<Number>(integer(value, name, 0, Most));
}

bool boolean(const Napi::Value& value, const char*) { return value.ToBoolean(); }

FaultKind kindFrom(const Napi::Value& value) {
  return choice<FaultKind>(value, "kind",
                           {{"status", FaultKind::Status},
                            {"media-error", FaultKind::MediaError},
                            {"corrupt-data", FaultKind::CorruptData},
                            {"delay", FaultKind::Delay},
                            {"drop-completion", FaultKind::DropCompletion},
                            {"duplicate-completion", FaultKind::DuplicateCompletion},
                            {"wrong-cid", FaultKind::WrongCid},
                            {"wrong-sqid", FaultKind::WrongSqId},
                            {"sq-head-out-of-range", FaultKind::SqHeadOutOfRange},
                            {"stale-phase", FaultKind::StalePhase},
                            {"unexpected-queue", FaultKind::UnexpectedQueue},
                            {"controller-fatal", FaultKind::ControllerFatal},
                            {"removal", FaultKind::Removal},
                            {"power-loss", FaultKind::PowerLoss}});
}

CutMoment momentFrom(const Napi::Value& value, const char* name) {
  return choice<CutMoment>(value, name,
                           {{"before", CutMoment::Before},
                            {"between-blocks", CutMoment::BetweenBlocks},
                            {"mid-program", CutMoment::MidProgram},
                            {"before-completion", CutMoment::BeforeCompletion}});
}

}  // namespace

Fault faultFrom(const Napi::Value& value) {
  const auto given = object(value, "fault");
  Fault fault;
  fault.kind = kindFrom(given.Get("kind"));
  platform::FaultTrigger& when = fault.when;
  optional(given, "admin", when.admin, boolean);
  optional(given, "qid", when.qid, small<std::uint16_t>);
  optional(given, "opcode", when.opcode, small<std::uint8_t>);
  optional(given, "nsid", when.nsid, small<std::uint32_t>);
  optional(given, "firstLba", when.firstLba, bigint64);
  optional(given, "lastLba", when.lastLba, bigint64);
  optional(given, "nth", when.nth, small<std::uint64_t, kMostCount>);
  optional(given, "times", when.times, small<std::uint64_t, kMostCount>);
  optional(given, "status", fault.status.raw, small<std::uint16_t, 0x7fff>);
  optional(given, "delayNs", fault.delayNs, bigint64);
  optional(given, "value", fault.value, small<std::uint32_t>);
  optional(given, "offset", fault.offset, small<std::uint32_t>);
  optional(given, "mask", fault.mask, small<std::uint8_t>);
  optional(given, "moment", fault.moment, momentFrom);
  optional(given, "blocks", fault.blocks, small<std::uint32_t>);
  return fault;
}

platform::HealthChange healthFrom(const Napi::Value& value) {
  const auto given = object(value, "health");
  platform::HealthChange change;
  optional(given, "temperatureKelvin", change.temperatureKelvin, small<std::uint16_t>);
  optional(given, "availableSpare", change.availableSpare, small<std::uint8_t, 100>);
  optional(given, "percentageUsed", change.percentageUsed, small<std::uint8_t>);
  optional(given, "reliabilityDegraded", change.reliabilityDegraded, boolean);
  optional(given, "readOnly", change.readOnly, boolean);
  optional(given, "backupFailed", change.backupFailed, boolean);
  return change;
}

Napi::Value faultReportToJs(Napi::Env env, const platform::FaultReport& report) {
  auto result = Napi::Object::New(env);
  result.Set("id", Napi::Number::New(env, static_cast<double>(report.id)));
  result.Set("matched", Napi::Number::New(env, static_cast<double>(report.matched)));
  result.Set("fired", Napi::Number::New(env, static_cast<double>(report.fired)));
  return result;
}

}  // namespace doorbell::binding
