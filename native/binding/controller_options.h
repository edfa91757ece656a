#pragma once

#include <napi.h>

#include <initializer_list>
#include <string>
#include <utility>

#include "binding/arguments.h"
#include "driver/controller.h"

namespace doorbell::binding {

/// Bytes of one register access: 4 or 8, or 1, 2 or 4.
unsigned width(const Napi::Value& value, std::uint32_t least, std::uint32_t most);
driver::InitOptions initOptions(const Napi::Value& value);
driver::AdminQueueOptions adminOptions(const Napi::Value& value);
driver::AdoptOptions adoptOptions(const Napi::Value& value);
driver::VerifyOptions verifyOptions(const Napi::Value& value);
driver::QpairOptions qpairOptions(const Napi::Value& value);

/// One of a few words; TypeError listing them.
template <class Enum>
Enum choice(const Napi::Value& value, const char* name,
            std::initializer_list<std::pair<const char*, Enum>> choices) {
  const auto given = text(value, name);
  std::string known;
  for (const auto& [word, meaning] : choices) {
    if (given == word) return meaning;
    known += (known.empty() ? "'" : ", '") + std::string(word) + "'";
  }
  throw Napi::TypeError::New(
      value.Env(), std::string(name) + " must be one of " + known + ", not '" + given + "'");
}

}  // namespace doorbell::binding
