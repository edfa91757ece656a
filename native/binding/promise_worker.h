#pragma once

#include <napi.h>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "binding/errors.h"

namespace doorbell::binding {

/// `work` runs on the libuv pool and must not touch JavaScript; `toJs` runs on the JavaScript
/// thread. Both own what they use: the objects they came from may be gone by then.
template <class Work, class ToJs>
class PromiseWorker final : public Napi::AsyncWorker {
  using Result = std::invoke_result_t<Work>;

 public:
  static Napi::Promise run(Napi::Env env, Work work, ToJs toJs) {
    auto* worker = new PromiseWorker(env, std::move(work), std::move(toJs));
    const Napi::Promise promise = worker->deferred_.Promise();
    worker->Queue();  // AsyncWorker owns itself from here
    return promise;
  }

 private:
  PromiseWorker(Napi::Env env, Work work, ToJs toJs)
      : AsyncWorker(env), work_(std::move(work)), toJs_(std::move(toJs)), deferred_(env) {}

  void Execute() override {
    try {
      result_.emplace(work_());
    } catch (...) {
      error_ = std::current_exception();
      SetError("failed");  // only selects OnError, which tells the reason
    }
  }

  void OnOK() override {
    try {
      deferred_.Resolve(toJs_(Env(), std::move(*result_)));
    } catch (const Napi::Error& error) {
      deferred_.Reject(error.Value());
    }
  }

  void OnError(const Napi::Error& /*unused*/) override {
    try {
      std::rethrow_exception(error_);
    } catch (const std::exception& error) {
      deferred_.Reject(binding::toJs(Env(), error).Value());
    }
  }

  Work work_;
  ToJs toJs_;
  Napi::Promise::Deferred deferred_;
  std::optional<Result> result_;
  std::exception_ptr error_;
};

/// A promise of what `toJs` makes of the result of `work`.
template <class Work, class ToJs>
Napi::Promise promise(Napi::Env env, Work work, ToJs toJs) {
  return PromiseWorker<Work, ToJs>::run(env, std::move(work), std::move(toJs));
}

/// A promise of undefined.
template <class Work>
Napi::Promise promise(Napi::Env env, Work work) {
  return promise(
      env,
      [work = std::move(work)] {
        work();
        return true;
      },
      [](Napi::Env jsEnv, bool /*done*/) { return jsEnv.Undefined(); });
}

}  // namespace doorbell::binding
