#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace doorbell::driver {

/// A mutex that serves in the order of asking: a verb in a loop does not starve the others.
class FairMutex {
 public:
  void lock() {
    std::unique_lock lock(mutex_);
    const std::uint64_t mine = next_++;
    turn_.wait(lock, [&] { return serving_ == mine; });
  }
  void unlock() {
    {
      const std::scoped_lock lock(mutex_);
      ++serving_;
    }
    turn_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable turn_;
  std::uint64_t next_ = 0;
  std::uint64_t serving_ = 0;
};

}  // namespace doorbell::driver
