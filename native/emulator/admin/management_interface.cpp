#include "emulator/admin/management_interface.h"

namespace doorbell::emulator {

using Flags = spec::HealthFlags;

void ManagementInterface::note(std::uint16_t flags) noexcept {
  constexpr unsigned kOfStatus = Flags::kStatus - 1;
  if ((flags & kOfStatus) != 0) flags |= Flags::kStatus;
  composite_.fetch_or(flags);
  controller_.fetch_or(flags);
}

void ManagementInterface::observe(const Health& now) noexcept {
  unsigned changed = 0;
  if (now.temperature != health_.temperature) changed |= Flags::kTemperature;
  if (now.used != health_.used) changed |= Flags::kUsed;
  if (now.spare != health_.spare) changed |= Flags::kSpare;
  if (now.warning != health_.warning) changed |= Flags::kWarning;
  health_ = now;
  if (changed != 0) note(static_cast<std::uint16_t>(changed));
}

}  // namespace doorbell::emulator
