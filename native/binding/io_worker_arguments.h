#pragma once

#include <napi.h>

#include "driver/io_worker_spec.h"

namespace doorbell::binding {

/// `NativeIoWorkerSpec`, every field checked by name.
driver::IoWorkerSpec ioWorkerSpec(const Napi::Value& value);

}  // namespace doorbell::binding
