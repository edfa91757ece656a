#include "binding/errors.h"

#include <string>

#include "platform/error.h"

namespace doorbell::binding {

Napi::Error toJs(Napi::Env env, const std::exception& error) {
  const auto* known = dynamic_cast<const Error*>(&error);
  const std::string code = known != nullptr ? known->code() : "INTERNAL";
  Napi::Error result = code == "CLOSED"         ? Napi::TypeError::New(env, error.what())
                       : code == "OUT_OF_RANGE" ? Napi::RangeError::New(env, error.what())
                                                : Napi::Error::New(env, error.what());
  result.Set("code", Napi::String::New(env, code));
  return result;
}

}  // namespace doorbell::binding
