#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

namespace doorbell::bench {

using Clock = std::chrono::steady_clock;

inline double nsSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
}

/// What was measured in several rounds. Neighbours on a shared machine only ever make things
/// slower: the best round is nearest to what the code can do, the median says what the machine
/// allowed.
class Samples {
 public:
  void add(double value) { values_.push_back(value); }
  [[nodiscard]] double highest() const { return *std::max_element(values_.begin(), values_.end()); }
  [[nodiscard]] double lowest() const { return *std::min_element(values_.begin(), values_.end()); }
  [[nodiscard]] double median() const {
    std::vector<double> sorted = values_;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }

 private:
  std::vector<double> values_;
};

}  // namespace doorbell::bench
