#pragma once

#include <napi.h>

#include "driver/io_worker_spec.h"

namespace doorbell::binding {

/// `NativeIoWorkerResult`.
Napi::Value ioWorkerResultToJs(Napi::Env env, const driver::IoWorkerResult& result);

}  // namespace doorbell::binding
