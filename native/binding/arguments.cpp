#include "binding/arguments.h"

#include <cmath>

namespace doorbell::binding {

namespace {

[[noreturn]] void wrongType(const Napi::Value& value, const char* name, const char* wanted) {
  throw Napi::TypeError::New(value.Env(), std::string(name) + " must be " + wanted);
}

std::string spelled(double value) {
  // std::to_string prints six decimals; JavaScript's own form is what the caller wrote.
  if (std::nearbyint(value) == value && std::fabs(value) < 9e15)
    return std::to_string(static_cast<std::int64_t>(value));
  return std::to_string(value);
}

[[noreturn]] void outOfRange(const Napi::Value& value, const char* name,
                             const std::string& limits) {
  throw Napi::RangeError::New(value.Env(), std::string(name) + " must be " + limits + ", not " +
                                               spelled(value.ToNumber().DoubleValue()));
}

}  // namespace

std::uint64_t integer(const Napi::Value& value, const char* name, std::uint64_t least,
                      std::uint64_t most) {
  if (!value.IsNumber()) wrongType(value, name, "a number");
  const double given = value.As<Napi::Number>().DoubleValue();
  const bool fits = given >= static_cast<double>(least) && given <= static_cast<double>(most) &&
                    std::floor(given) == given;
  if (!fits)
    outOfRange(value, name,
               "an integer of " + std::to_string(least) + " to " + std::to_string(most));
  return static_cast<std::uint64_t>(given);
}

std::uint32_t integer32(const Napi::Value& value, const char* name, std::uint32_t least,
                        std::uint32_t most) {
  return static_cast<std::uint32_t>(integer(value, name, least, most));
}

double number(const Napi::Value& value, const char* name, double least, double most) {
  if (!value.IsNumber()) wrongType(value, name, "a number");
  const double given = value.As<Napi::Number>().DoubleValue();
  if (!(given >= least && given <= most))
    outOfRange(value, name, spelled(least) + " to " + spelled(most));
  return given;
}

std::uint64_t bigint64(const Napi::Value& value, const char* name) {
  if (!value.IsBigInt()) wrongType(value, name, "a bigint");
  bool lossless = false;
  const std::uint64_t given = value.As<Napi::BigInt>().Uint64Value(&lossless);
  if (!lossless)
    throw Napi::RangeError::New(value.Env(),
                                std::string(name) + " must be a bigint of 0 to 2^64-1");
  return given;
}

std::string text(const Napi::Value& value, const char* name) {
  if (!value.IsString()) wrongType(value, name, "a string");
  return value.As<Napi::String>().Utf8Value();
}

Napi::Function function(const Napi::Value& value, const char* name) {
  if (!value.IsFunction()) wrongType(value, name, "a function");
  return value.As<Napi::Function>();
}

Napi::Object object(const Napi::Value& value, const char* name) {
  if (!value.IsObject()) wrongType(value, name, "an object");
  return value.As<Napi::Object>();
}

std::span<std::byte> bytes(const Napi::Value& value, const char* name) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    wrongType(value, name, "a Uint8Array");
  }
  auto array = value.As<Napi::Uint8Array>();
  return {reinterpret_cast<std::byte*>(array.Data()), array.ByteLength()};
}

}  // namespace doorbell::binding
