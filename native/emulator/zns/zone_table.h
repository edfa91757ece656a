#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "emulator/zns/zone_geometry.h"
#include "emulator/zns/zone_resources.h"
#include "spec/status.h"

namespace doorbell::emulator {

/// The zones of one namespace: states, write pointers, resources and attributes, and every rule
/// about them (ZNS Command Set 1.1, "Zoned Namespace Command Set Model"). It knows nothing of
/// media, commands or hosts, and allocates nothing once made. Not thread safe.
///
/// Zones need no undo log for the volatile write cache: blocks are only ever written where none
/// were, so that losing a write is moving the write pointer back.
class ZoneTable {
 public:
  /// A range of blocks.
  struct Blocks {
    std::uint64_t slba = 0;
    std::uint64_t count = 0;
  };
  struct Written {
    spec::Status status;
    std::uint64_t slba = 0;  ///< where the blocks go
  };

  /// `records` has one record a zone and `extensions` ZDES a zone; both outlive the table. What
  /// they hold is taken over as after a loss of power.
  ZoneTable(const ZoneGeometry& geometry, std::span<ZoneRecord> records,
            std::span<std::byte> extensions);

  [[nodiscard]] const ZoneGeometry& geometry() const noexcept { return geometry_; }
  [[nodiscard]] const ZoneResources& resources() const noexcept { return resources_; }
  [[nodiscard]] spec::ZoneState state(std::uint32_t zone) const noexcept {
    return records_[zone].state();
  }
  [[nodiscard]] spec::ZoneDescriptor describe(std::uint32_t zone) const noexcept;
  [[nodiscard]] bool matches(std::uint32_t zone, spec::ZoneReportFilter filter) const noexcept;
  [[nodiscard]] std::span<const std::byte> extension(std::uint32_t zone) const noexcept;

  /// May these blocks be read?
  [[nodiscard]] spec::Status checkRead(std::uint64_t slba, std::uint64_t blocks) const noexcept;
  /// Could they be written now? Changes nothing.
  [[nodiscard]] spec::Status checkWrite(std::uint64_t slba, std::uint64_t blocks) const noexcept;
  /// Takes the blocks at the write pointer for a write that succeeds.
  spec::Status write(std::uint64_t slba, std::uint64_t blocks, bool durable) noexcept;
  /// The same, wherever the write pointer of that zone is.
  Written append(std::uint32_t zone, std::uint64_t blocks, bool durable) noexcept;
  /// Could that many blocks be appended now? Changes nothing.
  [[nodiscard]] spec::Status checkAppend(std::uint32_t zone, std::uint64_t blocks) const noexcept;

  // Zone Send Actions on one zone.
  spec::Status open(std::uint32_t zone) noexcept;
  spec::Status close(std::uint32_t zone) noexcept;
  spec::Status finish(std::uint32_t zone) noexcept;
  /// The caller clears the zone's blocks.
  spec::Status reset(std::uint32_t zone) noexcept;
  spec::Status offline(std::uint32_t zone) noexcept;
  /// Could a Zone Descriptor Extension be set now? Changes nothing.
  [[nodiscard]] spec::Status checkExtension(std::uint32_t zone) const noexcept;
  /// `data` has as many bytes as ZDES says.
  spec::Status setExtension(std::uint32_t zone, std::span<const std::byte> data) noexcept;
  /// With Select All: does the action concern a zone in this state?
  [[nodiscard]] static bool selects(spec::ZoneSendAction action, spec::ZoneState state) noexcept;
  /// Open with Select All: every closed zone, or none.
  spec::Status openAll() noexcept;

  // What the controller does on its own.
  void makeReadOnly(std::uint32_t zone) noexcept;
  void makeOffline(std::uint32_t zone) noexcept;
  /// Zone active excursion: an active zone becomes full. False when it is not active.
  bool excursion(std::uint32_t zone) noexcept;
  /// Recommends to finish an active zone, or to reset a full one, by setting the attribute; false
  /// when the zone is in no such state.
  bool recommendFinish(std::uint32_t zone) noexcept;
  bool recommendReset(std::uint32_t zone) noexcept;

  /// Everything written is durable.
  void flush() noexcept;
  /// NVM Subsystem Reset, and every power on: no zone stays open.
  void subsystemReset() noexcept;
  /// Drops what was not durable: at least the newest write of a zone with cached ones, and by
  /// `seed` all of them. `lost` is told the blocks to clear.
  template <class Lost>
  void losePower(std::uint64_t seed, Lost lost) noexcept {
    for (std::uint32_t zone = 0; zone < geometry_.zones; ++zone) {
      if (const Blocks gone = drop(zone, seed); gone.count != 0) lost(gone);
    }
    flush();
    subsystemReset();
  }
  /// Every zone empty (Format NVM, Sanitize); zones that are broken stay so.
  void emptyAll() noexcept;
  /// The same, with blocks of another size; nothing else may differ.
  void reformat(const ZoneGeometry& geometry) noexcept {
    geometry_ = geometry;
    emptyAll();
  }
  /// A durable write whose completion was outstanding completed: nothing of it can be lost now.
  void completed(std::uint64_t slba, std::uint64_t blocks) noexcept;

 private:
  void move(std::uint32_t zone, spec::ZoneState to) noexcept;
  void advance(std::uint32_t zone, std::uint64_t blocks, bool durable) noexcept;
  /// What a zone needs to be opened, from the state it is in.
  [[nodiscard]] spec::Status checkOpening(spec::ZoneState from) const noexcept;
  void makeRoom() noexcept;
  void settle(ZoneRecord& record) noexcept;
  Blocks drop(std::uint32_t zone, std::uint64_t seed) noexcept;

  ZoneGeometry geometry_;
  std::span<ZoneRecord> records_;
  std::span<std::byte> extensions_;
  ZoneResources resources_;
  std::vector<std::uint32_t> cached_;  ///< zones that may have blocks which are not durable
  std::vector<bool> isCached_;
};

}  // namespace doorbell::emulator
