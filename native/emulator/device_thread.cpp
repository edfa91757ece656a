#include "emulator/device_thread.h"

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace doorbell::emulator {

namespace {

constexpr std::uint64_t kSecondNs = 1'000'000'000;
constexpr std::uint64_t kPatienceNs = 60'000;
constexpr std::uint64_t kWakeUpNs = 100'000;  ///< what is due sooner is waited for awake
constexpr std::uint64_t kWithoutBarrierNs = 1'000'000;
constexpr unsigned kTurnsPerLook = 64;  ///< polls between two looks at the clock
constexpr unsigned kTurnsPerTick = 64;  ///< the same under load
constexpr unsigned kTurnsPerPatrol =
    4096;  ///< under load; every idle spell begins with a patrol anyway

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
      shard_(controller.shard(0)),
      barrier_(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0),
      accountedNs_(nowNs()),
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
    } else if (controller_.poll(shard_)) {
      if (++turns % kTurnsPerTick == 0) controller_.tick(nowNs());
      if (turns % kTurnsPerPatrol != 0) continue;
      account(nowNs());
      controller_.patrol(shard_);
    } else if (!spin()) {
      sleep();
    }
  }
}

bool DeviceThread::spin() noexcept {
  const std::uint64_t start = nowNs();
  for (std::uint64_t now = start; now < start + kPatienceNs || dueSoon(now); now = nowNs()) {
    controller_.tick(now);
    for (unsigned turn = 0; turn < kTurnsPerLook; ++turn) {
      if (controller_.poll(shard_)) return true;
      pause();
    }
    if (task_.load(std::memory_order_relaxed) != nullptr) return true;
    if (stopping_.load(std::memory_order_relaxed)) return true;
  }
  if (controller_.patrol(shard_)) return true;
  account(start);
  return false;
}

/// Sleeping would be longer than the time that is left.
bool DeviceThread::dueSoon(std::uint64_t now) const noexcept {
  const std::uint64_t due = controller_.nextDue(shard_);
  return due != kNever && due < now + kWakeUpNs;
}

void DeviceThread::account(std::uint64_t untilNs) noexcept {
  if (untilNs > accountedNs_) shard_.counters.busyMicroseconds.add((untilNs - accountedNs_) / 1000);
  accountedNs_ = untilNs;
}

void DeviceThread::sleep() noexcept {
  asleep_.store(1);
  // Pairs with the compiler fence of those who ring: after this, either they see `asleep`, or the
  // look below sees their doorbell.
  if (barrier_) membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
  const bool work = task_.load() != nullptr || stopping_.load() || controller_.patrol(shard_);
  if (!work) sleepUntil(controller_.nextDue(shard_));
  asleep_.store(0);
  accountedNs_ = nowNs();
}

void DeviceThread::sleepUntil(std::uint64_t dueNs) noexcept {
  std::uint64_t longest = barrier_ ? kNever : kWithoutBarrierNs;
  if (dueNs != kNever) {
    const std::uint64_t now = nowNs();
    longest = std::min(longest, dueNs > now + kWakeUpNs ? dueNs - now - kWakeUpNs : 0);
  }
  if (longest == 0) return;
  const timespec timeout{static_cast<time_t>(longest / kSecondNs),
                         static_cast<long>(longest % kSecondNs)};
  futexWait(asleep_, 1, longest == kNever ? nullptr : &timeout);
}

}  // namespace doorbell::emulator
