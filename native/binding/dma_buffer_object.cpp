#include "binding/dma_buffer_object.h"

#include "binding/arguments.h"
#include "binding/controller_object.h"

namespace doorbell::binding {

Napi::FunctionReference DmaBufferObject::define(Napi::Env env) {
  return Napi::Persistent(DefineClass(
      env, kName,
      {getter<&DmaBufferObject::size>("size"), getter<&DmaBufferObject::pins>("pins"),
       method<&DmaBufferObject::read>("read"), method<&DmaBufferObject::write>("write"),
       method<&DmaBufferObject::fill>("fill"),
       method<&DmaBufferObject::fillIncrementing>("fillIncrementing"),
       method<&DmaBufferObject::fillRandom>("fillRandom"),
       method<&DmaBufferObject::compare>("compare"), method<&DmaBufferObject::crc32c>("crc32c"),
       method<&DmaBufferObject::busAddress>("busAddress"),
       method<&DmaBufferObject::fillProtection>("fillProtection"),
       method<&DmaBufferObject::checkProtection>("checkProtection"),
       method<&DmaBufferObject::close>("close")}));
}

DmaBufferObject::DmaBufferObject(const Napi::CallbackInfo& info)
    : Wrapped(info), buffer_(take<std::shared_ptr<driver::DmaBuffer>>(info)) {}

Napi::Value DmaBufferObject::size(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(buffer_->size()));
}

Napi::Value DmaBufferObject::pins(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), buffer_->pins());
}

Napi::Value DmaBufferObject::read(const Napi::CallbackInfo& info) {
  const auto offset = integer32(info[0], "offset");
  const auto length = integer32(info[1], "length");
  buffer_->check(offset, length);  // before JavaScript memory of that size is made
  auto result = Napi::Uint8Array::New(info.Env(), length);
  buffer_->read(offset, bytes(result, "result"));
  return result;
}

Napi::Value DmaBufferObject::write(const Napi::CallbackInfo& info) {
  buffer_->write(integer32(info[0], "offset"), bytes(info[1], "bytes"));
  return info.Env().Undefined();
}

Napi::Value DmaBufferObject::fill(const Napi::CallbackInfo& info) {
  buffer_->fill(integer32(info[0], "offset"), integer32(info[1], "length"),
                bytes(info[2], "bytes"));
  return info.Env().Undefined();
}

Napi::Value DmaBufferObject::fillIncrementing(const Napi::CallbackInfo& info) {
  buffer_->fillIncrementing(integer32(info[0], "offset"), integer32(info[1], "length"),
                            integer32(info[2], "first"));
  return info.Env().Undefined();
}

Napi::Value DmaBufferObject::fillRandom(const Napi::CallbackInfo& info) {
  buffer_->fillRandom(integer32(info[0], "offset"), integer32(info[1], "length"),
                      bigint64(info[2], "seed"), integer32(info[3], "compressiblePercent", 0, 100));
  return info.Env().Undefined();
}

Napi::Value DmaBufferObject::compare(const Napi::CallbackInfo& info) {
  const auto& other = *from(info[1], "other").buffer_;
  const auto first =
      buffer_->compare(integer32(info[0], "offset"), other, integer32(info[2], "otherOffset"),
                       integer32(info[3], "length"));
  return Napi::Number::New(info.Env(), static_cast<double>(first));
}

Napi::Value DmaBufferObject::crc32c(const Napi::CallbackInfo& info) {
  return Napi::Number::New(
      info.Env(), buffer_->crc32c(integer32(info[0], "offset"), integer32(info[1], "length")));
}

Napi::Value DmaBufferObject::busAddress(const Napi::CallbackInfo& info) {
  const auto& controller = ControllerObject::from(info[0], "controller").controller();
  return Napi::BigInt::New(
      info.Env(), buffer_->busAddress(controller->dmaScope(), integer32(info[1], "offset")));
}

Napi::Value DmaBufferObject::close(const Napi::CallbackInfo& info) {
  buffer_->close();
  return info.Env().Undefined();
}

}  // namespace doorbell::binding
