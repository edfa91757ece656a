#include "binding/controller_options.h"

namespace doorbell::binding {

unsigned width(const Napi::Value& value, std::uint32_t least, std::uint32_t most) {
  const auto given = integer32(value, "width", least, most);
  if ((given & (given - 1)) != 0)
    throw Napi::RangeError::New(value.Env(), "width must be a power of two");
  return given;
}

namespace {

/// A field that may be left out; `target` keeps its default then.
template <class Target>
void optional32(const Napi::Object& given, const char* name, Target& target, std::uint32_t least,
                std::uint32_t most) {
  if (const auto value = given.Get(name); !value.IsUndefined())
    target = integer32(value, name, least, most);
}

void optionalBool(const Napi::Object& given, const char* name, bool& target) {
  if (const auto value = given.Get(name); !value.IsUndefined()) target = value.ToBoolean();
}

void interruptMode(const Napi::Object& given, driver::InterruptMode& target) {
  using driver::InterruptMode;
  const auto value = given.Get("interrupts");
  if (value.IsUndefined()) return;
  target = choice<InterruptMode>(
      value, "interrupts",
      {{"msix", InterruptMode::Msix}, {"msi", InterruptMode::Msi}, {"none", InterruptMode::None}});
}

}  // namespace

driver::InitOptions initOptions(const Napi::Value& value) {
  const auto given = object(value, "options");
  driver::InitOptions options;
  optional32(given, "adminDepth", options.adminDepth, 2, 4096);
  optional32(given, "ioQueues", options.ioQueues, 1, 65535);
  optional32(given, "arbitration", options.arbitration, 0, 7);
  optional32(given, "commandSet", options.commandSet, 0, 7);
  optional32(given, "mps", options.mps, 0, 15);
  interruptMode(given, options.interrupts);
  return options;
}

driver::AdminQueueOptions adminOptions(const Napi::Value& value) {
  const auto given = object(value, "options");
  driver::AdminQueueOptions options;
  optional32(given, "depth", options.depth, 2, 4096);
  optional32(given, "mps", options.mps, 0, 15);
  optional32(given, "vectors", options.vectors, 1, 2048);
  interruptMode(given, options.interrupts);
  return options;
}

driver::AdoptOptions adoptOptions(const Napi::Value& value) {
  const auto given = object(value, "options");
  driver::AdoptOptions options;
  optional32(given, "ioQueues", options.ioQueues, 1, 65535);
  optionalBool(given, "isGranted", options.isGranted);
  optionalBool(given, "chooseProfile", options.chooseProfile);
  return options;
}

driver::VerifyOptions verifyOptions(const Napi::Value& value) {
  const auto given = object(value, "options");
  driver::VerifyOptions options;
  options.lbaBytes = integer32(given.Get("lbaBytes"), "lbaBytes");
  optional32(given, "metadataBytes", options.metadataBytes, 0, 65535);
  options.regionStart = bigint64(given.Get("regionStart"), "regionStart");
  options.regionEnd = bigint64(given.Get("regionEnd"), "regionEnd");
  optionalBool(given, "writeCache", options.writeCache);
  optionalBool(given, "guarded", options.guarded);
  if (const auto zone = given.Get("zoneBlocks"); !zone.IsUndefined())
    options.zoneBlocks = bigint64(zone, "zoneBlocks");
  return options;
}

driver::QpairOptions qpairOptions(const Napi::Value& value) {
  const auto given = object(value, "options");
  driver::QpairOptions options;
  options.depth = integer32(given.Get("depth"), "depth", 2, 65536);
  options.priority = integer32(given.Get("priority"), "priority", 0, 3);
  options.interrupts = given.Get("interrupts").ToBoolean();
  options.lbaBytes = integer32(given.Get("lbaBytes"), "lbaBytes");
  optionalBool(given, "contiguous", options.contiguous);
  optional32(given, "vector", options.vector, 0, 2047);
  optionalBool(given, "sqInMemory", options.inController.sq);
  optionalBool(given, "cqInMemory", options.inController.cq);
  return options;
}

}  // namespace doorbell::binding
