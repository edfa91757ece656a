#pragma once

#include <napi.h>

#include "platform/fault_injector.h"

namespace doorbell::binding {

/// `NativeFault` of testkit/nativeFaults.ts, every field checked by name.
platform::Fault faultFrom(const Napi::Value& value);
/// `NativeHealth`.
platform::HealthChange healthFrom(const Napi::Value& value);
/// `NativeFaultReport`.
Napi::Value faultReportToJs(Napi::Env env, const platform::FaultReport& report);

}  // namespace doorbell::binding
