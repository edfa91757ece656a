#include "binding/js_port.h"

#include <utility>

namespace doorbell::binding {

namespace {
void check(Napi::Env env, napi_status status) {
  if (status != napi_ok) throw Napi::Error::New(env);
}
}  // namespace

std::shared_ptr<JsPort> JsPort::open(Napi::Env env) {
  auto port = std::make_shared<JsPort>();
  port->env_ = env;
  // Node.js keeps a share of the port until `closed`: a thread may post at any moment before.
  auto* share = new std::shared_ptr<JsPort>(port);
  const auto name = Napi::String::New(env, "doorbell");
  const napi_status status = napi_create_threadsafe_function(
      env, nullptr, nullptr, name, 0, 1, share, closed, port.get(), callJs, &port->port_);
  if (status != napi_ok) delete share;
  check(env, status);
  check(env, napi_unref_threadsafe_function(env, port->port_));
  return port;
}

void JsPort::post(Task task) noexcept {
  // The lock is held during the call: `closed` must not end the function meanwhile.
  const std::lock_guard lock(mutex_);
  if (port_ == nullptr) return;
  tasks_.push_back(std::move(task));
  if (called_) return;
  called_ = napi_call_threadsafe_function(port_, nullptr, napi_tsfn_nonblocking) == napi_ok;
}

void JsPort::hold() {
  if (holders_++ == 0 && port_ != nullptr) napi_ref_threadsafe_function(env_, port_);
}

void JsPort::release() {
  if (--holders_ == 0 && port_ != nullptr) napi_unref_threadsafe_function(env_, port_);
}

void JsPort::callJs(napi_env env, napi_value /*callback*/, void* context, void* /*data*/) {
  if (env == nullptr) return;  // the environment is being torn down
  static_cast<JsPort*>(context)->runTasks(env);
}

void JsPort::runTasks(Napi::Env env) {
  std::vector<Task> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
    called_ = false;
  }
  for (Task& task : tasks) {
    const Napi::HandleScope scope(env);
    try {
      task(env);
    } catch (const Napi::Error& error) {
      napi_fatal_exception(env, error.Value());  // 'uncaughtException', as from any callback
    }
  }
}

void JsPort::closed(napi_env /*env*/, void* data, void* /*context*/) {
  const std::unique_ptr<std::shared_ptr<JsPort>> share(static_cast<std::shared_ptr<JsPort>*>(data));
  std::vector<Task> never;  // destroyed after the lock is gone
  const std::lock_guard lock((*share)->mutex_);
  (*share)->port_ = nullptr;
  never.swap((*share)->tasks_);
}

}  // namespace doorbell::binding
