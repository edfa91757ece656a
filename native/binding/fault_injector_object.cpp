#include "binding/fault_injector_object.h"

#include "binding/arguments.h"
#include "binding/fault_arguments.h"
#include "binding/promise_worker.h"

namespace doorbell::binding {

namespace {

constexpr std::uint64_t kMostIds = std::uint64_t{1} << 53U;

std::uint64_t id(const Napi::CallbackInfo& info) { return integer(info[0], "id", 1, kMostIds); }

}  // namespace

Napi::FunctionReference FaultInjectorObject::define(Napi::Env env) {
  using Self = FaultInjectorObject;
  return Napi::Persistent(DefineClass(
      env, kName,
      {method<&Self::add>("add"), method<&Self::find>("find"), method<&Self::list>("list"),
       method<&Self::remove>("remove"), method<&Self::clear>("clear"),
       method<&Self::setHealth>("setHealth"), method<&Self::failController>("failController"),
       method<&Self::reportInternalError>("reportInternalError"),
       method<&Self::failSanitize>("failSanitize"), method<&Self::removeDevice>("removeDevice")}));
}

FaultInjectorObject::FaultInjectorObject(const Napi::CallbackInfo& info)
    : Wrapped(info), controller_(take<std::shared_ptr<driver::Controller>>(info)) {}

Napi::Value FaultInjectorObject::add(const Napi::CallbackInfo& info) {
  const auto added = controller_->faults()->add(faultFrom(info[0]));
  return Napi::Number::New(info.Env(), static_cast<double>(added));
}

Napi::Value FaultInjectorObject::find(const Napi::CallbackInfo& info) {
  const auto found = controller_->faults()->find(id(info));
  return found ? faultReportToJs(info.Env(), *found) : info.Env().Undefined();
}

Napi::Value FaultInjectorObject::list(const Napi::CallbackInfo& info) {
  const auto reports = controller_->faults()->list();
  auto array = Napi::Array::New(info.Env(), reports.size());
  for (std::size_t i = 0; i < reports.size(); ++i) {
    array.Set(static_cast<std::uint32_t>(i), faultReportToJs(info.Env(), reports[i]));
  }
  return array;
}

Napi::Value FaultInjectorObject::remove(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), controller_->faults()->remove(id(info)));
}

Napi::Value FaultInjectorObject::clear(const Napi::CallbackInfo& info) {
  return promise(info.Env(), [controller = controller_] { controller->faults()->clear(); });
}

Napi::Value FaultInjectorObject::setHealth(const Napi::CallbackInfo& info) {
  return promise(info.Env(), [controller = controller_, change = healthFrom(info[0])] {
    controller->faults()->setHealth(change);
  });
}

Napi::Value FaultInjectorObject::failController(const Napi::CallbackInfo& info) {
  return promise(info.Env(),
                 [controller = controller_] { controller->faults()->failController(); });
}

Napi::Value FaultInjectorObject::reportInternalError(const Napi::CallbackInfo& info) {
  const bool persistent = info[0].ToBoolean().Value();
  return promise(info.Env(), [controller = controller_, persistent] {
    controller->faults()->reportInternalError(persistent);
  });
}

Napi::Value FaultInjectorObject::failSanitize(const Napi::CallbackInfo& info) {
  return promise(info.Env(), [controller = controller_] { controller->faults()->failSanitize(); });
}

Napi::Value FaultInjectorObject::removeDevice(const Napi::CallbackInfo& info) {
  return promise(info.Env(), [controller = controller_] { controller->faults()->removeDevice(); });
}

}  // namespace doorbell::binding
