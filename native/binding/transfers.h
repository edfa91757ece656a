#pragma once

#include <napi.h>

#include <cstddef>
#include <span>

#include "driver/transfer.h"
#include "spec/queue_entry.h"

namespace doorbell::binding {

/// The 64 bytes of a submission queue entry, checked; valid while JavaScript does not run.
std::span<std::byte> sqeBytes(const Napi::Value& value, const char* name);
spec::Sqe sqeFrom(std::span<const std::byte> bytes);
/// `NativeTransfer`, every field checked by name.
driver::Transfer transferFrom(const Napi::Value& value);

}  // namespace doorbell::binding
