#pragma once

#include <napi.h>

#include <string>
#include <utility>

#include "binding/errors.h"

namespace doorbell::binding {

/// Base of every class the addon hands out: made by the addon only, tagged, its methods' C++ errors
/// converted. `Self` has `kName` and `kTag`.
template <class Self>
class Wrapped : public Napi::ObjectWrap<Self> {
 public:
  /// The object behind a JavaScript value. TypeError naming the argument when it is something else.
  static Self& from(const Napi::Value& value, const char* name) {
    if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&Self::kTag)) {
      throw Napi::TypeError::New(value.Env(), std::string(name) + " must be a " + Self::kName);
    }
    return *Self::Unwrap(value.As<Napi::Object>());
  }

  /// A new JavaScript object around `payload`, which `Self`'s constructor takes.
  template <class Payload>
  static Napi::Object wrap(const Napi::FunctionReference& constructor, Payload payload) {
    return constructor.New({Napi::External<Payload>::New(constructor.Env(), &payload)});
  }

 protected:
  explicit Wrapped(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Self>(info) {
    if (!info[0].IsExternal()) {
      throw Napi::TypeError::New(info.Env(),
                                 std::string(Self::kName) + " has no public constructor");
    }
    info.This().As<Napi::Object>().TypeTag(&Self::kTag);
  }

  template <class Payload>
  static Payload take(const Napi::CallbackInfo& info) {
    return std::move(*info[0].As<Napi::External<Payload>>().Data());
  }

  template <Napi::Value (Self::*body)(const Napi::CallbackInfo&)>
  static auto method(const char* name) {
    using Callback = typename Napi::ObjectWrap<Self>::InstanceMethodCallback;
    return Self::InstanceMethod(name, static_cast<Callback>(&Wrapped::template converted<body>));
  }

  template <Napi::Value (Self::*body)(const Napi::CallbackInfo&)>
  static auto getter(const char* name) {
    using Callback = typename Napi::ObjectWrap<Self>::InstanceGetterCallback;
    return Self::InstanceAccessor(name, static_cast<Callback>(&Wrapped::template converted<body>),
                                  nullptr, napi_enumerable);
  }

 private:
  template <Napi::Value (Self::*body)(const Napi::CallbackInfo&)>
  Napi::Value converted(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return (static_cast<Self*>(this)->*body)(info); });
  }
};

}  // namespace doorbell::binding
