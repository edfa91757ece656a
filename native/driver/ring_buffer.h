#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace doorbell::driver {

/// A queue in one block of memory that grows by doubling: no allocation in the steady state.
template <class T>
class RingBuffer {
 public:
  explicit RingBuffer(std::size_t capacity) : slots_(capacity < 2 ? 2 : capacity) {}

  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  void push(T value) {
    if (count_ == slots_.size()) grow();
    slots_[(first_ + count_++) % slots_.size()] = std::move(value);
  }
  /// Only when not empty.
  T pop() {
    T value = std::exchange(slots_[first_], T{});
    first_ = (first_ + 1) % slots_.size();
    --count_;
    return value;
  }

 private:
  void grow() {
    std::vector<T> larger(slots_.size() * 2);
    for (std::size_t i = 0; i < count_; ++i)
      larger[i] = std::move(slots_[(first_ + i) % slots_.size()]);
    slots_ = std::move(larger);
    first_ = 0;
  }

  std::vector<T> slots_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace doorbell::driver
