#pragma once

#include <napi.h>

#include "driver/driver_event.h"
#include "driver/enable_sequence.h"

namespace doorbell::binding {

Napi::Value controllerInfoToJs(Napi::Env env, const driver::ControllerInfo& info);
Napi::Value driverEventToJs(Napi::Env env, const driver::DriverEvent& event);

}  // namespace doorbell::binding
