#pragma once

#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

namespace doorbell::test {

/// Sum of (observed - expected)^2 / expected.
inline double chiSquare(const std::vector<std::uint64_t>& seen,
                        const std::vector<std::uint32_t>& weights) {
  const double all = static_cast<double>(std::accumulate(seen.begin(), seen.end(), 0ULL));
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) continue;
    const double expected = all * weights[i] / total;
    sum += std::pow(static_cast<double>(seen[i]) - expected, 2) / expected;
  }
  return sum;
}

/// That a chi-square with so many degrees of freedom exceeds once in 10^6 (Wilson and Hilferty).
inline double chiSquareLimit(double degrees) {
  const double spread = 2.0 / (9 * degrees);
  return degrees * std::pow(1 - spread + 4.753 * std::sqrt(spread), 3);
}

}  // namespace doorbell::test
