#include "driver/command_slots.h"

#include <numeric>

namespace doorbell::driver {

CommandSlots::CommandSlots(std::uint32_t count) : slots_(count), free_(count), freeCount_(count) {
  std::iota(free_.begin(), free_.end(), std::uint16_t{0});
}

bool CommandSlots::choose(std::uint16_t cid) noexcept {
  if (cid >= slots_.size() || slots_[cid].state != State::Free) return false;
  const auto size = static_cast<std::uint32_t>(free_.size());
  for (std::uint32_t i = 0; i < freeCount_; ++i) {
    std::uint16_t& candidate = free_[(freeFirst_ + i) % size];
    if (candidate != cid) continue;
    std::swap(candidate, free_[freeFirst_]);
    return true;
  }
  return false;
}

std::uint64_t CommandSlots::nearestDeadline() const noexcept {
  if (inFlight_ == 0 || deadlineBound_ == kNoDeadline) return kNoDeadline;
  std::uint64_t nearest = kNoDeadline;
  for (const Slot& slot : slots_) {
    if (slot.state == State::InFlight) nearest = std::min(nearest, slot.deadlineTicks);
  }
  return nearest;
}

std::vector<std::uint16_t> CommandSlots::outstanding() const {
  std::vector<std::uint16_t> cids;
  for (std::size_t cid = 0; cid < slots_.size(); ++cid) {
    if (slots_[cid].state != State::Free) cids.push_back(static_cast<std::uint16_t>(cid));
  }
  std::sort(cids.begin(), cids.end(),
            [&](auto a, auto b) { return slots_[a].sequence < slots_[b].sequence; });
  return cids;
}

}  // namespace doorbell::driver
