#pragma once

#include <napi.h>

#include "driver/controller_options.h"
#include "driver/driver_event.h"
#include "driver/qpair.h"

namespace doorbell::binding {

Napi::Value controllerInfoToJs(Napi::Env env, const driver::ControllerInfo& info);
Napi::Value adminRegistersToJs(Napi::Env env, const driver::AdminQueueRegisters& registers);
Napi::Value controllerMemoryToJs(Napi::Env env, const driver::ControllerMemory& memory);
Napi::Value driverEventToJs(Napi::Env env, const driver::DriverEvent& event);
Napi::Value mismatchToJs(Napi::Env env, const driver::DataMismatch& mismatch);
Napi::Value dossierToJs(Napi::Env env, const driver::Dossier& facts);

}  // namespace doorbell::binding
