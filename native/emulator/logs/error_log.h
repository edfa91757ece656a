#pragma once

#include <array>
#include <cstdint>

#include "emulator/limits.h"
#include "spec/log_page.h"

namespace doorbell::emulator {

/// The entries of the Error Information log since the last Controller Level Reset.
class ErrorLog {
 public:
  void add(const spec::ErrorLogEntry& entry) noexcept {
    entries_[added_++ % kErrorLogEntries] = entry;
  }
  void clear() noexcept { *this = {}; }

  /// Newest first; entries not used are zero.
  [[nodiscard]] std::array<spec::ErrorLogEntry, kErrorLogEntries> newestFirst() const noexcept {
    std::array<spec::ErrorLogEntry, kErrorLogEntries> page{};
    for (std::uint64_t age = 0; age < kErrorLogEntries && age < added_; ++age) {
      page[age] = entries_[(added_ - 1 - age) % kErrorLogEntries];
    }
    return page;
  }

 private:
  std::array<spec::ErrorLogEntry, kErrorLogEntries> entries_{};
  std::uint64_t added_ = 0;
};

}  // namespace doorbell::emulator
