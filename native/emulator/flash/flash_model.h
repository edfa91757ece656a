#pragma once

#include <array>
#include <cstdint>

#include "emulator/flash/dies.h"
#include "emulator/flash/geometry.h"
#include "emulator/flash/translation.h"

namespace doorbell::emulator::flash {

/// Counted since the model was made, in slots of 4 KiB where nothing else is said.
struct Statistics {
  std::uint64_t hostRead = 0;
  std::uint64_t hostWritten = 0;
  std::uint64_t programmed = 0;  ///< everything, with padding
  std::uint64_t slcProgrammed = 0;
  std::uint64_t folded = 0;     ///< moved from the SLC cache
  std::uint64_t collected = 0;  ///< moved by garbage collection
  std::uint64_t levelled = 0;   ///< moved to spread wear
  std::uint64_t erases = 0;     ///< superblocks
  std::uint64_t mapped = 0;     ///< slots that hold something now
  std::uint32_t leastErases = 0;
  std::uint32_t mostErases = 0;
  std::uint32_t freeSuperblocks = 0;
  std::uint32_t freeSlcSuperblocks = 0;

  [[nodiscard]] double writeAmplification() const noexcept {
    return hostWritten == 0 ? 0
                            : static_cast<double>(programmed) / static_cast<double>(hostWritten);
  }
};

/// How long a TLC client drive takes. Given the time at which a command was taken, tells the time
/// at which it ends; holds no data. The same calls with the same times and seed give the same
/// answers. Times are nanoseconds of any one clock and do not go backwards.
class FlashModel {
 public:
  /// Throws Error{"NO_MEMORY"}.
  FlashModel(const Geometry& geometry, const Timing& timing, std::uint64_t seed);

  std::uint64_t read(std::uint64_t now, std::uint64_t byte, std::uint64_t bytes) noexcept;
  /// `durable`: ends once programmed, not once buffered.
  std::uint64_t write(std::uint64_t now, std::uint64_t byte, std::uint64_t bytes,
                      bool durable) noexcept;
  /// Deallocate and Write Zeroes: only the mapping changes.
  std::uint64_t deallocate(std::uint64_t now, std::uint64_t byte, std::uint64_t bytes) noexcept;
  std::uint64_t flush(std::uint64_t now) noexcept;
  /// Any other command.
  std::uint64_t other(std::uint64_t now) noexcept;

  /// Bytes a media file already has: there, in the order of their addresses, without having taken
  /// time.
  void adopt(std::uint64_t byte, std::uint64_t bytes) noexcept;
  /// The supply was off: nothing is under way any more.
  void settle() noexcept;

  [[nodiscard]] Statistics statistics() const noexcept;

 private:
  using Place = Translation::Place;
  static constexpr std::uint32_t kNone = Translation::kNone;
  static constexpr std::size_t kMostBuffered = 64;

  /// Where data goes next: an open superblock, filled unit by unit.
  struct Stream {
    bool slc = false;
    bool cold = false;
    std::uint32_t superblock = kNone;
    std::uint64_t ready = 0;    ///< when the data of the unit being filled is there
    std::uint64_t lastEnd = 0;  ///< of the programs so far
  };
  /// A superblock that is being emptied.
  struct Victim {
    std::uint32_t superblock = kNone;
    std::uint64_t closed = 0;
    std::uint32_t index = 0;
    std::uint32_t valid = 0;  ///< at the start
    std::uint64_t credit = 0;
    bool levelling = false;
  };
  struct Buffered {
    std::uint64_t unit = ~std::uint64_t{0};
    std::uint64_t end = 0;
  };

  std::uint64_t begin(std::uint64_t now, std::uint64_t slots) noexcept;
  std::uint64_t finish(std::uint64_t end) noexcept;
  std::uint64_t readSlot(Place place, std::uint64_t at, Place& row) noexcept;
  [[nodiscard]] bool buffered(Place place, std::uint64_t now) const noexcept;
  std::uint64_t hostSlot(std::uint64_t logical, std::uint64_t ready, std::uint64_t now) noexcept;

  /// False when there is no free superblock, which over-provisioning rules out.
  bool openFor(Stream& stream, std::uint64_t at) noexcept;
  void append(Stream& stream, std::uint64_t logical, std::uint64_t ready) noexcept;
  std::uint64_t program(Stream& stream) noexcept;
  std::uint64_t programPartial(std::uint64_t now) noexcept;
  [[nodiscard]] std::uint64_t varied(std::uint64_t ns, std::uint32_t superblock,
                                     std::uint32_t die) const noexcept;
  [[nodiscard]] std::uint64_t unitOf(Place place) const noexcept;

  // Garbage collection (flash_collection.cpp).
  void collect(std::uint64_t at) noexcept;
  void collectUntilFree(std::uint64_t at) noexcept;
  bool chooseVictim() noexcept;
  [[nodiscard]] bool stillThere(const Victim& victim) const noexcept;
  void start(Victim& victim, std::uint32_t superblock) noexcept;
  bool move(Victim& victim, std::uint64_t at, std::uint64_t& counter) noexcept;
  void tidy(std::uint64_t now) noexcept;
  bool tidyStripe() noexcept;

  const Timing timing_;
  const std::uint64_t seed_;
  Translation translation_;
  Dies dies_;
  Stream slc_{.slc = true};
  Stream tlc_;
  Stream moved_{.cold = true};  ///< what collection and folding write
  Victim collecting_;
  Victim folding_;
  std::size_t bufferUnits_;
  std::array<Buffered, kMostBuffered> buffer_{};  ///< the newest programs of host data
  std::size_t nextBuffered_ = 0;
  std::uint64_t linkFree_ = 0;
  std::uint64_t lastEnd_ = 0;  ///< of a host command
  std::uint64_t tidyAt_ = 0;
  bool settled_ = true;  ///< no command since the supply came
  std::uint64_t movedReady_ = 0;
  Place movedRow_ = Translation::kNowhere;
  Statistics counted_;
};

}  // namespace doorbell::emulator::flash
