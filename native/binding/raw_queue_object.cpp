#include "binding/raw_queue_object.h"

#include <cstring>

#include "binding/arguments.h"
#include "binding/transfers.h"
#include "platform/error.h"

namespace doorbell::binding {

namespace {

driver::RawQueue& open(const std::shared_ptr<driver::RawQueue>& queue) {
  if (!queue) throw Error("CLOSED", "this queue was closed");
  return *queue;
}

}  // namespace

Napi::FunctionReference RawQueueObject::define(Napi::Env env) {
  return Napi::Persistent(DefineClass(
      env, kName,
      {getter<&RawQueueObject::segment>("segment"), method<&RawQueueObject::submitted>("submitted"),
       method<&RawQueueObject::completed>("completed"), method<&RawQueueObject::close>("close")}));
}

RawQueueObject::RawQueueObject(const Napi::CallbackInfo& info)
    : Wrapped(info), queue_(take<std::shared_ptr<driver::RawQueue>>(info)) {}

Napi::Value RawQueueObject::segment(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), open(queue_).segment());
}

Napi::Value RawQueueObject::submitted(const Napi::CallbackInfo& info) {
  const auto sqe = sqeFrom(sqeBytes(info[0], "sqe"));
  const auto sequence = open(queue_).submitted(sqe, integer32(info[1], "bytes"));
  return Napi::Number::New(info.Env(), static_cast<double>(sequence));
}

Napi::Value RawQueueObject::completed(const Napi::CallbackInfo& info) {
  const auto given = bytes(info[0], "cqe");
  if (given.size() != sizeof(spec::Cqe))
    throw Napi::RangeError::New(info.Env(), "cqe must be 16 bytes");
  spec::Cqe cqe;
  std::memcpy(&cqe, given.data(), sizeof cqe);
  return Napi::Boolean::New(info.Env(), open(queue_).completed(cqe));
}

Napi::Value RawQueueObject::close(const Napi::CallbackInfo& info) {
  queue_.reset();
  return info.Env().Undefined();
}

}  // namespace doorbell::binding
