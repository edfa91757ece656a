#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "driver/random.h"

namespace doorbell::driver {

/// Chooses among items by integer weight, in constant time (Walker's alias method): each item fills
/// at most one column, and the rest of a column belongs to one other item.
class WeightedChoice {
 public:
  /// At least one weight above 0. An item of weight 0 is never chosen.
  explicit WeightedChoice(std::span<const std::uint32_t> weights);

  [[nodiscard]] std::size_t pick(Random& random) const noexcept {
    if (columns_.size() == 1) return 0;
    const auto scaled = static_cast<Uint128>(random.next()) * columns_.size();
    const Column& column = columns_[static_cast<std::size_t>(scaled >> 64U)];
    return static_cast<std::uint64_t>(scaled) < column.threshold ? column.own : column.other;
  }

 private:
  __extension__ using Uint128 = unsigned __int128;
  struct Column {
    std::uint64_t threshold = 0;  ///< share of the column, of 2^64, that is the item's own
    std::uint32_t own = 0;
    std::uint32_t other = 0;
  };
  std::vector<Column> columns_;
};

}  // namespace doorbell::driver
