#include "binding/controller_object.h"

#include <string>
#include <utility>

#include "binding/addon.h"
#include "binding/arguments.h"
#include "binding/controller_options.h"
#include "binding/fault_injector_object.h"
#include "binding/io_worker_object.h"
#include "binding/promise_worker.h"
#include "binding/qpair_object.h"
#include "binding/results.h"

namespace doorbell::binding {

Napi::FunctionReference ControllerObject::define(Napi::Env env) {
  return Napi::Persistent(
      DefineClass(env, kName,
                  {getter<&ControllerObject::address>("address"),
                   getter<&ControllerObject::powered>("powered"),
                   getter<&ControllerObject::admin>("admin"),
                   getter<&ControllerObject::faults>("faults"),
                   method<&ControllerObject::readRegister>("readRegister"),
                   method<&ControllerObject::writeRegister>("writeRegister"),
                   method<&ControllerObject::configRead>("configRead"),
                   method<&ControllerObject::configWrite>("configWrite"),
                   method<&ControllerObject::initialize>("initialize"),
                   method<&ControllerObject::prepareAdmin>("prepareAdmin"),
                   method<&ControllerObject::awaitCsts>("awaitCsts"),
                   method<&ControllerObject::adopt>("adopt"),
                   method<&ControllerObject::reserveQid>("reserveQid"),
                   method<&ControllerObject::releaseQid>("releaseQid"),
                   method<&ControllerObject::addRawQueue>("addRawQueue"),
                   method<&ControllerObject::claimInterrupt>("claimInterrupt"),
                   method<&ControllerObject::interruptMessages>("interruptMessages"),
                   method<&ControllerObject::clearInterrupt>("clearInterrupt"),
                   method<&ControllerObject::maskInterrupt>("maskInterrupt"),
                   method<&ControllerObject::releaseInterrupt>("releaseInterrupt"),
                   method<&ControllerObject::disable>("disable"),
                   method<&ControllerObject::shutdown>("shutdown"),
                   method<&ControllerObject::createQpair>("createQpair"),
                   method<&ControllerObject::startIoWorker>("startIoWorker"),
                   method<&ControllerObject::reset>("reset"),
                   method<&ControllerObject::power>("power"),
                   method<&ControllerObject::onEvent>("onEvent"),
                   method<&ControllerObject::close>("close")}));
}

ControllerObject::ControllerObject(const Napi::CallbackInfo& info)
    : Wrapped(info), controller_(take<std::shared_ptr<driver::Controller>>(info)) {}

ControllerObject::~ControllerObject() {
  if (controller_) controller_->onEvent(nullptr);
}

Napi::Value ControllerObject::address(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), controller_->address());
}

Napi::Value ControllerObject::powered(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), controller_->powered());
}

Napi::Value ControllerObject::admin(const Napi::CallbackInfo& info) {
  // One object for one queue pair, so that its notification is one.
  const auto qpair = controller_->admin();
  if (admin_.IsEmpty() || adminOf_.lock() != qpair) {
    admin_ = Napi::Persistent(QpairObject::wrap(Addon::of(info.Env()).qpair, qpair));
    adminOf_ = qpair;
  }
  return admin_.Value();
}

Napi::Value ControllerObject::faults(const Napi::CallbackInfo& info) {
  return FaultInjectorObject::wrap(Addon::of(info.Env()).faultInjector, controller_);
}

Napi::Value ControllerObject::readRegister(const Napi::CallbackInfo& info) {
  const auto value = controller_->readRegister(integer32(info[0], "offset"), width(info[1], 4, 8));
  return Napi::BigInt::New(info.Env(), value);
}

Napi::Value ControllerObject::writeRegister(const Napi::CallbackInfo& info) {
  controller_->writeRegister(integer32(info[0], "offset"), width(info[1], 4, 8),
                             bigint64(info[2], "value"));
  return info.Env().Undefined();
}

Napi::Value ControllerObject::configRead(const Napi::CallbackInfo& info) {
  const auto value =
      controller_->configRead(integer32(info[0], "offset", 0, 4095), width(info[1], 1, 4));
  return Napi::Number::New(info.Env(), value);
}

Napi::Value ControllerObject::configWrite(const Napi::CallbackInfo& info) {
  controller_->configWrite(integer32(info[0], "offset", 0, 4095), width(info[1], 1, 4),
                           integer32(info[2], "value"));
  return info.Env().Undefined();
}

Napi::Value ControllerObject::initialize(const Napi::CallbackInfo& info) {
  return promise(
      info.Env(),
      [controller = controller_, options = initOptions(info[0])] {
        return controller->initialize(options);
      },
      controllerInfoToJs);
}

Napi::Value ControllerObject::disable(const Napi::CallbackInfo& info) {
  return promise(info.Env(), [controller = controller_] { controller->disable(); });
}

Napi::Value ControllerObject::shutdown(const Napi::CallbackInfo& info) {
  using driver::ShutdownKind;
  const auto kind = choice<ShutdownKind>(
      info[0], "kind", {{"normal", ShutdownKind::Normal}, {"abrupt", ShutdownKind::Abrupt}});
  return promise(info.Env(), [controller = controller_, kind] { controller->shutdown(kind); });
}

Napi::Value ControllerObject::createQpair(const Napi::CallbackInfo& info) {
  return promise(
      info.Env(),
      [controller = controller_, options = qpairOptions(info[0])] {
        return controller->createQpair(options);
      },
      [](Napi::Env env, std::shared_ptr<driver::Qpair> qpair) -> Napi::Value {
        return QpairObject::wrap(Addon::of(env).qpair, std::move(qpair));
      });
}

Napi::Value ControllerObject::startIoWorker(const Napi::CallbackInfo& info) {
  return promise(
      info.Env(),
      [controller = controller_, spec = ioWorkerSpec(info[0])] {
        return controller->startIoWorker(spec);
      },
      [](Napi::Env env, std::shared_ptr<driver::IoWorker> worker) -> Napi::Value {
        return IoWorkerObject::wrap(Addon::of(env).ioWorker, std::move(worker));
      });
}

Napi::Value ControllerObject::reset(const Napi::CallbackInfo& info) {
  using driver::ControllerReset;
  const auto kind = choice<ControllerReset>(info[0], "kind",
                                            {{"flr", ControllerReset::FunctionLevel},
                                             {"hot", ControllerReset::Hot},
                                             {"subsystem", ControllerReset::Subsystem}});
  return promise(info.Env(), [controller = controller_, kind] { controller->reset(kind); });
}

Napi::Value ControllerObject::power(const Napi::CallbackInfo& info) {
  const bool on = choice<bool>(info[0], "action", {{"off", false}, {"on", true}});
  return promise(info.Env(), [controller = controller_, on] {
    on ? controller->powerOn() : controller->powerOff();
  });
}

Napi::Value ControllerObject::onEvent(const Napi::CallbackInfo& info) {
  controller_->onEvent(nullptr);
  eventCallback_.reset();
  if (info[0].IsUndefined()) return info.Env().Undefined();
  eventCallback_ =
      std::make_shared<Napi::FunctionReference>(Napi::Persistent(function(info[0], "callback")));
  controller_->onEvent([port = Addon::of(info.Env()).port(),
                        weak = std::weak_ptr(eventCallback_)](const driver::DriverEvent& event) {
    port->post([weak, event](Napi::Env env) {
      if (const auto callback = weak.lock()) callback->Value().Call({driverEventToJs(env, event)});
    });
  });
  return info.Env().Undefined();
}

Napi::Value ControllerObject::close(const Napi::CallbackInfo& info) {
  return promise(info.Env(), [controller = controller_] { controller->close(); });
}

}  // namespace doorbell::binding
