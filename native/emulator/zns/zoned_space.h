#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>

#include "emulator/zns/changed_zones.h"
#include "emulator/zns/zone_settings.h"
#include "emulator/zns/zone_table.h"

namespace doorbell::emulator {

/// The zones of a zoned namespace: the table, who may touch it, and what the controller changed.
class ZonedSpace {
 public:
  /// `bytes` is what the namespace has; the settings are in the room.
  ZonedSpace(ZoneRoom& room, std::uint64_t bytes, std::uint32_t lbaShift)
      : room_(room),
        bytes_(bytes),
        table_(room.settings.geometry(bytes, lbaShift), std::span(room.records),
               std::as_writable_bytes(std::span(room.extensions))) {}

  /// Held by a device thread while it looks at zones and while it writes into one: blocks land in
  /// the order in which they move the write pointer.
  class Hold {
   public:
    explicit Hold(ZonedSpace& space) noexcept : space_(space) {
      while (space_.busy_.test_and_set(std::memory_order_acquire)) {
        while (space_.busy_.test(std::memory_order_relaxed)) __builtin_ia32_pause();
      }
    }
    ~Hold() { space_.busy_.clear(std::memory_order_release); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    ZonedSpace& space_;
  };

  [[nodiscard]] ZoneTable& table() noexcept { return table_; }
  [[nodiscard]] const ZoneTable& table() const noexcept { return table_; }
  [[nodiscard]] const ZoneSettings& settings() const noexcept { return room_.settings; }
  [[nodiscard]] ChangedZones& changed() noexcept { return changed_; }
  /// Since when the controller saw it active, in ns; 0: not.
  [[nodiscard]] std::uint64_t& activeSince(std::uint32_t zone) noexcept {
    return activeSince_[zone];
  }

  /// Another LBA format: as many zones, empty, of as many bytes.
  void reformat(std::uint32_t lbaShift) noexcept {
    table_.reformat(room_.settings.geometry(bytes_, lbaShift));
    changed_.clear();
  }

 private:
  ZoneRoom& room_;
  std::uint64_t bytes_;
  ZoneTable table_;
  ChangedZones changed_;
  std::array<std::uint64_t, kMaxZones> activeSince_{};
  std::atomic_flag busy_;
};

}  // namespace doorbell::emulator
