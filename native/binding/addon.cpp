#include "binding/addon.h"

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "binding/arguments.h"
#include "binding/controller_object.h"
#include "binding/dma_buffer_object.h"
#include "binding/errors.h"
#include "binding/fault_injector_object.h"
#include "binding/io_worker_object.h"
#include "binding/promise_worker.h"
#include "binding/qpair_object.h"
#include "binding/raw_queue_object.h"
#include "binding/server_object.h"
#include "driver/platforms.h"
#include "driver/registry.h"
#include "driver/watchdog.h"

namespace doorbell::binding {

namespace {

Napi::Array platformArray(Napi::Env env) {
  const auto names = driver::platformNames();
  auto array = Napi::Array::New(env, names.size());
  for (std::size_t index = 0; index < names.size(); ++index) {
    array.Set(static_cast<std::uint32_t>(index), names[index]);
  }
  return array;
}

}  // namespace

Addon::Addon(Napi::Env env, Napi::Object exports)
    : dmaBuffer(DmaBufferObject::define(env)),
      qpair(QpairObject::define(env)),
      controller(ControllerObject::define(env)),
      ioWorker(IoWorkerObject::define(env)),
      rawQueue(RawQueueObject::define(env)),
      faultInjector(FaultInjectorObject::define(env)),
      server(ServerObject::define(env)),
      port_(JsPort::open(env)) {
  DefineAddon(exports,
              {InstanceValue("version", Napi::String::New(env, DOORBELL_VERSION), napi_enumerable),
               InstanceValue("platforms", platformArray(env), napi_enumerable),
               InstanceMethod("openEvidence", &Addon::openEvidence, napi_enumerable),
               InstanceMethod("startWatchdog", &Addon::startWatchdog, napi_enumerable),
               InstanceMethod("openController", &Addon::openController, napi_enumerable),
               InstanceMethod("attachController", &Addon::attachController, napi_enumerable),
               InstanceMethod("serve", &Addon::serve, napi_enumerable),
               InstanceMethod("allocateDma", &Addon::allocateDma, napi_enumerable),
               InstanceMethod("beginIoWorkers", &Addon::beginIoWorkers, napi_enumerable),
               InstanceMethod("now", &Addon::now, napi_enumerable)});
}

Napi::Value Addon::openEvidence(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] { driver::Registry::instance().openEvidence(text(info[0], "path")); });
  return info.Env().Undefined();
}

Napi::Value Addon::startWatchdog(const Napi::CallbackInfo& info) {
  const auto fd = integer32(info[0], "fd", 0, std::numeric_limits<int>::max());
  guarded(info.Env(), [&] { driver::startWatchdog(static_cast<int>(fd)); });
  return info.Env().Undefined();
}

Napi::Value Addon::openController(const Napi::CallbackInfo& info) {
  return promise(
      info.Env(),
      [address = text(info[0], "address")] { return driver::Registry::instance().open(address); },
      [](Napi::Env env, std::shared_ptr<driver::Controller> opened) -> Napi::Value {
        return ControllerObject::wrap(Addon::of(env).controller,
                                      ControllerHandle{std::move(opened), false});
      });
}

Napi::Value Addon::attachController(const Napi::CallbackInfo& info) {
  const auto address = text(info[0], "address");
  return guarded(info.Env(), [&]() -> Napi::Value {
    return ControllerObject::wrap(
        controller, ControllerHandle{driver::Registry::instance().attach(address), true});
  });
}

Napi::Value Addon::serve(const Napi::CallbackInfo& info) {
  return promise(
      info.Env(),
      [options = emulator::ServeOptions{.socket = text(info[0], "socket"),
                                        .address = text(info[1], "address")}] {
        return std::make_shared<emulator::Server>(options);
      },
      [](Napi::Env env, std::shared_ptr<emulator::Server> server) -> Napi::Value {
        return ServerObject::wrap(Addon::of(env).server, std::move(server));
      });
}

Napi::Value Addon::allocateDma(const Napi::CallbackInfo& info) {
  const auto size = integer32(info[0], "size", 1);
  return guarded(info.Env(), [&]() -> Napi::Value {
    return DmaBufferObject::wrap(dmaBuffer, driver::DmaBuffer::allocate(size));
  });
}

Napi::Value Addon::beginIoWorkers(const Napi::CallbackInfo& info) {
  const auto list = object(info[0], "workers").As<Napi::Array>();
  std::vector<std::shared_ptr<driver::IoWorker>> workers;
  for (std::uint32_t index = 0; index < list.Length(); ++index)
    workers.push_back(IoWorkerObject::from(list.Get(index), "worker").worker());
  driver::IoWorker::begin(workers);
  return info.Env().Undefined();
}

Napi::Value Addon::now(const Napi::CallbackInfo& info) {
  return Napi::BigInt::New(info.Env(), driver::Registry::instance().clock().nowNs());
}

}  // namespace doorbell::binding

namespace {
using doorbell::binding::Addon;
}
NODE_API_ADDON(Addon)
