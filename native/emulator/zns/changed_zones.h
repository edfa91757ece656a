#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "spec/zone.h"

namespace doorbell::emulator {

/// Zones that the controller changed on its own since the Changed Zone List was read.
class ChangedZones {
 public:
  void add(std::uint64_t zslba) noexcept {
    news_ = true;
    if (log_.count == spec::ChangedZoneListLog::kTooMany) return;
    auto* const end = log_.zslba.begin() + log_.count;
    auto* const at = std::lower_bound(log_.zslba.begin(), end, zslba);
    if (at != end && *at == zslba) return;
    if (log_.count == log_.zslba.size()) {
      log_ = {.count = spec::ChangedZoneListLog::kTooMany};
      return;
    }
    std::copy_backward(at, end, end + 1);
    *at = zslba;
    ++log_.count;
  }
  [[nodiscard]] const spec::ChangedZoneListLog& log() const noexcept { return log_; }
  void clear() noexcept { log_ = {}; }
  /// True once after zones were added.
  [[nodiscard]] bool takeNews() noexcept { return std::exchange(news_, false); }

 private:
  bool news_ = false;
  spec::ChangedZoneListLog log_;  ///< in ascending order
};

}  // namespace doorbell::emulator
