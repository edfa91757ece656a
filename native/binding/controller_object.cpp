#include "binding/controller_object.h"

#include <string>
#include <thread>
#include <utility>

#include "binding/addon.h"
#include "binding/arguments.h"
#include "binding/controller_options.h"
#include "binding/fault_injector_object.h"
#include "binding/io_worker_arguments.h"
#include "binding/io_worker_object.h"
#include "binding/promise_worker.h"
#include "binding/qpair_object.h"
#include "binding/results.h"
#include "platform/error.h"

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
                   method<&ControllerObject::setVerification>("setVerification"),
                   method<&ControllerObject::reserveQid>("reserveQid"),
                   method<&ControllerObject::releaseQid>("releaseQid"),
                   method<&ControllerObject::addRawQueue>("addRawQueue"),
                   method<&ControllerObject::enableMemory>("enableMemory"),
                   method<&ControllerObject::disableMemory>("disableMemory"),
                   getter<&ControllerObject::memory>("memory"),
                   method<&ControllerObject::allocateInMemory>("allocateInMemory"),
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

ControllerObject::ControllerObject(const Napi::CallbackInfo& info) : Wrapped(info) {
  const auto handle = take<ControllerHandle>(info);
  controller_ = handle.controller;
  isAttached_ = handle.isAttached;
}

ControllerObject::~ControllerObject() {
  dropEvents();
  // Deleting queues waits for the device: not on this thread.
  if (isAttached_ && !isDetached_)
    std::thread([controller = controller_, made = made_] { made->end(); }).detach();
}

const std::shared_ptr<driver::Controller>& ControllerObject::controller() const {
  if (isDetached_)
    throw Error("CLOSED", controller_->address() + ": this attachment to it was closed");
  return controller_;
}

void ControllerObject::Made::end() const noexcept {
  for (const auto& weak : workers) {
    if (const auto worker = weak.lock()) worker->stop();
  }
  for (const auto& weak : qpairs) {
    try {
      if (const auto qpair = weak.lock()) qpair->remove();
    } catch (const Error&) {
      continue;  // it ends with its controller
    }
  }
}

void ControllerObject::dropEvents() {
  if (eventNumber_) controller_->dropEventHandler(*eventNumber_);
  eventNumber_.reset();
  eventCallback_.reset();
}

Napi::Value ControllerObject::address(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), controller()->address());
}

Napi::Value ControllerObject::powered(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), controller()->powered());
}

Napi::Value ControllerObject::admin(const Napi::CallbackInfo& info) {
  // One object for one queue pair, so that its notification is one.
  const auto qpair = controller()->admin();
  if (admin_.IsEmpty() || adminOf_.lock() != qpair) {
    QpairHandle handle{qpair, isAttached_ ? qpair->openChannel() : nullptr};
    admin_ = Napi::Persistent(QpairObject::wrap(Addon::of(info.Env()).qpair, std::move(handle)));
    adminOf_ = qpair;
  }
  return admin_.Value();
}

Napi::Value ControllerObject::faults(const Napi::CallbackInfo& info) {
  return FaultInjectorObject::wrap(Addon::of(info.Env()).faultInjector, controller_);
}

Napi::Value ControllerObject::readRegister(const Napi::CallbackInfo& info) {
  const auto value = controller()->readRegister(integer32(info[0], "offset"), width(info[1], 4, 8));
  return Napi::BigInt::New(info.Env(), value);
}

Napi::Value ControllerObject::writeRegister(const Napi::CallbackInfo& info) {
  controller()->writeRegister(integer32(info[0], "offset"), width(info[1], 4, 8),
                              bigint64(info[2], "value"));
  return info.Env().Undefined();
}

Napi::Value ControllerObject::configRead(const Napi::CallbackInfo& info) {
  const auto value =
      controller()->configRead(integer32(info[0], "offset", 0, 4095), width(info[1], 1, 4));
  return Napi::Number::New(info.Env(), value);
}

Napi::Value ControllerObject::configWrite(const Napi::CallbackInfo& info) {
  controller()->configWrite(integer32(info[0], "offset", 0, 4095), width(info[1], 1, 4),
                            integer32(info[2], "value"));
  return info.Env().Undefined();
}

Napi::Value ControllerObject::initialize(const Napi::CallbackInfo& info) {
  return promise(
      info.Env(),
      [controller = this->controller(), options = initOptions(info[0])] {
        return controller->initialize(options);
      },
      controllerInfoToJs);
}

Napi::Value ControllerObject::disable(const Napi::CallbackInfo& info) {
  return promise(info.Env(), [controller = this->controller()] { controller->disable(); });
}

Napi::Value ControllerObject::shutdown(const Napi::CallbackInfo& info) {
  using driver::ShutdownKind;
  const auto kind = choice<ShutdownKind>(
      info[0], "kind", {{"normal", ShutdownKind::Normal}, {"abrupt", ShutdownKind::Abrupt}});
  return promise(info.Env(),
                 [controller = this->controller(), kind] { controller->shutdown(kind); });
}

Napi::Value ControllerObject::createQpair(const Napi::CallbackInfo& info) {
  return promise(
      info.Env(),
      [controller = this->controller(), options = qpairOptions(info[0])] {
        return controller->createQpair(options);
      },
      [made = made_](Napi::Env env, const std::shared_ptr<driver::Qpair>& qpair) -> Napi::Value {
        std::erase_if(made->qpairs, [](const auto& weak) { return weak.expired(); });
        made->qpairs.push_back(qpair);
        return QpairObject::wrap(Addon::of(env).qpair, QpairHandle{qpair, nullptr});
      });
}

Napi::Value ControllerObject::startIoWorker(const Napi::CallbackInfo& info) {
  return promise(
      info.Env(),
      [controller = this->controller(), spec = ioWorkerSpec(info[0])] {
        return controller->startIoWorker(spec);
      },
      [made = made_](Napi::Env env, std::shared_ptr<driver::IoWorker> worker) -> Napi::Value {
        std::erase_if(made->workers, [](const auto& weak) { return weak.expired(); });
        made->workers.push_back(worker);
        return IoWorkerObject::wrap(Addon::of(env).ioWorker, std::move(worker));
      });
}

Napi::Value ControllerObject::reset(const Napi::CallbackInfo& info) {
  using driver::ControllerReset;
  const auto kind = choice<ControllerReset>(info[0], "kind",
                                            {{"flr", ControllerReset::FunctionLevel},
                                             {"hot", ControllerReset::Hot},
                                             {"subsystem", ControllerReset::Subsystem}});
  return promise(info.Env(), [controller = this->controller(), kind] { controller->reset(kind); });
}

Napi::Value ControllerObject::power(const Napi::CallbackInfo& info) {
  const bool on = choice<bool>(info[0], "action", {{"off", false}, {"on", true}});
  return promise(info.Env(), [controller = this->controller(), on] {
    on ? controller->powerOn() : controller->powerOff();
  });
}

Napi::Value ControllerObject::onEvent(const Napi::CallbackInfo& info) {
  dropEvents();
  if (info[0].IsUndefined()) return info.Env().Undefined();
  eventCallback_ =
      std::make_shared<Napi::FunctionReference>(Napi::Persistent(function(info[0], "callback")));
  eventNumber_ = controller()->addEventHandler(
      [port = Addon::of(info.Env()).port(),
       weak = std::weak_ptr(eventCallback_)](const driver::DriverEvent& event) {
        port->post([weak, event](Napi::Env env) {
          if (const auto callback = weak.lock())
            callback->Value().Call({driverEventToJs(env, event)});
        });
      });
  return info.Env().Undefined();
}

Napi::Value ControllerObject::close(const Napi::CallbackInfo& info) {
  if (!isAttached_) return promise(info.Env(), [controller = controller_] { controller->close(); });
  dropEvents();
  isDetached_ = true;
  return promise(info.Env(), [controller = controller_, made = made_] { made->end(); });
}

}  // namespace doorbell::binding
