#pragma once

#include <cstdint>

namespace doorbell::emulator::flash {

/// How the NAND behind a drive of some capacity is arranged. A *slot* is what the drive maps: 4
/// KiB. A *superblock* is one erase block of every plane of every die. A *unit* is what one program
/// writes on one die: a page of every plane, three of them at once where cells hold three bits.
/// Small drives get small blocks, so that there are always enough superblocks to collect.
struct Geometry {
  static constexpr std::uint32_t kSlotBytes = 4096;
  static constexpr std::uint32_t kPageBytes = 16384;
  static constexpr std::uint32_t kPlanes = 2;
  static constexpr std::uint32_t kBitsPerCell = 3;
  /// Slots of a page of every plane: what one page read brings.
  static constexpr std::uint32_t kRowSlots = kPlanes * kPageBytes / kSlotBytes;

  std::uint32_t channels = 4;
  std::uint32_t diesPerChannel = 2;
  std::uint32_t wordLines = 1;  ///< of a block: pages in SLC mode, a third of its pages in TLC mode
  std::uint64_t logicalSlots = 0;    ///< the capacity
  std::uint64_t addressSlots = 0;    ///< what addresses can name, of which so many hold data
  std::uint32_t slcSuperblocks = 0;  ///< they are numbered first
  std::uint32_t tlcSuperblocks = 0;

  /// `slcBytes` 0: the default cache, a sixteenth of the capacity and at most 2 GiB.
  static Geometry of(std::uint64_t capacityBytes, std::uint64_t slcBytes = 0) noexcept;

  [[nodiscard]] std::uint32_t dies() const noexcept { return channels * diesPerChannel; }
  [[nodiscard]] std::uint32_t superblocks() const noexcept {
    return slcSuperblocks + tlcSuperblocks;
  }
  [[nodiscard]] bool isSlc(std::uint32_t superblock) const noexcept {
    return superblock < slcSuperblocks;
  }
  [[nodiscard]] std::uint32_t unitSlots(bool slc) const noexcept {
    return slc ? kRowSlots : kRowSlots * kBitsPerCell;
  }
  [[nodiscard]] std::uint32_t slots(bool slc) const noexcept {
    return dies() * wordLines * unitSlots(slc);
  }
};

/// Times in nanoseconds, of a client drive with TLC NAND.
struct Timing {
  std::uint64_t command = 8'000;         ///< controller and protocol, every command
  std::uint64_t slcRead = 25'000;        ///< a page of every plane
  std::uint64_t tlcRead = 55'000;        ///< a page of every plane
  std::uint64_t slcProgram = 180'000;    ///< one unit
  std::uint64_t tlcProgram = 900'000;    ///< one unit: three pages of every plane in one shot
  std::uint64_t erase = 3'500'000;       ///< a block of kFullWordLines word lines
  std::uint64_t channelPerSlot = 3'400;  ///< 1.2 GB/s
  std::uint64_t linkPerSlot = 1'170;     ///< 3.5 GB/s, PCIe 3.0 x4
  std::uint64_t idleAfter = 5'000'000;   ///< without a command: the drive tidies up

  static constexpr std::uint64_t kFullWordLines = 384;
  [[nodiscard]] std::uint64_t eraseOf(const Geometry& geometry) const noexcept;
};

}  // namespace doorbell::emulator::flash
