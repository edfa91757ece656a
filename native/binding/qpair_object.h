#pragma once

#include <memory>

#include "binding/js_port.h"
#include "binding/type_tags.h"
#include "binding/wrapped.h"
#include "driver/qpair.h"

namespace doorbell::binding {

/// The one callback a queue pair may have armed. Lives on the JavaScript thread; native threads
/// only know it weakly.
class Notification {
 public:
  Notification(std::shared_ptr<JsPort> port) : port_(std::move(port)) {}
  ~Notification() { disarm(); }
  Notification(const Notification&) = delete;
  Notification& operator=(const Notification&) = delete;

  void arm(Napi::Function callback);
  void disarm();
  /// Calls the callback, once.
  void fire();
  [[nodiscard]] const std::shared_ptr<JsPort>& port() const noexcept { return port_; }

 private:
  std::shared_ptr<JsPort> port_;
  Napi::FunctionReference callback_;
  bool armed_ = false;
};

/// A queue pair, and through which channel this environment uses it (null: it made it).
struct QpairHandle {
  std::shared_ptr<driver::Qpair> qpair;
  std::shared_ptr<driver::QpairChannel> channel;
};

/// `NativeQpair` of testkit/nativeSurface.ts.
class QpairObject final : public Wrapped<QpairObject> {
 public:
  static constexpr const char* kName = "Qpair";
  static constexpr const napi_type_tag& kTag = tags::kQpair;
  static Napi::FunctionReference define(Napi::Env env);
  explicit QpairObject(const Napi::CallbackInfo& info);
  ~QpairObject() override;

 private:
  Napi::Value qid(const Napi::CallbackInfo& info);
  Napi::Value segment(const Napi::CallbackInfo& info);
  Napi::Value depth(const Napi::CallbackInfo& info);
  Napi::Value vector(const Napi::CallbackInfo& info);
  Napi::Value outstanding(const Napi::CallbackInfo& info);
  Napi::Value submit(const Napi::CallbackInfo& info);
  Napi::Value submitTransfer(const Napi::CallbackInfo& info);
  Napi::Value post(const Napi::CallbackInfo& info);
  Napi::Value ringDoorbell(const Napi::CallbackInfo& info);
  Napi::Value submitFused(const Napi::CallbackInfo& info);
  Napi::Value reap(const Napi::CallbackInfo& info);
  Napi::Value notify(const Napi::CallbackInfo& info);
  Napi::Value nextDeadlineMs(const Napi::CallbackInfo& info);
  Napi::Value dossier(const Napi::CallbackInfo& info);
  Napi::Value mismatch(const Napi::CallbackInfo& info);
  Napi::Value remove(const Napi::CallbackInfo& info);

  std::shared_ptr<driver::Qpair> qpair_;
  std::shared_ptr<driver::QpairChannel> channel_;
  std::shared_ptr<Notification> notification_;
};

}  // namespace doorbell::binding
