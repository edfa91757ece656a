// What a test's own initialisation, its own queues and its own interrupts need of a controller.
#include "binding/addon.h"
#include "binding/arguments.h"
#include "binding/controller_object.h"
#include "binding/controller_options.h"
#include "binding/dma_buffer_object.h"
#include "binding/promise_worker.h"
#include "binding/raw_queue_object.h"
#include "binding/results.h"

namespace doorbell::binding {

namespace {

constexpr std::uint32_t kMaxQid = 0xffff;

std::uint32_t vectorFrom(const Napi::Value& value) { return integer32(value, "vector", 0, 2047); }

}  // namespace

Napi::Value ControllerObject::prepareAdmin(const Napi::CallbackInfo& info) {
  return promise(
      info.Env(),
      [controller = this->controller(), options = adminOptions(info[0])] {
        return controller->prepareAdmin(options);
      },
      adminRegistersToJs);
}

Napi::Value ControllerObject::awaitCsts(const Napi::CallbackInfo& info) {
  return promise(
      info.Env(),
      [controller = this->controller(), mask = integer32(info[0], "mask"),
       value = integer32(info[1], "value"), timeoutMs = integer32(info[2], "timeoutMs")] {
        return controller->awaitCsts(mask, value, timeoutMs);
      },
      [](Napi::Env env, std::uint32_t csts) -> Napi::Value {
        return Napi::Number::New(env, csts);
      });
}

Napi::Value ControllerObject::adopt(const Napi::CallbackInfo& info) {
  return promise(
      info.Env(),
      [controller = this->controller(), options = adoptOptions(info[0])] {
        return controller->adopt(options);
      },
      controllerInfoToJs);
}

Napi::Value ControllerObject::setVerification(const Napi::CallbackInfo& info) {
  const auto nsid = integer32(info[0], "nsid", 1);
  std::optional<driver::VerifyOptions> options;
  if (!info[1].IsUndefined()) options = verifyOptions(info[1]);
  controller()->setVerification(nsid, options);
  return info.Env().Undefined();
}

Napi::Value ControllerObject::reserveQid(const Napi::CallbackInfo& info) {
  std::optional<std::uint16_t> wanted;
  if (!info[0].IsUndefined())
    wanted = static_cast<std::uint16_t>(integer32(info[0], "qid", 1, kMaxQid));
  return Napi::Number::New(info.Env(), controller()->reserveQid(wanted));
}

Napi::Value ControllerObject::releaseQid(const Napi::CallbackInfo& info) {
  controller()->releaseQid(static_cast<std::uint16_t>(integer32(info[0], "qid", 1, kMaxQid)));
  return info.Env().Undefined();
}

Napi::Value ControllerObject::addRawQueue(const Napi::CallbackInfo& info) {
  const auto qid = static_cast<std::uint16_t>(integer32(info[0], "qid", 0, kMaxQid));
  const auto depth = integer32(info[1], "depth", 1, 65536);
  return RawQueueObject::wrap(Addon::of(info.Env()).rawQueue,
                              controller()->addRawQueue(qid, depth));
}

Napi::Value ControllerObject::enableMemory(const Napi::CallbackInfo& info) {
  controller()->enableMemory();
  return info.Env().Undefined();
}

Napi::Value ControllerObject::disableMemory(const Napi::CallbackInfo& info) {
  controller()->disableMemory();
  return info.Env().Undefined();
}

Napi::Value ControllerObject::memory(const Napi::CallbackInfo& info) {
  const auto memory = controller()->memory();
  return memory ? controllerMemoryToJs(info.Env(), *memory) : info.Env().Undefined();
}

Napi::Value ControllerObject::allocateInMemory(const Napi::CallbackInfo& info) {
  const auto size = integer32(info[0], "size", 1);
  return DmaBufferObject::wrap(Addon::of(info.Env()).dmaBuffer,
                               controller()->allocateInMemory(size));
}

Napi::Value ControllerObject::claimInterrupt(const Napi::CallbackInfo& info) {
  controller()->interrupts().claim(vectorFrom(info[0]));
  return info.Env().Undefined();
}

Napi::Value ControllerObject::interruptMessages(const Napi::CallbackInfo& info) {
  const auto count = controller()->interrupts().messages(vectorFrom(info[0]));
  return Napi::Number::New(info.Env(), static_cast<double>(count));
}

Napi::Value ControllerObject::clearInterrupt(const Napi::CallbackInfo& info) {
  controller()->interrupts().clear(vectorFrom(info[0]));
  return info.Env().Undefined();
}

Napi::Value ControllerObject::maskInterrupt(const Napi::CallbackInfo& info) {
  controller()->interrupts().setMasked(vectorFrom(info[0]), info[1].ToBoolean());
  return info.Env().Undefined();
}

Napi::Value ControllerObject::releaseInterrupt(const Napi::CallbackInfo& info) {
  controller()->interrupts().unclaim(vectorFrom(info[0]));
  return info.Env().Undefined();
}

}  // namespace doorbell::binding
