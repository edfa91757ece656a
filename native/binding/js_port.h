#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace doorbell::binding {

/// The way from native threads to one environment's JavaScript thread. One call at most is queued
/// there, however many tasks wait; after the environment is gone, posting does nothing. Tasks may
/// be destroyed on any thread: they must not own JavaScript references.
class JsPort {
 public:
  using Task = std::function<void(Napi::Env)>;

  static std::shared_ptr<JsPort> open(Napi::Env env);
  JsPort() = default;
  JsPort(const JsPort&) = delete;
  JsPort& operator=(const JsPort&) = delete;

  /// Any thread.
  void post(Task task) noexcept;

  /// The process stays alive while somebody holds. JavaScript thread only.
  void hold();
  void release();

 private:
  static void callJs(napi_env env, napi_value callback, void* context, void* data);
  static void closed(napi_env env, void* data, void* context);
  void runTasks(Napi::Env env);

  std::mutex mutex_;
  napi_threadsafe_function port_ = nullptr;  ///< null once the environment is gone
  std::vector<Task> tasks_;
  bool called_ = false;
  unsigned holders_ = 0;
  napi_env env_ = nullptr;
};

}  // namespace doorbell::binding
