#include <array>

#include "emulator/commands.h"
#include "emulator/nvm/block_range.h"
#include "emulator/zns/clear_blocks.h"
#include "emulator/zns/zoned_commands.h"
#include "emulator/zns/zoned_space.h"

namespace doorbell::emulator {

namespace status = spec::status;
using Action = spec::ZoneSendAction;

namespace {

constexpr std::uint32_t kSelectAll = 1U << 8U;

spec::Status resetZone(Namespace& ns, std::uint32_t zone) noexcept {
  ZoneTable& table = ns.zoned()->table();
  const bool wasEmpty = table.state(zone) == spec::ZoneState::Empty;
  const spec::Status result = table.reset(zone);
  if (result.ok() && !wasEmpty) {
    clearBlocks(ns, table.geometry().zslba(zone), table.geometry().capacityBlocks);
  }
  return result;
}

spec::Status actOn(Namespace& ns, Action action, std::uint32_t zone) noexcept {
  ZoneTable& table = ns.zoned()->table();
  switch (action) {
    case Action::Close:
      return table.close(zone);
    case Action::Finish:
      return table.finish(zone);
    case Action::Open:
      return table.open(zone);
    case Action::Reset:
      return resetZone(ns, zone);
    default:
      return table.offline(zone);
  }
}

Outcome actOnAll(Namespace& ns, Action action) noexcept {
  ZoneTable& table = ns.zoned()->table();
  if (action == Action::Open) return zoneRefused(table.openAll(), 0);
  for (std::uint32_t zone = 0; zone < table.geometry().zones; ++zone) {
    if (!ZoneTable::selects(action, table.state(zone))) continue;
    static_cast<void>(actOn(ns, action, zone));
  }
  return done();
}

Outcome setExtension(Command& command, std::uint32_t zone, std::uint64_t zslba) noexcept {
  ZoneTable& table = command.ns->zoned()->table();
  const Outcome bad = zoneRefused(table.checkExtension(zone), zslba);
  if (!bad.status.ok()) return bad;
  std::array<std::byte, kZoneExtensionUnits * spec::kZoneExtensionUnit> data;
  if (const auto resolved = command.resolve(data.size()); !resolved.status.ok()) return resolved;
  command.buffer().read(data.data(), data.size());
  return zoneRefused(table.setExtension(zone, data), zslba);
}

bool known(Action action) {
  return (action >= Action::Close && action <= Action::Offline) ||
         action == Action::SetDescriptorExtension;
}

}  // namespace

Outcome zoneManagementSend(Command& command) noexcept {
  const auto action = static_cast<Action>(command.sqe.cdw13);
  const bool all = (command.sqe.cdw13 & kSelectAll) != 0;
  if (!known(action)) return refused(status::kInvalidField, at::kCdw13);
  if (all && action == Action::SetDescriptorExtension) {
    return refused(status::kInvalidField, at::kCdw13 + 1, 0);
  }
  Namespace& ns = *command.ns;
  const ZonedSpace::Hold hold(*ns.zoned());
  if (all) return actOnAll(ns, action);
  const ZoneGeometry& geometry = ns.zoned()->table().geometry();
  const std::uint64_t zslba = (std::uint64_t{command.sqe.cdw11} << 32U) | command.sqe.cdw10;
  if (const auto bad = checkRange(ns, {zslba, 1}); !bad.status.ok()) return bad;
  if (zslba % geometry.zoneBlocks != 0) return refused(status::kInvalidField, at::kCdw10);
  const std::uint32_t zone = geometry.zoneOf(zslba);
  if (action == Action::SetDescriptorExtension) return setExtension(command, zone, zslba);
  return zoneRefused(actOn(ns, action, zone), zslba);
}

}  // namespace doorbell::emulator
