#pragma once

#include <memory>

#include "binding/type_tags.h"
#include "binding/wrapped.h"
#include "driver/controller.h"

namespace doorbell::binding {

/// `NativeFaultInjector` of testkit/nativeFaults.ts.
class FaultInjectorObject final : public Wrapped<FaultInjectorObject> {
 public:
  static constexpr const char* kName = "FaultInjector";
  static constexpr const napi_type_tag& kTag = tags::kFaultInjector;
  static Napi::FunctionReference define(Napi::Env env);
  explicit FaultInjectorObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value add(const Napi::CallbackInfo& info);
  Napi::Value find(const Napi::CallbackInfo& info);
  Napi::Value list(const Napi::CallbackInfo& info);
  Napi::Value remove(const Napi::CallbackInfo& info);
  Napi::Value clear(const Napi::CallbackInfo& info);
  Napi::Value setHealth(const Napi::CallbackInfo& info);
  Napi::Value failController(const Napi::CallbackInfo& info);
  Napi::Value reportInternalError(const Napi::CallbackInfo& info);
  Napi::Value failSanitize(const Napi::CallbackInfo& info);
  Napi::Value removeDevice(const Napi::CallbackInfo& info);

  std::shared_ptr<driver::Controller> controller_;
};

}  // namespace doorbell::binding
