#pragma once

#include <memory>

#include "binding/type_tags.h"
#include "binding/wrapped.h"
#include "driver/raw_queue.h"

namespace doorbell::binding {

/// `NativeRawQueue` of testkit/nativeSurface.ts.
class RawQueueObject final : public Wrapped<RawQueueObject> {
 public:
  static constexpr const char* kName = "RawQueue";
  static constexpr const napi_type_tag& kTag = tags::kRawQueue;
  static Napi::FunctionReference define(Napi::Env env);
  explicit RawQueueObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value segment(const Napi::CallbackInfo& info);
  Napi::Value submitted(const Napi::CallbackInfo& info);
  Napi::Value completed(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  std::shared_ptr<driver::RawQueue> queue_;
};

}  // namespace doorbell::binding
