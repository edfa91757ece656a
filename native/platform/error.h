#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace doorbell {

/// A failure of the driver or its platform (never an NVMe status, which is data). Cold paths only.
/// `code` is stable and reaches JavaScript as `error.code`, e.g. "POWER_LOST", "TIMEOUT".
class Error : public std::runtime_error {
 public:
  Error(std::string code, const std::string& message)
      : std::runtime_error(message), code_(std::move(code)) {}
  [[nodiscard]] const std::string& code() const noexcept { return code_; }

 private:
  std::string code_;
};

}  // namespace doorbell
