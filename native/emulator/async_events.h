#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "emulator/limits.h"
#include "spec/feature.h"
#include "spec/log_page.h"
#include "spec/status.h"

namespace doorbell::emulator {

/// Outstanding Asynchronous Event Requests and the events waiting for one.
class AsyncEvents {
 public:
  struct Answer {
    std::uint16_t cid = 0;
    spec::Status status;
    std::uint32_t dw0 = 0;
    std::uint32_t dw1 = 0;
  };

  /// False when the Asynchronous Event Request Limit is exceeded.
  [[nodiscard]] bool request(std::uint16_t cid) noexcept;
  [[nodiscard]] bool outstanding(std::uint16_t cid) const noexcept;
  /// The request is answered with Command Abort Requested; false when there is none of that CID.
  [[nodiscard]] bool abort(std::uint16_t cid) noexcept;

  /// The same event raised twice before it could be reported is reported once.
  void raise(spec::AsyncEventType type, std::uint8_t information, spec::LogPageId page,
             std::uint32_t parameter = 0) noexcept;
  /// The host has cleared the events of that log page: their types can be reported again, and what
  /// was not reported yet will not be.
  void acknowledge(spec::LogPageId page) noexcept;

  [[nodiscard]] bool ready() const noexcept { return aborted_ != 0 || reportable() != nullptr; }
  /// Takes the next request to complete, if there is one.
  std::optional<Answer> next() noexcept;
  void reset() noexcept { *this = {}; }

 private:
  struct Event {
    spec::AsyncEventType type{};
    std::uint8_t information = 0;
    spec::LogPageId page{};
    std::uint32_t parameter = 0;  ///< Event Specific Parameter
  };

  [[nodiscard]] const Event* reportable() const noexcept;
  [[nodiscard]] std::uint16_t takeRequest(std::uint32_t index) noexcept;

  std::array<std::uint16_t, kAsyncEventLimit> requests_{};  ///< CIDs, oldest first
  std::uint32_t requested_ = 0;
  std::array<std::uint16_t, kAsyncEventLimit> abortedCids_{};
  std::uint32_t aborted_ = 0;
  std::array<Event, 8> events_{};
  std::uint32_t raised_ = 0;
  std::uint32_t masked_ = 0;                   ///< one bit a type
  std::array<spec::LogPageId, 8> maskedBy_{};  ///< the page that lifts the mask of the type
};

}  // namespace doorbell::emulator
