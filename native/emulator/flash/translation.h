#pragma once

#include <cstdint>
#include <vector>

#include "emulator/flash/geometry.h"
#include "emulator/mapped_region.h"

namespace doorbell::emulator::flash {

/// Where every logical slot is, and what every superblock holds. Takes memory only for slots that
/// were ever written. No notion of time.
class Translation {
 public:
  using Place = std::uint64_t;  ///< superblock * slots(TLC) + index within it
  static constexpr Place kNowhere = ~Place{0};
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  enum class State : std::uint8_t { Free, Open, Closed };
  struct Superblock {
    State state = State::Free;
    std::uint32_t valid = 0;       ///< slots that hold current data
    std::uint32_t written = 0;     ///< slots handed out since it was opened
    std::uint32_t programmed = 0;  ///< of them, slots that left the write buffer
    std::uint32_t erases = 0;
    std::uint64_t closed = 0;  ///< in which order
  };

  /// Throws Error{"NO_MEMORY"}.
  explicit Translation(const Geometry& geometry);

  [[nodiscard]] const Geometry& geometry() const noexcept { return geometry_; }
  [[nodiscard]] Place find(std::uint64_t logical) const noexcept { return places()[logical] - 1; }
  [[nodiscard]] std::uint64_t mapped() const noexcept { return mapped_; }
  [[nodiscard]] const Superblock& at(std::uint32_t superblock) const noexcept {
    return superblocks_[superblock];
  }
  [[nodiscard]] Superblock& at(std::uint32_t superblock) noexcept {
    return superblocks_[superblock];
  }
  [[nodiscard]] std::uint32_t superblockOf(Place place) const noexcept {
    return static_cast<std::uint32_t>(place / perSuperblock_);
  }
  [[nodiscard]] std::uint32_t indexOf(Place place) const noexcept {
    return static_cast<std::uint32_t>(place % perSuperblock_);
  }
  /// What the slot at an index of a superblock holds; kNowhere when nothing current.
  [[nodiscard]] std::uint64_t logicalAt(std::uint32_t superblock,
                                        std::uint32_t index) const noexcept;

  /// The next slot of an open superblock now holds `logical`, which is nowhere else any more.
  void place(std::uint64_t logical, std::uint32_t superblock) noexcept;
  void unmap(std::uint64_t logical) noexcept;
  void unmapRange(std::uint64_t first, std::uint64_t count) noexcept;

  /// A free superblock of the pool becomes open: the least worn one, or for cold data the most worn
  /// one. kNone when there is none.
  std::uint32_t open(bool slc, bool cold) noexcept;
  /// Full: it may be collected. It is free at once when it holds nothing any more.
  void close(std::uint32_t superblock) noexcept;
  [[nodiscard]] std::uint32_t freeCount(bool slc) const noexcept { return free_[slc ? 1 : 0]; }

  /// The closed TLC superblock with the fewest valid slots; kNone when there is none.
  [[nodiscard]] std::uint32_t emptiest() const noexcept;
  /// The closed TLC superblock erased least often; kNone when there is none.
  [[nodiscard]] std::uint32_t leastWorn() const noexcept;
  /// The SLC superblock closed longest ago; kNone when there is none.
  [[nodiscard]] std::uint32_t oldestSlc() const noexcept;
  [[nodiscard]] std::uint32_t mostErases() const noexcept { return mostErases_; }
  [[nodiscard]] std::uint32_t leastErases() const noexcept;

 private:
  [[nodiscard]] std::uint64_t* places() const noexcept {
    return reinterpret_cast<std::uint64_t*>(places_.data());
  }
  [[nodiscard]] std::uint64_t* holders() const noexcept {
    return reinterpret_cast<std::uint64_t*>(holders_.data());
  }
  void releaseIfEmpty(std::uint32_t superblock) noexcept;
  template <class Better>
  [[nodiscard]] std::uint32_t best(std::uint32_t first, std::uint32_t end, State state,
                                   Better better) const noexcept;

  const Geometry geometry_;
  const std::uint64_t perSuperblock_;
  MappedRegion places_;   ///< place + 1 of every logical slot, 0: nowhere
  MappedRegion holders_;  ///< logical slot of every place
  std::vector<Superblock> superblocks_;
  std::uint32_t free_[2];  ///< of TLC, of SLC
  std::uint32_t mostErases_ = 0;
  std::uint64_t closings_ = 0;
  std::uint64_t mapped_ = 0;
};

}  // namespace doorbell::emulator::flash
