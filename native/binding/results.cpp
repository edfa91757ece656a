#include "binding/results.h"

#include <algorithm>
#include <cstddef>
#include <span>

namespace doorbell::binding {

namespace {

Napi::Uint8Array copied(Napi::Env env, std::span<const std::byte> bytes) {
  auto array = Napi::Uint8Array::New(env, bytes.size());
  std::ranges::copy(bytes, reinterpret_cast<std::byte*>(array.Data()));
  return array;
}

}  // namespace

Napi::Value controllerInfoToJs(Napi::Env env, const driver::ControllerInfo& info) {
  auto namespaces = Napi::Array::New(env, info.namespaces.size());
  for (std::size_t index = 0; index < info.namespaces.size(); ++index) {
    auto entry = Napi::Object::New(env);
    entry.Set("nsid", info.namespaces[index].nsid);
    entry.Set("identify", copied(env, info.namespaces[index].identify));
    namespaces.Set(static_cast<std::uint32_t>(index), entry);
  }
  auto result = Napi::Object::New(env);
  result.Set("identify", copied(env, info.identify));
  result.Set("namespaces", namespaces);
  result.Set("ioQueues", info.ioQueues);
  return result;
}

Napi::Value driverEventToJs(Napi::Env env, const driver::DriverEvent& event) {
  auto result = Napi::Object::New(env);
  result.Set("kind", event.kind);
  result.Set("message", event.message);
  if (event.cqe) result.Set("cqe", copied(env, std::as_bytes(std::span(&*event.cqe, 1))));
  if (event.qid) result.Set("qid", *event.qid);
  return result;
}

}  // namespace doorbell::binding
