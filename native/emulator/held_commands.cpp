#include "emulator/held_commands.h"

#include <algorithm>

namespace doorbell::emulator {

void HeldCommands::hold(const HeldCommand& command) noexcept {
  heap_.push_back({command, held_++});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

HeldCommand HeldCommands::takeNext() noexcept {
  std::pop_heap(heap_.begin(), heap_.end(), later);
  const HeldCommand taken = heap_.back().command;
  heap_.pop_back();
  return taken;
}

template <class Matches>
std::optional<HeldCommand> HeldCommands::takeFirst(Matches matches) noexcept {
  const auto found = std::find_if(heap_.begin(), heap_.end(), matches);
  if (found == heap_.end()) return std::nullopt;
  const HeldCommand taken = found->command;
  *found = heap_.back();
  heap_.pop_back();
  std::make_heap(heap_.begin(), heap_.end(), later);
  return taken;
}

std::optional<HeldCommand> HeldCommands::take(std::uint16_t sqid, std::uint16_t cid) noexcept {
  return takeFirst([sqid, cid](const Entry& entry) {
    return entry.command.sqid == sqid && entry.command.cid == cid;
  });
}

std::optional<HeldCommand> HeldCommands::takeOf(std::uint16_t sqid) noexcept {
  return takeFirst([sqid](const Entry& entry) { return entry.command.sqid == sqid; });
}

}  // namespace doorbell::emulator
