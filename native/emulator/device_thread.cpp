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
constexpr std::uint64_t kRemoteFirstNs = 50'000;
constexpr std::uint64_t kRemoteNs = 1'000'000;
constexpr std::uint64_t kSharedNs = 10'000'000;
constexpr unsigned kTurnsPerLook = 64;  ///< polls between two looks at the clock
constexpr unsigned kEagerTurns = 128;   ///< polls before the first look at it
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

void Shard::wake() noexcept {
  if (asleep.exchange(0) != 0) futexWake(asleep);
}

DeviceThread::DeviceThread(Controller& controller, Shard& shard,
                           const std::atomic<bool>& remoteDoorbells)
    : controller_(controller),
      shard_(shard),
      gate_(controller.state().gate),
      remoteDoorbells_(remoteDoorbells),
      barrier_(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0),
      accountedNs_(nowNs()),
      thread_([this] { loop(); }) {
  const std::string name = "emulated-ssd" + std::to_string(shard.index);
  ::pthread_setname_np(thread_.native_handle(), name.c_str());
}

DeviceThread::~DeviceThread() {
  stopping_.store(true);
  shard_.wake();
  thread_.join();
}

void DeviceThread::loop() noexcept {
  unsigned turns = 0;
  while (!stopping_.load(std::memory_order_relaxed)) {
    if (gate_.closed()) {
      gate_.wait(shard_.index);
    } else if (controller_.poll(shard_)) {
      if (++turns % kTurnsPerTick == 0) controller_.tick(shard_, nowNs());
      if (turns % kTurnsPerPatrol != 0) continue;
      account(nowNs());
      controller_.patrol(shard_);
    } else if (!spin()) {
      sleep();
    }
  }
  gate_.stepAside(shard_.index);
}

bool DeviceThread::spin() noexcept {
  // The answer to what was just completed comes soon, if it does: neither pause nor clock delays
  // it.
  for (unsigned turn = 0; turn < kEagerTurns; ++turn) {
    if (controller_.poll(shard_)) return true;
  }
  const std::uint64_t start = nowNs();
  for (std::uint64_t now = start; now < start + kPatienceNs || dueSoon(now); now = nowNs()) {
    controller_.tick(shard_, now);
    for (unsigned turn = 0; turn < kTurnsPerLook; ++turn) {
      if (controller_.poll(shard_)) return true;
      pause();
    }
    if (interrupted()) return true;
  }
  if (controller_.patrol(shard_) || controller_.useIdleTime(shard_)) return true;
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
  bool work = false;
  lookEveryNs_ = kRemoteFirstNs;
  do {
    shard_.asleep.store(1);
    // Pairs with the compiler fence of those who ring: after this, either they see `asleep`, or the
    // look below sees their doorbell.
    if (barrier_) membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
    work = interrupted() || controller_.patrol(shard_);
    if (!work) {
      const std::uint64_t due = controller_.nextDue(shard_);
      gate_.stepAside(shard_.index);
      sleepUntil(due);
      gate_.comeBack(shard_.index);
    }
    // Nobody woke it: it was only to have a look.
  } while (!work && shard_.asleep.load() != 0 && !dueSoon(nowNs()));
  shard_.asleep.store(0);
  accountedNs_ = nowNs();
}

void DeviceThread::sleepUntil(std::uint64_t dueNs) noexcept {
  // With several threads, one who rings may wake another than the one that serves the queue.
  std::uint64_t longest = controller_.shardCount() > 1 ? kSharedNs : kNever;
  if (!barrier_) longest = kWithoutBarrierNs;
  if (remoteDoorbells_.load(std::memory_order_relaxed)) {
    longest = lookEveryNs_;
    lookEveryNs_ = std::min(lookEveryNs_ + lookEveryNs_ / 8, kRemoteNs);
  }
  if (dueNs != kNever) {
    const std::uint64_t now = nowNs();
    longest = std::min(longest, dueNs > now + kWakeUpNs ? dueNs - now - kWakeUpNs : 0);
  }
  if (longest == 0) return;
  const timespec timeout{static_cast<time_t>(longest / kSecondNs),
                         static_cast<long>(longest % kSecondNs)};
  futexWait(shard_.asleep, 1, longest == kNever ? nullptr : &timeout);
}

DeviceThreads::DeviceThreads(Controller& controller) : controller_(controller) {
  for (unsigned i = 0; i < controller.shardCount(); ++i) {
    threads_.push_back(
        std::make_unique<DeviceThread>(controller, controller.shard(i), remoteDoorbells_));
  }
}

void DeviceThreads::wakeAll() noexcept {
  for (unsigned i = 0; i < controller_.shardCount(); ++i) controller_.shard(i).wake();
}

}  // namespace doorbell::emulator
