#include "binding/io_worker_object.h"

#include <utility>

#include "binding/addon.h"
#include "binding/arguments.h"
#include "binding/io_worker_arguments.h"
#include "binding/io_worker_results.h"

namespace doorbell::binding {

namespace {

/// The promise of a result. Owned by the environment's JavaScript side only, see JsPort.
struct Settling {
  explicit Settling(Napi::Env env) : deferred(env) {}
  Napi::Promise::Deferred deferred;
};

}  // namespace

Napi::FunctionReference IoWorkerObject::define(Napi::Env env) {
  return Napi::Persistent(DefineClass(
      env, kName,
      {getter<&IoWorkerObject::qid>("qid"), getter<&IoWorkerObject::segment>("segment"),
       getter<&IoWorkerObject::done>("done"), method<&IoWorkerObject::stop>("stop"),
       method<&IoWorkerObject::counters>("counters"), method<&IoWorkerObject::feed>("feed"),
       method<&IoWorkerObject::endFeed>("endFeed"), getter<&IoWorkerObject::fed>("fed")}));
}

IoWorkerObject::IoWorkerObject(const Napi::CallbackInfo& info)
    : Wrapped(info), worker_(take<std::shared_ptr<driver::IoWorker>>(info)) {
  auto& addon = Addon::of(info.Env());
  const auto port = addon.port();
  const auto settling = addon.keep(std::make_shared<Settling>(info.Env()));
  done_ = Napi::Persistent(settling.lock()->deferred.Promise().As<Napi::Object>());
  port->hold();
  worker_->onDone([port, settling](driver::IoWorkerResult result) {
    port->post([port, settling, result = std::move(result)](Napi::Env env) {
      port->release();
      if (const auto promised = settling.lock()) {
        Addon::of(env).drop(promised);
        promised->deferred.Resolve(ioWorkerResultToJs(env, result));
      }
    });
  });
}

Napi::Value IoWorkerObject::qid(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), worker_->qid());
}

Napi::Value IoWorkerObject::segment(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), worker_->segment());
}

Napi::Value IoWorkerObject::done(const Napi::CallbackInfo& /*info*/) { return done_.Value(); }

Napi::Value IoWorkerObject::stop(const Napi::CallbackInfo& info) {
  worker_->stop();
  return info.Env().Undefined();
}

Napi::Value IoWorkerObject::counters(const Napi::CallbackInfo& info) {
  const auto live = worker_->counters();
  auto result = Napi::Object::New(info.Env());
  const auto set = [&](const char* name, std::uint64_t value) {
    result.Set(name, Napi::BigInt::New(info.Env(), value));
  };
  set("ios", live.ios);
  set("bytes", live.bytes);
  set("reads", live.reads);
  set("writes", live.writes);
  set("errors", live.errors);
  set("startNs", live.startNs);
  return result;
}

Napi::Value IoWorkerObject::feed(const Napi::CallbackInfo& info) {
  worker_->feed(ioCommands(object(info[0], "commands")));
  return info.Env().Undefined();
}

Napi::Value IoWorkerObject::endFeed(const Napi::CallbackInfo& info) {
  worker_->endFeed();
  return info.Env().Undefined();
}

Napi::Value IoWorkerObject::fed(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(worker_->fed()));
}

}  // namespace doorbell::binding
