#include "emulator/flash/translation.h"

#include <algorithm>

namespace doorbell::emulator::flash {

Translation::Translation(const Geometry& geometry)
    : geometry_(geometry),
      perSuperblock_(geometry.slots(false)),
      places_(MappedRegion::anonymous(geometry.addressSlots * sizeof(std::uint64_t))),
      holders_(
          MappedRegion::anonymous(geometry.superblocks() * perSuperblock_ * sizeof(std::uint64_t))),
      superblocks_(geometry.superblocks()),
      free_{geometry.tlcSuperblocks, geometry.slcSuperblocks} {}

std::uint64_t Translation::logicalAt(std::uint32_t superblock, std::uint32_t index) const noexcept {
  const Place place = superblock * perSuperblock_ + index;
  const std::uint64_t logical = holders()[place];
  return find(logical) == place ? logical : kNowhere;
}

void Translation::place(std::uint64_t logical, std::uint32_t superblock) noexcept {
  unmap(logical);
  Superblock& target = superblocks_[superblock];
  const Place place = superblock * perSuperblock_ + target.written++;
  holders()[place] = logical;
  places()[logical] = place + 1;
  ++target.valid;
  ++mapped_;
}

void Translation::unmap(std::uint64_t logical) noexcept {
  const Place place = find(logical);
  if (place == kNowhere) return;
  places()[logical] = 0;
  --mapped_;
  const std::uint32_t superblock = superblockOf(place);
  --superblocks_[superblock].valid;
  releaseIfEmpty(superblock);
}

/// By what there is, when that is less than what is asked for: a range may be the whole of 16 TiB.
void Translation::unmapRange(std::uint64_t first, std::uint64_t count) noexcept {
  if (count <= mapped_) {
    for (std::uint64_t logical = first; logical < first + count; ++logical) unmap(logical);
    return;
  }
  for (std::uint32_t sb = 0; sb < geometry_.superblocks(); ++sb) {
    for (std::uint32_t i = 0; superblocks_[sb].valid != 0 && i < superblocks_[sb].written; ++i) {
      const std::uint64_t logical = logicalAt(sb, i);
      if (logical != kNowhere && logical - first < count) unmap(logical);
    }
  }
}

template <class Better>
std::uint32_t Translation::best(std::uint32_t first, std::uint32_t end, State state,
                                Better better) const noexcept {
  std::uint32_t found = kNone;
  for (std::uint32_t sb = first; sb < end; ++sb) {
    if (superblocks_[sb].state != state) continue;
    if (found == kNone || better(superblocks_[sb], superblocks_[found])) found = sb;
  }
  return found;
}

std::uint32_t Translation::open(bool slc, bool cold) noexcept {
  const std::uint32_t first = slc ? 0 : geometry_.slcSuperblocks;
  const std::uint32_t end = slc ? geometry_.slcSuperblocks : geometry_.superblocks();
  const std::uint32_t sb =
      best(first, end, State::Free, [cold](const Superblock& a, const Superblock& b) {
        return cold ? a.erases > b.erases : a.erases < b.erases;
      });
  if (sb == kNone) return kNone;
  --free_[slc ? 1 : 0];
  Superblock& opened = superblocks_[sb];
  opened = {.state = State::Open, .erases = opened.erases + 1};
  if (!slc) mostErases_ = std::max(mostErases_, opened.erases);
  return sb;
}

void Translation::close(std::uint32_t superblock) noexcept {
  superblocks_[superblock].state = State::Closed;
  superblocks_[superblock].closed = ++closings_;
  releaseIfEmpty(superblock);
}

void Translation::releaseIfEmpty(std::uint32_t superblock) noexcept {
  Superblock& block = superblocks_[superblock];
  if (block.valid != 0 || block.state != State::Closed) return;
  block.state = State::Free;
  ++free_[geometry_.isSlc(superblock) ? 1 : 0];
}

std::uint32_t Translation::emptiest() const noexcept {
  return best(geometry_.slcSuperblocks, geometry_.superblocks(), State::Closed,
              [](const Superblock& a, const Superblock& b) { return a.valid < b.valid; });
}

std::uint32_t Translation::leastWorn() const noexcept {
  return best(geometry_.slcSuperblocks, geometry_.superblocks(), State::Closed,
              [](const Superblock& a, const Superblock& b) { return a.erases < b.erases; });
}

std::uint32_t Translation::oldestSlc() const noexcept {
  return best(0, geometry_.slcSuperblocks, State::Closed,
              [](const Superblock& a, const Superblock& b) { return a.closed < b.closed; });
}

std::uint32_t Translation::leastErases() const noexcept {
  std::uint32_t least = mostErases_;
  for (std::uint32_t sb = geometry_.slcSuperblocks; sb < geometry_.superblocks(); ++sb) {
    least = std::min(least, superblocks_[sb].erases);
  }
  return least;
}

}  // namespace doorbell::emulator::flash
