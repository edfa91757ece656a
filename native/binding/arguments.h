#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

/// Checked conversions. Each names the argument: TypeError for another type, RangeError (with the
/// limits) for a value outside.
namespace doorbell::binding {

/// An integer number; `most` up to 2^53-1.
std::uint64_t integer(const Napi::Value& value, const char* name, std::uint64_t least,
                      std::uint64_t most);
std::uint32_t integer32(const Napi::Value& value, const char* name, std::uint32_t least = 0,
                        std::uint32_t most = UINT32_MAX);
/// A finite number.
double number(const Napi::Value& value, const char* name, double least, double most);
/// A bigint, 0..2^64-1.
std::uint64_t bigint64(const Napi::Value& value, const char* name);
std::string text(const Napi::Value& value, const char* name);
Napi::Function function(const Napi::Value& value, const char* name);
Napi::Object object(const Napi::Value& value, const char* name);
/// The bytes of a Uint8Array, valid while JavaScript does not run.
std::span<std::byte> bytes(const Napi::Value& value, const char* name);

}  // namespace doorbell::binding
