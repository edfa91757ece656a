#include "binding/controller_options.h"

namespace doorbell::binding {

unsigned width(const Napi::Value& value, std::uint32_t least, std::uint32_t most) {
  const auto given = integer32(value, "width", least, most);
  if ((given & (given - 1)) != 0)
    throw Napi::RangeError::New(value.Env(), "width must be a power of two");
  return given;
}

driver::InitOptions initOptions(const Napi::Value& value) {
  const auto given = object(value, "options");
  driver::InitOptions options;
  if (const auto depth = given.Get("adminDepth"); !depth.IsUndefined()) {
    options.adminDepth = integer32(depth, "adminDepth", 2, 4096);
  }
  if (const auto queues = given.Get("ioQueues"); !queues.IsUndefined()) {
    options.ioQueues = integer32(queues, "ioQueues", 1, 65535);
  }
  return options;
}

driver::QpairOptions qpairOptions(const Napi::Value& value) {
  const auto given = object(value, "options");
  driver::QpairOptions options;
  options.depth = integer32(given.Get("depth"), "depth", 2, 65536);
  options.priority = integer32(given.Get("priority"), "priority", 0, 3);
  options.interrupts = given.Get("interrupts").ToBoolean();
  options.lbaBytes = integer32(given.Get("lbaBytes"), "lbaBytes");
  return options;
}

}  // namespace doorbell::binding
