#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "driver/random.h"
#include "driver/workload/weighted_choice.h"

namespace doorbell::driver {

/// The size of a command, how often, and where it may begin.
struct IoSize {
  std::uint32_t blocks = 8;
  std::uint32_t weight = 1;
  /// Starting LBAs are multiples of it. 0: sequential ones have no alignment, random ones are
  /// multiples of `blocks` from the start of the region on.
  std::uint32_t align = 0;
};

struct AddressPlan {
  std::uint64_t regionStart = 0;
  std::uint64_t regionEnd = 0;  ///< LBA after the last
  std::optional<std::uint64_t> first{};
  /// From one starting LBA to the next; without: each command begins where the last one ended.
  std::optional<std::int64_t> step{};
  std::uint32_t randomPercent = 100;
  /// Of random addresses: how many of 10,000 go to each hundredth of the region. Empty: uniform.
  std::vector<std::uint32_t> distribution{};
  bool once = false;  ///< sequential: over when the region was walked once
  std::vector<IoSize> sizes{};
};

/// "" or what is impossible about the plan.
[[nodiscard]] std::string problemOf(const AddressPlan& plan);

/// The addresses of a workload: sequential by a step (which wraps at the ends of the region),
/// random, or both. Deterministic. Only for a plan without problem.
class AddressStream {
 public:
  struct Extent {
    std::uint64_t slba = 0;
    std::uint32_t blocks = 0;  ///< 0: the region was walked, that is all
  };

  explicit AddressStream(const AddressPlan& plan);

  /// Of a command of that size. Only a single contiguous walk ends with a shorter one.
  [[nodiscard]] Extent next(std::size_t size, Random& random) noexcept {
    if (randomPercent_ != 0 && (randomPercent_ == 100 || random.below(100) < randomPercent_))
      return {atRandom(sizes_[size], random), sizes_[size].blocks};
    return step_ ? stepped(sizes_[size]) : contiguous(sizes_[size]);
  }

 private:
  friend std::string problemOf(const AddressPlan& plan);
  __extension__ using Int128 = __int128;
  struct Slots {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
  };
  /// Where commands of one size may begin.
  struct Size {
    std::uint32_t blocks = 0;
    std::uint32_t align = 1;    ///< of sequential ones
    std::uint64_t base = 0;     ///< of random ones: the first ...
    std::uint64_t stride = 1;   ///< ... and the distance to the next
    std::uint64_t count = 0;    ///< ... and how many there are
    std::vector<Slots> slices;  ///< of each hundredth of the region
  };

  [[nodiscard]] static Size sizeOf(const IoSize& size, const AddressPlan& plan);
  [[nodiscard]] std::uint64_t atRandom(const Size& size, Random& random) const noexcept {
    if (!slices_) return size.base + random.below(size.count) * size.stride;
    const Slots& slots = size.slices[slices_->pick(random)];
    return size.base + (slots.first + random.below(slots.count)) * size.stride;
  }
  [[nodiscard]] Extent contiguous(const Size& size) noexcept;
  [[nodiscard]] Extent stepped(const Size& size) noexcept;

  std::uint64_t start_;
  std::uint64_t end_;
  std::optional<std::int64_t> step_;
  std::uint32_t randomPercent_;
  bool once_;
  std::vector<Size> sizes_;
  std::optional<WeightedChoice> slices_;
  Int128 position_;  ///< of the next sequential command, before alignment
};

}  // namespace doorbell::driver
