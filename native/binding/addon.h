#pragma once

#include <napi.h>

#include <memory>
#include <set>

#include "binding/js_port.h"

namespace doorbell::binding {

/// What one JavaScript environment (main thread or worker) has of the addon. The driver behind it
/// is the process's.
class Addon : public Napi::Addon<Addon> {
 public:
  Addon(Napi::Env env, Napi::Object exports);
  static Addon& of(Napi::Env env) { return *env.GetInstanceData<Addon>(); }

  [[nodiscard]] const std::shared_ptr<JsPort>& port() const noexcept { return port_; }

  /// Keeps something of the JavaScript thread alive until dropped, or until the environment ends.
  /// What native threads may know of it is the weak pointer.
  template <class T>
  std::weak_ptr<T> keep(std::shared_ptr<T> kept) {
    kept_.insert(kept);
    return kept;
  }
  void drop(const std::shared_ptr<void>& kept) { kept_.erase(kept); }

  // The classes, to make objects from.
  Napi::FunctionReference dmaBuffer;
  Napi::FunctionReference qpair;
  Napi::FunctionReference controller;
  Napi::FunctionReference ioWorker;
  Napi::FunctionReference rawQueue;
  Napi::FunctionReference faultInjector;
  Napi::FunctionReference server;

 private:
  Napi::Value openEvidence(const Napi::CallbackInfo& info);
  Napi::Value startWatchdog(const Napi::CallbackInfo& info);
  Napi::Value openController(const Napi::CallbackInfo& info);
  Napi::Value attachController(const Napi::CallbackInfo& info);
  Napi::Value serve(const Napi::CallbackInfo& info);
  Napi::Value allocateDma(const Napi::CallbackInfo& info);
  Napi::Value beginIoWorkers(const Napi::CallbackInfo& info);
  Napi::Value now(const Napi::CallbackInfo& info);

  std::shared_ptr<JsPort> port_;
  std::set<std::shared_ptr<void>> kept_;
};

}  // namespace doorbell::binding
