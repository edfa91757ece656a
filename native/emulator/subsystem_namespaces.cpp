// The namespaces of an NvmSubsystem: made, deleted, attached, formatted.
#include <algorithm>

#include "emulator/identifiers.h"
#include "emulator/nvm/guards.h"
#include "emulator/nvm_subsystem.h"
#include "platform/error.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

constexpr std::uint64_t kUnit = Media::kGranule;  ///< NVM capacity is allocated in

constexpr std::uint64_t roundUp(std::uint64_t bytes) { return (bytes + kUnit - 1) / kUnit * kUnit; }

/// Zones of which all fit, and as many as there is room to remember.
constexpr bool zonesFit(std::uint64_t bytes, const ZoneSettings& zones) {
  return bytes % zones.zoneBytes == 0 && bytes / zones.zoneBytes <= kMaxZones;
}

void refuseZoneCount(std::uint32_t nsid, std::uint64_t bytes, std::uint64_t zoneBytes) {
  const std::uint64_t count = bytes / zoneBytes;
  if (count != 0 && count <= kMaxZones) return;
  throw Error("BAD_ADDRESS", "namespace " + std::to_string(nsid) + " would have " +
                                 std::to_string(count) + " zones of " + std::to_string(zoneBytes) +
                                 " bytes; choose size and zoneSize so that there are 1 to " +
                                 std::to_string(kMaxZones));
}

}  // namespace

std::uint64_t NvmSubsystem::unallocated() const noexcept {
  std::uint64_t taken = 0;
  namespaces_.forEach([&taken](const Namespace& one) { taken += one.bytes(); });
  return state_->bytes - taken;
}

void NvmSubsystem::mount(std::uint32_t nsid) {
  NamespaceRecord& kept = record(nsid);
  auto made =
      std::make_unique<Namespace>(nsid, kept, Media(file_.partsOf(nsid, kept.bytes)), zones(nsid));
  made->media().words().setShared(options_.threads > 1);
  made->media().setDiscards(options_.discardsData);
  namespaces_.put(std::move(made));
}

/// The namespaces a new SSD comes with: equal shares of its capacity.
void NvmSubsystem::makeNamespaces() {
  const std::uint32_t count = std::max(options_.namespaces, 1U);
  for (std::uint32_t i = 0; i < count; ++i) {
    NamespaceSpec spec;
    spec.csi = options_.zoned(i + 1) ? spec::kZonedCommandSet : spec::kNvmCommandSet;
    const std::uint64_t unit = options_.zoned(i + 1) ? options_.zones.zoneBytes : kUnit;
    const std::uint64_t share = state_->bytes / count / unit * unit;
    spec.format = options_.formatOf(i);
    spec.blocks = spec.capacity = share >> spec.format.dataShift();
    const Created made = createNamespace(spec);
    if (!made.status.ok()) {
      if (options_.zoned(i + 1)) refuseZoneCount(i + 1, share, options_.zones.zoneBytes);
      throw Error("NO_MEMORY", "cannot make namespace " + std::to_string(i + 1) + " of " +
                                   std::to_string(share) +
                                   " bytes; choose a smaller size in the address");
    }
    attachNamespace(made.nsid, true);
    if (options_.zoned(i + 1)) wearZones(made.nsid);
    state_->madeFormats[i] = spec.format;
  }
  state_->made = count;
}

NvmSubsystem::Created NvmSubsystem::createNamespace(const NamespaceSpec& spec) noexcept {
  const std::uint32_t shift = spec.format.dataShift();
  if (spec.blocks == 0 || spec.blocks > (state_->bytes >> shift)) {
    return {status::kNamespaceInsufficientCapacity};
  }
  const std::uint64_t bytes = roundUp(spec.blocks << shift);
  if (bytes > unallocated()) return {status::kNamespaceInsufficientCapacity};
  std::uint32_t nsid = 1;
  while (nsid <= kMaxNamespaces && record(nsid).allocated != 0) ++nsid;
  if (nsid > kMaxNamespaces) return {status::kNamespaceIdUnavailable};
  const bool zoned = spec.csi == spec::kZonedCommandSet;
  if (zoned && !zonesFit(spec.blocks << shift, options_.zones)) return {status::kInvalidField};
  NamespaceRecord made;
  made.format = spec.format;
  made.csi = spec.csi;
  made.shared = spec.shared ? 1 : 0;
  made.generation = record(nsid).generation + 1;
  made.blocks = spec.blocks;
  made.capacity = spec.capacity;
  if (zoned) {
    const std::uint64_t count = bytes / options_.zones.zoneBytes;
    made.capacity = (count * options_.zones.usedBytes()) >> shift;
    zones(nsid) = {.settings = options_.zones};
  }
  made.bytes = bytes;
  // The first namespace has the SSD's own UUID; another one, and each successor, has its own.
  const bool first = nsid == 1 && made.generation == 1;
  std::string name = options_.name;
  name.append("#").append(std::to_string(nsid));
  name.append(".").append(std::to_string(made.generation));
  made.uuid = made.nguid = first ? uuid_ : uuidOf(name);
  record(nsid) = made;
  try {
    mount(nsid);
  } catch (const std::exception&) {
    return {status::kInternalError};  // no memory or disk for it; the record is not `allocated`
  }
  record(nsid).allocated = 1;
  return {status::kSuccess, nsid};
}

/// Zones that are broken from the start, at the end of the namespace.
void NvmSubsystem::wearZones(std::uint32_t nsid) noexcept {
  ZoneTable& table = namespaces_.allocated(nsid)->zoned()->table();
  std::uint32_t zone = table.geometry().zones;
  for (std::uint32_t i = 0; i < options_.offlineZones && zone != 0; ++i) table.makeOffline(--zone);
  for (std::uint32_t i = 0; i < options_.readOnlyZones && zone != 0; ++i) {
    table.makeReadOnly(--zone);
  }
}

/// A media file keeps the zones it was made with.
void NvmSubsystem::refuseOtherZones() const {
  for (std::uint32_t nsid = 1; options_.zonedNsids != 0 && nsid <= kMaxNamespaces; ++nsid) {
    const Namespace* one = namespaces_.allocated(nsid);
    const bool is = one != nullptr && one->zoned() != nullptr;
    if (is == options_.zoned(nsid)) continue;
    throw Error("BAD_ADDRESS", options_.mediaFile + ": namespace " + std::to_string(nsid) +
                                   (is ? " is zoned" : " is not zoned") +
                                   "; leave zns out or use another file");
  }
}

/// What need not persist went with the power.
void NvmSubsystem::restoreReservations() noexcept {
  namespaces_.forEach([this](Namespace& one) {
    Reservations reservations = reservationsOf(*this, one.nsid());
    reservations.losePower();
    one.setReserved(reservations.reserved());
  });
}

void NvmSubsystem::forgetNamelessHost() noexcept {
  namespaces_.forEach([this](Namespace& one) {
    Reservations reservations = reservationsOf(*this, one.nsid());
    reservations.forgetNamelessHost();
    one.setReserved(reservations.reserved());
  });
}

void NvmSubsystem::deleteNamespace(std::uint32_t nsid) noexcept {
  Namespace* one = namespaces_.allocated(nsid);
  if (one == nullptr) return;
  one->erase();
  if (timing_) timing_->erased(nsid);
  reservationsOf(*this, nsid).end();
  namespaces_.remove(nsid);
  record(nsid).allocated = 0;
  record(nsid).attached = 0;
}

void NvmSubsystem::attachNamespace(std::uint32_t nsid, bool attached) noexcept {
  record(nsid).attached = attached ? 1 : 0;
  namespaces_.refresh(nsid);
}

void NvmSubsystem::formatNamespace(std::uint32_t nsid, const BlockFormat& format) noexcept {
  Namespace* one = namespaces_.allocated(nsid);
  if (one == nullptr) return;
  one->erase();
  if (timing_) timing_->erased(nsid);
  NamespaceRecord& kept = record(nsid);
  const bool thin = kept.capacity < kept.blocks;
  const std::uint64_t capacityBytes = kept.capacity << kept.format.dataShift();
  kept.format = format;
  kept.blocks = kept.bytes >> format.dataShift();
  kept.capacity = thin ? capacityBytes >> format.dataShift() : kept.blocks;
  one->adopt();
}

}  // namespace doorbell::emulator
