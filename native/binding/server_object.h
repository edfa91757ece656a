#pragma once

#include <memory>

#include "binding/type_tags.h"
#include "binding/wrapped.h"
#include "emulator/serve/server.h"

namespace doorbell::binding {

/// `NativeServer` of testkit/nativeSurface.ts.
class ServerObject final : public Wrapped<ServerObject> {
 public:
  static constexpr const char* kName = "Server";
  static constexpr const napi_type_tag& kTag = tags::kServer;
  static Napi::FunctionReference define(Napi::Env env);
  explicit ServerObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value clients(const Napi::CallbackInfo& info);
  Napi::Value connected(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  std::shared_ptr<emulator::Server> server_;
};

}  // namespace doorbell::binding
