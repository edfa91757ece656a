#include "driver/workload/weighted_choice.h"

#include <numeric>

namespace doorbell::driver {

WeightedChoice::WeightedChoice(std::span<const std::uint32_t> weights) : columns_(weights.size()) {
  // In units of which a column holds `total`: the weights times the number of columns.
  const std::uint64_t total = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
  std::vector<std::uint64_t> left;
  std::vector<std::uint32_t> small;
  std::vector<std::uint32_t> large;
  for (std::uint32_t item = 0; item < weights.size(); ++item) {
    left.push_back(std::uint64_t{weights[item]} * weights.size());
    (left[item] < total ? small : large).push_back(item);
  }
  while (!small.empty()) {
    const std::uint32_t item = small.back();
    const std::uint32_t giver = large.back();
    small.pop_back();
    columns_[item] = {static_cast<std::uint64_t>((static_cast<Uint128>(left[item]) << 64U) / total),
                      item, giver};
    left[giver] -= total - left[item];
    if (left[giver] >= total) continue;
    large.pop_back();
    small.push_back(giver);
  }
  for (const std::uint32_t item : large) columns_[item] = {UINT64_MAX, item, item};
}

}  // namespace doorbell::driver
