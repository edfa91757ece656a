// The half of ZoneTable that hosts reach by Zone Management Send, and what controllers do on their
// own.
#include <algorithm>

#include "emulator/zns/zone_table.h"

namespace doorbell::emulator {

namespace status = spec::status;
using spec::ZoneState;
using Attribute = spec::ZoneAttribute;

namespace {

constexpr std::uint8_t without(std::uint8_t attributes, std::uint8_t gone) {
  return static_cast<std::uint8_t>(attributes & ~gone);
}

}  // namespace

spec::Status ZoneTable::open(std::uint32_t zone) noexcept {
  const ZoneState from = state(zone);
  if (from != ZoneState::Empty && !isActive(from)) return status::kInvalidZoneStateTransition;
  if (const auto bad = checkOpening(from); !bad.ok()) return bad;
  if (!isOpen(from)) makeRoom();
  move(zone, ZoneState::ExplicitlyOpened);
  return status::kSuccess;
}

spec::Status ZoneTable::openAll() noexcept {
  const auto closed = static_cast<std::uint32_t>(
      std::count_if(records_.begin(), records_.end(),
                    [](const ZoneRecord& record) { return record.state() == ZoneState::Closed; }));
  if (!resources_.couldOpen(closed)) return status::kTooManyOpenZones;
  // Only then is room made: a zone that is closed for another's sake was not one of those to open.
  for (std::uint32_t zone = 0; zone < geometry_.zones; ++zone) {
    if (state(zone) == ZoneState::Closed) move(zone, ZoneState::ExplicitlyOpened);
  }
  while (resources_.openExceeded()) move(*resources_.oldestImplicit(), ZoneState::Closed);
  return status::kSuccess;
}

spec::Status ZoneTable::close(std::uint32_t zone) noexcept {
  if (!isActive(state(zone))) return status::kInvalidZoneStateTransition;
  move(zone, ZoneState::Closed);
  return status::kSuccess;
}

spec::Status ZoneTable::finish(std::uint32_t zone) noexcept {
  const ZoneState from = state(zone);
  if (from == ZoneState::Full) return status::kSuccess;
  if (from != ZoneState::Empty && !isActive(from)) return status::kInvalidZoneStateTransition;
  settle(records_[zone]);
  move(zone, ZoneState::Full);
  return status::kSuccess;
}

spec::Status ZoneTable::reset(std::uint32_t zone) noexcept {
  const ZoneState from = state(zone);
  if (from == ZoneState::ReadOnly || from == ZoneState::Offline) {
    return status::kInvalidZoneStateTransition;
  }
  move(zone, ZoneState::Empty);
  records_[zone] = {};
  const std::size_t bytes = geometry_.extensionBytes();
  std::fill_n(extensions_.begin() + static_cast<std::ptrdiff_t>(zone * bytes), bytes, std::byte{0});
  return status::kSuccess;
}

spec::Status ZoneTable::offline(std::uint32_t zone) noexcept {
  const ZoneState from = state(zone);
  if (from != ZoneState::ReadOnly && from != ZoneState::Offline) {
    return status::kInvalidZoneStateTransition;
  }
  makeOffline(zone);
  return status::kSuccess;
}

spec::Status ZoneTable::checkExtension(std::uint32_t zone) const noexcept {
  if (state(zone) != ZoneState::Empty) return status::kInvalidZoneStateTransition;
  return resources_.activeFull() ? status::kTooManyActiveZones : status::kSuccess;
}

spec::Status ZoneTable::setExtension(std::uint32_t zone, std::span<const std::byte> data) noexcept {
  if (const auto bad = checkExtension(zone); !bad.ok()) return bad;
  std::copy(data.begin(), data.end(),
            extensions_.begin() + static_cast<std::ptrdiff_t>(zone * geometry_.extensionBytes()));
  records_[zone].attributes |= Attribute::kExtensionValid;
  move(zone, ZoneState::Closed);
  return status::kSuccess;
}

bool ZoneTable::selects(spec::ZoneSendAction action, ZoneState state) noexcept {
  using Action = spec::ZoneSendAction;
  switch (action) {
    case Action::Close:
      return isOpen(state);
    case Action::Finish:
      return isActive(state);
    case Action::Open:
      return state == ZoneState::Closed;
    case Action::Reset:
      return isActive(state) || state == ZoneState::Full;
    case Action::Offline:
      return state == ZoneState::ReadOnly;
    case Action::SetDescriptorExtension:
      return false;
  }
  return false;
}

void ZoneTable::makeReadOnly(std::uint32_t zone) noexcept {
  settle(records_[zone]);
  move(zone, ZoneState::ReadOnly);
}

void ZoneTable::makeOffline(std::uint32_t zone) noexcept {
  settle(records_[zone]);
  records_[zone].attributes = 0;
  records_[zone].information = 0;
  move(zone, ZoneState::Offline);
}

bool ZoneTable::excursion(std::uint32_t zone) noexcept {
  if (!isActive(state(zone))) return false;
  settle(records_[zone]);
  records_[zone].attributes |= Attribute::kFinishedByController;
  move(zone, ZoneState::Full);
  return true;
}

bool ZoneTable::recommendFinish(std::uint32_t zone) noexcept {
  if (!isActive(state(zone))) return false;
  records_[zone].attributes |= Attribute::kFinishRecommended;
  return true;
}

bool ZoneTable::recommendReset(std::uint32_t zone) noexcept {
  if (state(zone) != ZoneState::Full) return false;
  records_[zone].attributes |= Attribute::kResetRecommended;
  return true;
}

void ZoneTable::subsystemReset() noexcept {
  for (std::uint32_t zone = 0; zone < geometry_.zones; ++zone) {
    const ZoneRecord& record = records_[zone];
    if (!isActive(record.state())) continue;
    const bool kept =
        record.writePointer != 0 || (record.attributes & Attribute::kExtensionValid) != 0;
    move(zone, kept ? ZoneState::Closed : ZoneState::Empty);
  }
}

ZoneTable::Blocks ZoneTable::drop(std::uint32_t zone, std::uint64_t seed) noexcept {
  ZoneRecord& record = records_[zone];
  if (record.durable == record.writePointer) return {};
  // Cuts lie between two writes, so that no write is torn. What was written before the last
  // durable mark cannot go, even when the newest write began there.
  std::uint64_t mixed = (seed ^ zone) * 0x9e3779b97f4a7c15;
  mixed ^= mixed >> 32U;
  const bool all = mixed % 2 == 0;
  const std::uint64_t cut = all ? record.durable : std::max(record.durable, record.newest);
  const Blocks lost{geometry_.zslba(zone) + cut, record.writePointer - cut};
  record.writePointer = cut;
  settle(record);
  return lost;
}

void ZoneTable::emptyAll() noexcept {
  for (std::uint32_t zone = 0; zone < geometry_.zones; ++zone) static_cast<void>(reset(zone));
}

}  // namespace doorbell::emulator
