#pragma once

#include <memory>

#include "binding/js_port.h"
#include "binding/type_tags.h"
#include "binding/wrapped.h"
#include "driver/io_worker.h"

namespace doorbell::binding {

/// `NativeIoWorker` of testkit/nativeSurface.ts.
class IoWorkerObject final : public Wrapped<IoWorkerObject> {
 public:
  static constexpr const char* kName = "IoWorker";
  static constexpr const napi_type_tag& kTag = tags::kIoWorker;
  static Napi::FunctionReference define(Napi::Env env);
  explicit IoWorkerObject(const Napi::CallbackInfo& info);

  [[nodiscard]] const std::shared_ptr<driver::IoWorker>& worker() const noexcept { return worker_; }

 private:
  Napi::Value qid(const Napi::CallbackInfo& info);
  Napi::Value segment(const Napi::CallbackInfo& info);
  Napi::Value done(const Napi::CallbackInfo& info);
  Napi::Value stop(const Napi::CallbackInfo& info);
  Napi::Value counters(const Napi::CallbackInfo& info);
  Napi::Value feed(const Napi::CallbackInfo& info);
  Napi::Value endFeed(const Napi::CallbackInfo& info);
  Napi::Value fed(const Napi::CallbackInfo& info);

  std::shared_ptr<driver::IoWorker> worker_;
  Napi::ObjectReference done_;  ///< a promise
};

}  // namespace doorbell::binding
