#pragma once

#include <napi.h>

#include <exception>

namespace doorbell::binding {

/// What C++ threw, as the JavaScript error it becomes: `code` from doorbell::Error, TypeError for
/// CLOSED, RangeError for OUT_OF_RANGE, Error for the rest. The only place where this is decided.
Napi::Error toJs(Napi::Env env, const std::exception& error);

/// Runs `body`; what C++ throws in it becomes a JavaScript exception.
template <class Body>
auto guarded(Napi::Env env, Body&& body) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw toJs(env, error);
  }
}

}  // namespace doorbell::binding
