#include "emulator/device_thread.h"

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>

namespace doorbell::emulator {

namespace {

using namespace std::chrono_literals;
constexpr auto kPatience = 60us;
constexpr unsigned kTurnsPerLook = 64;  ///< polls between two looks at the clock
constexpr unsigned kTurnsPerPatrol =
    4096;  ///< under load; every idle spell begins with a patrol anyway
constexpr timespec kWithoutBarrier{0, 1'000'000};

long membarrier(int command) { return ::syscall(SYS_membarrier, command, 0, 0); }

void futexWait(std::atomic<std::uint32_t>& word, std::uint32_t expected, const timespec* timeout) {
  ::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, expected, timeout, nullptr, 0);
}

void futexWake(std::atomic<std::uint32_t>& word) {
  ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

void pause() { __builtin_ia32_pause(); }

}  // namespace

DeviceThread::DeviceThread(Controller& controller)
    : controller_(controller),
      barrier_(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0),
      accounted_(Clock::now()),
      thread_([this] { loop(); }) {
  ::pthread_setname_np(thread_.native_handle(), "emulated-ssd");
}

DeviceThread::~DeviceThread() {
  stopping_.store(true);
  wake();
  thread_.join();
}

void DeviceThread::run(const std::function<void()>& task) {
  const std::lock_guard lock(taskMutex_);
  task_.store(&task);
  wake();
  task_.wait(&task);
}

void DeviceThread::runTask() noexcept {
  (*task_.load())();
  task_.store(nullptr);
  task_.notify_all();
}

void DeviceThread::wake() noexcept {
  if (asleep_.exchange(0) != 0) futexWake(asleep_);
}

void DeviceThread::loop() noexcept {
  unsigned turns = 0;
  while (!stopping_.load(std::memory_order_relaxed)) {
    if (task_.load(std::memory_order_relaxed) != nullptr) {
      runTask();
    } else if (controller_.poll()) {
      if (++turns % kTurnsPerPatrol != 0) continue;
      account(Clock::now());
      controller_.patrol();
    } else if (!spin()) {
      sleep();
    }
  }
}

bool DeviceThread::spin() noexcept {
  const auto start = Clock::now();
  while (Clock::now() < start + kPatience) {
    for (unsigned turn = 0; turn < kTurnsPerLook; ++turn) {
      if (controller_.poll()) return true;
      pause();
    }
    if (task_.load(std::memory_order_relaxed) != nullptr) return true;
    if (stopping_.load(std::memory_order_relaxed)) return true;
  }
  if (controller_.patrol()) return true;
  account(start);
  return false;
}

void DeviceThread::account(Clock::time_point until) noexcept {
  const auto busy = std::chrono::duration_cast<std::chrono::microseconds>(until - accounted_);
  controller_.addBusyTime(busy);
  accounted_ = until;
}

void DeviceThread::sleep() noexcept {
  asleep_.store(1);
  // Pairs with the compiler fence of those who ring: after this, either they see `asleep`, or the
  // look below sees their doorbell.
  if (barrier_) membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
  const bool work = task_.load() != nullptr || stopping_.load() || controller_.patrol();
  if (!work) futexWait(asleep_, 1, barrier_ ? nullptr : &kWithoutBarrier);
  asleep_.store(0);
  accounted_ = Clock::now();
}

}  // namespace doorbell::emulator
