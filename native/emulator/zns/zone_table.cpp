#include "emulator/zns/zone_table.h"

#include <algorithm>

namespace doorbell::emulator {

namespace status = spec::status;
using spec::ZoneState;

namespace {

constexpr std::uint64_t kNoWritePointer = ~std::uint64_t{0};

spec::Status closedToWrites(ZoneState state) {
  switch (state) {
    case ZoneState::Full:
      return status::kZoneIsFull;
    case ZoneState::ReadOnly:
      return status::kZoneIsReadOnly;
    case ZoneState::Offline:
      return status::kZoneIsOffline;
    default:
      return status::kSuccess;
  }
}

}  // namespace

ZoneTable::ZoneTable(const ZoneGeometry& geometry, std::span<ZoneRecord> records,
                     std::span<std::byte> extensions)
    : geometry_(geometry),
      records_(records),
      extensions_(extensions),
      resources_(geometry),
      isCached_(geometry.zones) {
  cached_.reserve(geometry.zones);
  for (std::uint32_t zone = 0; zone < geometry_.zones; ++zone) {
    ZoneRecord& record = records_[zone];
    record.durable = record.writePointer;
    resources_.moved(zone, ZoneState::Empty, record.state());
  }
  subsystemReset();
}

spec::ZoneDescriptor ZoneTable::describe(std::uint32_t zone) const noexcept {
  const ZoneRecord& record = records_[zone];
  const ZoneState state = record.state();
  const bool pointed = state == ZoneState::Empty || isActive(state);
  spec::ZoneDescriptor descriptor;
  descriptor.state = static_cast<std::uint8_t>(static_cast<unsigned>(state) << 4U);
  descriptor.attributes = record.attributes;
  descriptor.attributesInformation = record.information;
  descriptor.zcap = geometry_.capacityBlocks;
  descriptor.zslba = geometry_.zslba(zone);
  descriptor.wp = pointed ? descriptor.zslba + record.writePointer : kNoWritePointer;
  return descriptor;
}

bool ZoneTable::matches(std::uint32_t zone, spec::ZoneReportFilter filter) const noexcept {
  using Filter = spec::ZoneReportFilter;
  switch (filter) {
    case Filter::All:
      return true;
    case Filter::Full:
      return state(zone) == ZoneState::Full;
    case Filter::ReadOnly:
      return state(zone) == ZoneState::ReadOnly;
    case Filter::Offline:
      return state(zone) == ZoneState::Offline;
    default:  // the others have the values of the states
      return static_cast<std::uint8_t>(filter) == static_cast<std::uint8_t>(state(zone));
  }
}

std::span<const std::byte> ZoneTable::extension(std::uint32_t zone) const noexcept {
  return extensions_.subspan(zone * geometry_.extensionBytes(), geometry_.extensionBytes());
}

spec::Status ZoneTable::checkRead(std::uint64_t slba, std::uint64_t blocks) const noexcept {
  const std::uint32_t first = geometry_.zoneOf(slba);
  const std::uint32_t last = geometry_.zoneOf(slba + blocks - 1);
  if (first != last && !geometry_.readAcross) return status::kZoneBoundaryError;
  for (std::uint32_t zone = first; zone <= last; ++zone) {
    if (state(zone) == ZoneState::Offline) return status::kZoneIsOffline;
  }
  return status::kSuccess;
}

spec::Status ZoneTable::checkOpening(ZoneState from) const noexcept {
  if (isOpen(from)) return status::kSuccess;
  if (from == ZoneState::Empty && resources_.activeFull()) return status::kTooManyActiveZones;
  if (resources_.openFull() && !resources_.oldestImplicit()) return status::kTooManyOpenZones;
  return status::kSuccess;
}

spec::Status ZoneTable::checkAppend(std::uint32_t zone, std::uint64_t blocks) const noexcept {
  const ZoneRecord& record = records_[zone];
  if (const auto closed = closedToWrites(record.state()); !closed.ok()) return closed;
  if (blocks > geometry_.capacityBlocks - record.writePointer) return status::kZoneBoundaryError;
  return checkOpening(record.state());
}

spec::Status ZoneTable::checkWrite(std::uint64_t slba, std::uint64_t blocks) const noexcept {
  const std::uint32_t zone = geometry_.zoneOf(slba);
  const ZoneRecord& record = records_[zone];
  if (const auto closed = closedToWrites(record.state()); !closed.ok()) return closed;
  if (slba != geometry_.zslba(zone) + record.writePointer) return status::kZoneInvalidWrite;
  return checkAppend(zone, blocks);
}

spec::Status ZoneTable::write(std::uint64_t slba, std::uint64_t blocks, bool durable) noexcept {
  const auto bad = checkWrite(slba, blocks);
  if (bad.ok()) advance(geometry_.zoneOf(slba), blocks, durable);
  return bad;
}

ZoneTable::Written ZoneTable::append(std::uint32_t zone, std::uint64_t blocks,
                                     bool durable) noexcept {
  const std::uint64_t slba = geometry_.zslba(zone) + records_[zone].writePointer;
  const auto bad = checkAppend(zone, blocks);
  if (bad.ok()) advance(zone, blocks, durable);
  return {bad, slba};
}

/// Closes the implicitly opened zone that is the oldest, if there is no room for another.
void ZoneTable::makeRoom() noexcept {
  if (!resources_.openFull()) return;
  if (const auto oldest = resources_.oldestImplicit()) move(*oldest, ZoneState::Closed);
}

void ZoneTable::advance(std::uint32_t zone, std::uint64_t blocks, bool durable) noexcept {
  ZoneRecord& record = records_[zone];
  if (!isOpen(record.state())) {
    makeRoom();
    move(zone, ZoneState::ImplicitlyOpened);
  }
  const bool crowded = geometry_.cacheBlocks != 0 &&
                       record.writePointer + blocks - record.durable > geometry_.cacheBlocks;
  if (crowded) settle(record);  // what came before is written back to make room
  record.newest = record.writePointer;
  record.writePointer += blocks;
  // The controller writes a zone back when it is full, and all that comes before a forced write.
  const bool full = record.writePointer == geometry_.capacityBlocks;
  if (full || durable) {
    settle(record);
  } else if (!isCached_[zone]) {
    isCached_[zone] = true;
    cached_.push_back(zone);
  }
  if (full) move(zone, ZoneState::Full);
}

void ZoneTable::settle(ZoneRecord& record) noexcept { record.durable = record.writePointer; }

void ZoneTable::completed(std::uint64_t slba, std::uint64_t blocks) noexcept {
  const std::uint32_t zone = geometry_.zoneOf(slba);
  ZoneRecord& record = records_[zone];
  const std::uint64_t end = slba + blocks - geometry_.zslba(zone);
  // The zone may have been reset meanwhile.
  record.durable = std::max(record.durable, std::min(end, record.writePointer));
}

void ZoneTable::move(std::uint32_t zone, ZoneState to) noexcept {
  ZoneRecord& record = records_[zone];
  resources_.moved(zone, record.state(), to);
  record.setState(to);
  if (!isActive(to)) {
    record.attributes &= static_cast<std::uint8_t>(~spec::ZoneAttribute::kFinishRecommended);
  }
}

void ZoneTable::flush() noexcept {
  for (const std::uint32_t zone : cached_) {
    settle(records_[zone]);
    isCached_[zone] = false;
  }
  cached_.clear();
}

}  // namespace doorbell::emulator
