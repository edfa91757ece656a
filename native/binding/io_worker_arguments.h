#pragma once

#include <napi.h>

#include <vector>

#include "driver/io_worker_spec.h"

namespace doorbell::binding {

/// `NativeIoWorkerSpec`, every field checked by name.
driver::IoWorkerSpec ioWorkerSpec(const Napi::Value& value);

/// The columns of `NativeIoCommands`.
std::vector<driver::IoCommand> ioCommands(const Napi::Object& given);

}  // namespace doorbell::binding
