#include "binding/server_object.h"

#include "binding/promise_worker.h"

namespace doorbell::binding {

Napi::FunctionReference ServerObject::define(Napi::Env env) {
  return Napi::Persistent(DefineClass(
      env, kName,
      {getter<&ServerObject::clients>("clients"), getter<&ServerObject::connected>("connected"),
       method<&ServerObject::close>("close")}));
}

ServerObject::ServerObject(const Napi::CallbackInfo& info)
    : Wrapped(info), server_(take<std::shared_ptr<emulator::Server>>(info)) {}

Napi::Value ServerObject::clients(const Napi::CallbackInfo& info) {
  const std::uint64_t count = server_ ? server_->clients() : 0;
  return Napi::Number::New(info.Env(), static_cast<double>(count));
}

Napi::Value ServerObject::connected(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), server_ && server_->connected());
}

Napi::Value ServerObject::close(const Napi::CallbackInfo& info) {
  return promise(
      info.Env(),
      [server = std::move(server_)]() mutable {
        server.reset();
        return true;
      },
      [](Napi::Env env, bool /*closed*/) { return env.Undefined(); });
}

}  // namespace doorbell::binding
