// The half of FlashModel that moves data: garbage collection, folding of the SLC cache, wear
// levelling.
#include <algorithm>

#include "emulator/flash/flash_model.h"

namespace doorbell::emulator::flash {

namespace {

/// Free TLC superblocks below which every host write pays for collection. More is done when idle.
constexpr std::uint32_t kLowWater = 4;
constexpr std::uint32_t kIdleWater = 8;
/// One is kept for what collection writes itself.
constexpr std::uint32_t kKept = 2;
/// More erases than the least worn block: its data, cold as it is, moves to a worn one.
constexpr std::uint32_t kWearGap = 16;
/// Not worth moving when idle: most of it is valid.
constexpr std::uint32_t kWorthwhile = 8;

}  // namespace

bool FlashModel::stillThere(const Victim& victim) const noexcept {
  if (victim.superblock == kNone) return false;
  const auto& block = translation_.at(victim.superblock);
  return block.state == Translation::State::Closed && block.closed == victim.closed;
}

void FlashModel::start(Victim& victim, std::uint32_t superblock) noexcept {
  const auto& block = translation_.at(superblock);
  victim = {.superblock = superblock, .closed = block.closed, .valid = block.valid};
  movedRow_ = Translation::kNowhere;
}

/// The fewest valid slots; or, as long as there is no hurry, the block that wears least.
bool FlashModel::chooseVictim() noexcept {
  const std::uint32_t young = translation_.leastWorn();
  if (young == kNone) return false;
  const bool hurry = translation_.freeCount(false) < kLowWater;
  const bool levelling =
      !hurry && translation_.mostErases() > translation_.at(young).erases + kWearGap;
  start(collecting_, levelling ? young : translation_.emptiest());
  collecting_.levelling = levelling;
  return true;
}

/// Moves the next valid slot. False when there was none.
bool FlashModel::move(Victim& victim, std::uint64_t at, std::uint64_t& counter) noexcept {
  const bool slc = translation_.geometry().isSlc(victim.superblock);
  const std::uint32_t slots = translation_.geometry().slots(slc);
  std::uint64_t logical = Translation::kNowhere;
  while (stillThere(victim) && victim.index < slots && logical == Translation::kNowhere) {
    logical = translation_.logicalAt(victim.superblock, victim.index++);
  }
  if (logical == Translation::kNowhere || !openFor(moved_, at)) {
    victim = {};
    return false;
  }
  const std::uint64_t ready = readSlot(translation_.find(logical), at, movedRow_);
  append(moved_, logical, ready);
  movedReady_ = std::max(movedReady_, ready);
  ++counter;
  return true;
}

/// For one slot the host writes: so many moves that the victim is empty when the host has used up
/// what it frees; twice as many while free superblocks are short.
void FlashModel::collect(std::uint64_t at) noexcept {
  const std::uint32_t free = translation_.freeCount(false);
  if (!stillThere(collecting_)) {
    if (free > kLowWater || !chooseVictim()) return;
  }
  const std::uint32_t slots = translation_.geometry().slots(false);
  const std::uint32_t valid = collecting_.valid;
  const std::uint32_t gain = std::max({slots - valid, valid / 8, 1U});
  collecting_.credit += std::uint64_t{valid} * (free < kLowWater ? 2U : 1U);
  auto& counter = collecting_.levelling ? counted_.levelled : counted_.collected;
  while (collecting_.credit >= gain) {
    collecting_.credit -= gain;
    if (!move(collecting_, at, counter)) return;
  }
}

/// The host's next superblock must wait for room.
void FlashModel::collectUntilFree(std::uint64_t at) noexcept {
  while (translation_.freeCount(false) < kKept) {
    if (!stillThere(collecting_) && !chooseVictim()) return;
    while (move(collecting_, at, counted_.collected)) {
    }
  }
}

/// What the drive did since it had nothing to do.
void FlashModel::tidy(std::uint64_t now) noexcept {
  if (settled_) lastEnd_ = tidyAt_ = now;  // without power nothing was tidied
  settled_ = false;
  if (now <= lastEnd_ + timing_.idleAfter) return;
  tidyAt_ = std::max(tidyAt_, lastEnd_ + timing_.idleAfter);
  while (tidyAt_ < now && tidyStripe()) {
  }
}

/// One program on every die. False when there is nothing to do.
bool FlashModel::tidyStripe() noexcept {
  const Geometry& geometry = translation_.geometry();
  const bool roomy = translation_.freeCount(false) > kLowWater;
  if (roomy && !stillThere(folding_)) {
    const std::uint32_t oldest = translation_.oldestSlc();
    if (oldest != kNone) start(folding_, oldest);
  }
  const bool fold = roomy && stillThere(folding_);
  if (!fold && !stillThere(collecting_)) {
    if (translation_.freeCount(false) >= kIdleWater) return false;
    const std::uint32_t victim = translation_.emptiest();
    if (victim == kNone) return false;
    const std::uint32_t slots = geometry.slots(false);
    if (slots - translation_.at(victim).valid < slots / kWorthwhile) return false;
    start(collecting_, victim);
  }
  movedReady_ = tidyAt_;
  Victim& victim = fold ? folding_ : collecting_;
  auto& counter = fold ? counted_.folded : counted_.collected;
  const std::uint32_t stripe = geometry.dies() * geometry.unitSlots(false);
  for (std::uint32_t i = 0; i < stripe && move(victim, tidyAt_, counter); ++i) {
  }
  tidyAt_ = std::max({tidyAt_, movedReady_, moved_.lastEnd});
  return true;
}

}  // namespace doorbell::emulator::flash
