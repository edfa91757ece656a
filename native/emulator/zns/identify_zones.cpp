#include "emulator/identity.h"
#include "emulator/zns/zoned_commands.h"

namespace doorbell::emulator {

namespace {

constexpr std::uint16_t kZoneActiveExcursions = 1U << 1U;  ///< ZOC

/// A limit as MAR and MOR have it: 0's based, all ones for none.
constexpr std::uint32_t limitOf(std::uint32_t count) {
  return count == 0 ? spec::IdentifyZonedNamespace::kNoLimit : count - 1;
}

}  // namespace

spec::IdentifyZonedNamespace identifyZonedNamespace(const Namespace& ns) noexcept {
  const ZoneSettings& settings = ns.zoned()->settings();
  spec::IdentifyZonedNamespace id;
  if (settings.excursionMs != 0) id.zoc = kZoneActiveExcursions;
  if (settings.readAcross != 0) id.ozcs = spec::IdentifyZonedNamespace::kReadAcross;
  id.mar = limitOf(settings.maxActive);
  id.mor = limitOf(settings.maxOpen);
  for (std::size_t i = 0; i < kLbaFormats.size(); ++i) {
    id.lbafe[i] = {.zsze = settings.zoneBytes >> kLbaFormats[i].dataShift,
                   .zdes = kZoneExtensionUnits};
  }
  return id;
}

spec::IdentifyZonedController identifyZonedController() noexcept { return {.zasl = kZasl}; }

}  // namespace doorbell::emulator
