#include "emulator/flash/flash_model.h"

#include <algorithm>

#include "emulator/mix.h"

namespace doorbell::emulator::flash {

namespace {

constexpr std::uint64_t kSlot = Geometry::kSlotBytes;
constexpr std::size_t kBufferedUnitsPerDie = 2;

constexpr std::uint64_t slotsOf(std::uint64_t byte, std::uint64_t bytes) {
  return bytes == 0 ? 0 : (byte + bytes - 1) / kSlot - byte / kSlot + 1;
}

}  // namespace

FlashModel::FlashModel(const Geometry& geometry, const Timing& timing, std::uint64_t seed)
    : timing_(timing),
      seed_(seed),
      translation_(geometry),
      dies_(geometry, timing),
      bufferUnits_(std::min(geometry.dies() * kBufferedUnitsPerDie, kMostBuffered)) {}

/// Every command first passes the controller, and its data the link.
std::uint64_t FlashModel::begin(std::uint64_t now, std::uint64_t slots) noexcept {
  tidy(now);
  linkFree_ = std::max(now + timing_.command, linkFree_) + slots * timing_.linkPerSlot;
  return linkFree_;
}

std::uint64_t FlashModel::finish(std::uint64_t end) noexcept {
  lastEnd_ = std::max(lastEnd_, end);
  return end;
}

/// No two blocks are alike: three per cent either way, as the seed says.
std::uint64_t FlashModel::varied(std::uint64_t ns, std::uint32_t superblock,
                                 std::uint32_t die) const noexcept {
  const std::uint64_t luck = mix(seed_ ^ mix((std::uint64_t{superblock} << 32U) | die)) % 65;
  return ns * (992 + luck) / 1024;
}

std::uint64_t FlashModel::unitOf(Place place) const noexcept {
  const std::uint32_t superblock = translation_.superblockOf(place);
  const Geometry& geometry = translation_.geometry();
  return (std::uint64_t{superblock} << 32U) |
         (translation_.indexOf(place) / geometry.unitSlots(geometry.isSlc(superblock)));
}

/// Not yet on the flash: read from the controller's memory.
bool FlashModel::buffered(Place place, std::uint64_t now) const noexcept {
  if (translation_.indexOf(place) >= translation_.at(translation_.superblockOf(place)).programmed) {
    return true;
  }
  const std::uint64_t unit = unitOf(place);
  return std::any_of(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(bufferUnits_),
                     [&](const Buffered& one) { return one.unit == unit && one.end > now; });
}

/// `row` is the row read just before: its other slots only take their transfer.
std::uint64_t FlashModel::readSlot(Place place, std::uint64_t at, Place& row) noexcept {
  const std::uint32_t superblock = translation_.superblockOf(place);
  const bool slc = translation_.geometry().isSlc(superblock);
  const auto unit = static_cast<std::uint32_t>(unitOf(place));
  const std::uint32_t die = unit % translation_.geometry().dies();
  const Place thisRow = place / Geometry::kRowSlots;
  std::uint64_t ns = 0;
  if (thisRow != row) ns = varied(slc ? timing_.slcRead : timing_.tlcRead, superblock, die);
  row = thisRow;
  return dies_.read(die, at, ns, 1);
}

std::uint64_t FlashModel::read(std::uint64_t now, std::uint64_t byte,
                               std::uint64_t bytes) noexcept {
  tidy(now);
  const std::uint64_t slots = slotsOf(byte, bytes);
  counted_.hostRead += slots;
  std::uint64_t ready = now + timing_.command;
  Place row = Translation::kNowhere;
  for (std::uint64_t i = 0; i < slots; ++i) {
    const Place place = translation_.find(byte / kSlot + i);
    if (place == Translation::kNowhere || buffered(place, now)) continue;
    ready = std::max(ready, readSlot(place, now + timing_.command, row));
  }
  linkFree_ = std::max(linkFree_, now) + slots * timing_.linkPerSlot;
  return finish(std::max(ready + slots * timing_.linkPerSlot, linkFree_));
}

std::uint64_t FlashModel::write(std::uint64_t now, std::uint64_t byte, std::uint64_t bytes,
                                bool durable) noexcept {
  const std::uint64_t slots = slotsOf(byte, bytes);
  const std::uint64_t arrived = begin(now, slots);
  counted_.hostWritten += slots;
  std::uint64_t end = arrived;
  for (std::uint64_t i = 0; i < slots; ++i) {
    const std::uint64_t slot = byte / kSlot + i;
    const bool partial = slot * kSlot < byte || (slot + 1) * kSlot > byte + bytes;
    const Place old = partial ? translation_.find(slot) : Translation::kNowhere;
    std::uint64_t ready = arrived;
    if (old != Translation::kNowhere && !buffered(old, now)) {
      Place row = Translation::kNowhere;
      ready = readSlot(old, arrived, row);  // the rest of the slot is read first
    }
    end = std::max(end, hostSlot(slot, ready, arrived));
  }
  return finish(durable ? std::max(end, programPartial(end)) : end);
}

/// Into the SLC cache while there is one; ends when the write buffer had room for it.
std::uint64_t FlashModel::hostSlot(std::uint64_t logical, std::uint64_t ready,
                                   std::uint64_t now) noexcept {
  const bool cached = slc_.superblock != kNone || translation_.freeCount(true) != 0;
  Stream& stream = cached ? slc_ : tlc_;
  if (!cached) collect(now);
  if (!openFor(stream, now)) return now;
  const auto& block = translation_.at(stream.superblock);
  const std::uint64_t room = block.written == block.programmed ? buffer_[nextBuffered_].end : 0;
  append(stream, logical, std::max(ready, room));
  return std::max(now, room);
}

std::uint64_t FlashModel::deallocate(std::uint64_t now, std::uint64_t byte,
                                     std::uint64_t bytes) noexcept {
  const std::uint64_t ended = begin(now, 0);
  const std::uint64_t first = (byte + kSlot - 1) / kSlot;
  const std::uint64_t last = (byte + bytes) / kSlot;
  if (first < last) translation_.unmapRange(first, last - first);
  return finish(ended);
}

std::uint64_t FlashModel::flush(std::uint64_t now) noexcept {
  const std::uint64_t started = begin(now, 0);
  return finish(std::max(started, programPartial(started)));
}

std::uint64_t FlashModel::other(std::uint64_t now) noexcept { return finish(begin(now, 0)); }

bool FlashModel::openFor(Stream& stream, std::uint64_t at) noexcept {
  if (stream.superblock != kNone) return true;
  if (&stream == &tlc_) collectUntilFree(at);
  stream.superblock = translation_.open(stream.slc, stream.cold);
  if (stream.superblock == kNone) return false;
  stream.ready = 0;
  ++counted_.erases;
  const Geometry& geometry = translation_.geometry();
  for (std::uint32_t die = 0; die < geometry.dies(); ++die) {
    dies_.erase(die, at, varied(timing_.eraseOf(geometry), stream.superblock, die));
  }
  return true;
}

void FlashModel::append(Stream& stream, std::uint64_t logical, std::uint64_t ready) noexcept {
  translation_.place(logical, stream.superblock);
  stream.ready = std::max(stream.ready, ready);
  const auto& block = translation_.at(stream.superblock);
  const std::uint32_t filled = block.written - block.programmed;
  if (filled == translation_.geometry().unitSlots(stream.slc)) program(stream);
}

/// Programs the unit being filled, as full as it is.
std::uint64_t FlashModel::program(Stream& stream) noexcept {
  const Geometry& geometry = translation_.geometry();
  const std::uint32_t superblock = stream.superblock;
  auto& block = translation_.at(superblock);
  const std::uint32_t unitSlots = geometry.unitSlots(stream.slc);
  const std::uint32_t unit = block.programmed / unitSlots;
  const std::uint32_t die = unit % geometry.dies();
  const std::uint64_t ns = stream.slc ? timing_.slcProgram : timing_.tlcProgram;
  const std::uint64_t end =
      dies_.program(die, stream.ready, varied(ns, superblock, die), unitSlots);
  counted_.programmed += unitSlots;
  if (stream.slc) counted_.slcProgrammed += unitSlots;
  if (!stream.cold) {
    buffer_[nextBuffered_] = {(std::uint64_t{superblock} << 32U) | unit, end};
    nextBuffered_ = (nextBuffered_ + 1) % bufferUnits_;
  }
  block.programmed += unitSlots;
  block.written = block.programmed;
  stream.ready = 0;
  stream.lastEnd = std::max(stream.lastEnd, end);
  if (block.programmed == geometry.slots(stream.slc)) {
    stream.superblock = kNone;
    translation_.close(superblock);
  }
  return end;
}

/// Everything the host wrote, to the flash; the rest of a unit is wasted.
std::uint64_t FlashModel::programPartial(std::uint64_t now) noexcept {
  for (Stream* stream : {&slc_, &tlc_}) {
    if (stream->superblock == kNone) continue;
    const auto& block = translation_.at(stream->superblock);
    if (block.written == block.programmed) continue;
    stream->ready = std::max(stream->ready, now);
    program(*stream);
  }
  return std::max(slc_.lastEnd, tlc_.lastEnd);
}

void FlashModel::adopt(std::uint64_t byte, std::uint64_t bytes) noexcept {
  const std::uint64_t slots = slotsOf(byte, bytes);
  for (std::uint64_t i = 0; i < slots; ++i) {
    if (!openFor(moved_, 0)) break;
    append(moved_, byte / kSlot + i, 0);
  }
  settle();
  counted_ = {};
}

void FlashModel::settle() noexcept {
  dies_.settle();
  buffer_ = {};
  slc_.lastEnd = tlc_.lastEnd = moved_.lastEnd = 0;
  linkFree_ = 0;
  settled_ = true;
}

Statistics FlashModel::statistics() const noexcept {
  Statistics all = counted_;
  all.mapped = translation_.mapped();
  all.leastErases = translation_.leastErases();
  all.mostErases = translation_.mostErases();
  all.freeSuperblocks = translation_.freeCount(false);
  all.freeSlcSuperblocks = translation_.freeCount(true);
  return all;
}

}  // namespace doorbell::emulator::flash
