#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "emulator/zns/zone_geometry.h"

namespace doorbell::emulator {

/// How many zones are active and open, against MAR and MOR, and which implicitly opened zone the
/// controller closes next when another needs its place.
class ZoneResources {
 public:
  explicit ZoneResources(const ZoneGeometry& geometry);

  [[nodiscard]] bool activeFull() const noexcept {
    return maxActive_ != 0 && active_ >= maxActive_;
  }
  [[nodiscard]] bool openFull() const noexcept { return maxOpen_ != 0 && open_ >= maxOpen_; }
  [[nodiscard]] bool openExceeded() const noexcept { return maxOpen_ != 0 && open_ > maxOpen_; }
  [[nodiscard]] std::uint32_t active() const noexcept { return active_; }
  [[nodiscard]] std::uint32_t open() const noexcept { return open_; }
  /// Room for this many more open zones, once every implicitly opened one is closed.
  [[nodiscard]] bool couldOpen(std::uint32_t more) const noexcept {
    return maxOpen_ == 0 || open_ - implicit_ + more <= maxOpen_;
  }
  /// The zone that has been implicitly opened the longest.
  [[nodiscard]] std::optional<std::uint32_t> oldestImplicit() const noexcept;

  /// A zone changed its state.
  void moved(std::uint32_t zone, spec::ZoneState from, spec::ZoneState to) noexcept;

 private:
  void forgetImplicit(std::uint32_t zone) noexcept;

  std::uint32_t maxActive_;
  std::uint32_t maxOpen_;
  std::uint32_t active_ = 0;
  std::uint32_t open_ = 0;
  std::uint32_t implicit_ = 0;
  /// Implicitly opened zones, oldest first. Empty without a limit: then none is ever closed.
  std::vector<std::uint32_t> order_;
};

}  // namespace doorbell::emulator
