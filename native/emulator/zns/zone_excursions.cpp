#include "emulator/zns/zone_excursions.h"

#include <algorithm>

namespace doorbell::emulator {

std::uint64_t ZoneExcursions::nextDue() const noexcept {
  return limitNs_ == 0 ? kNever : lastLook_ + limitNs_ / kLooks;
}

void ZoneExcursions::tick(std::uint64_t now) noexcept {
  lastLook_ = now;
  namespaces_.forEach([&](Namespace& one) {
    if (one.zoned() != nullptr) look(one, now);
  });
}

void ZoneExcursions::look(Namespace& ns, std::uint64_t now) noexcept {
  ZonedSpace& space = *ns.zoned();
  const ZonedSpace::Hold hold(space);
  ZoneTable& table = space.table();
  for (std::uint32_t zone = 0; zone < table.geometry().zones; ++zone) {
    std::uint64_t& since = space.activeSince(zone);
    if (!isActive(table.state(zone))) {
      since = 0;
      continue;
    }
    if (since == 0) since = now;
    const bool recommended =
        (table.describe(zone).attributes & spec::ZoneAttribute::kFinishRecommended) != 0;
    bool changed = false;
    if (now - since >= limitNs_) {
      changed = table.excursion(zone);
    } else if (now - since >= limitNs_ / 2 && !recommended) {
      changed = table.recommendFinish(zone);
    }
    if (changed) space.changed().add(table.geometry().zslba(zone));
  }
}

}  // namespace doorbell::emulator
