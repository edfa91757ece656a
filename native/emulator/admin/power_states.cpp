#include "emulator/admin/power_states.h"

#include <algorithm>

namespace doorbell::emulator {

namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;
constexpr std::uint64_t kMicrosecond = 1'000;

constexpr std::uint8_t targetOf(std::uint64_t entry) {  // ITPS
  return static_cast<std::uint8_t>((entry >> 3U) & 0x1fU);
}
constexpr std::uint64_t idleOf(std::uint64_t entry) {  // ITPT; 0: no transition
  return (entry >> 8U) & 0xffffffU;
}

}  // namespace

std::optional<std::uint32_t> PowerStates::invalidEntry(const TransitionData& data) noexcept {
  for (std::uint32_t i = 0; i < data.size(); ++i) {
    if (idleOf(data[i]) == 0) continue;
    const std::uint8_t target = targetOf(data[i]);
    if (i >= kPowerStates || target >= kPowerStates || kPowerTable[target].operational) return i;
  }
  return std::nullopt;
}

class PowerStates::Lock {
 public:
  explicit Lock(const PowerStates& states) noexcept : busy_(states.busy_) {
    while (busy_.test_and_set(std::memory_order_acquire)) __builtin_ia32_pause();
  }
  ~Lock() { busy_.clear(std::memory_order_release); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  std::atomic_flag& busy_;
};

void PowerStates::reset(std::uint8_t state, std::uint64_t now) noexcept {
  const Lock lock(*this);
  data_ = {};
  autonomous_ = false;
  awake_ = 0;
  operational_ = 0;
  enter(state, now);
}

void PowerStates::enter(std::uint8_t state, std::uint64_t now) noexcept {
  state_ = state;
  since_ = now;
  if (kPowerTable[state].operational) operational_ = state;
  rests_.store(autonomous_ || !kPowerTable[state].operational, std::memory_order_relaxed);
}

void PowerStates::select(std::uint8_t state, std::uint64_t now) noexcept {
  const Lock lock(*this);
  enter(state, now);
}

void PowerStates::configure(const TransitionData& data, bool enabled, std::uint64_t now) noexcept {
  const Lock lock(*this);
  const std::uint8_t state = stateAt(now);
  data_ = data;
  autonomous_ = enabled;
  enter(state, now);
}

void PowerStates::suspend(bool suspended, std::uint64_t now) noexcept {
  const Lock lock(*this);
  if (suspended == suspended_) return;
  const std::uint8_t state = stateAt(now);
  suspended_ = suspended;
  enter(state, now);
}

TransitionData PowerStates::transitions() const noexcept {
  const Lock lock(*this);
  return data_;
}

std::uint8_t PowerStates::at(std::uint64_t now) const noexcept {
  const Lock lock(*this);
  return stateAt(now);
}

/// Every state has its own idle time. A table may lead in a circle; a turn of it is enough.
std::uint8_t PowerStates::stateAt(std::uint64_t now) const noexcept {
  std::uint8_t state = state_;
  std::uint64_t since = since_;
  const bool moves = autonomous_ && !suspended_;
  for (std::uint32_t step = 0; moves && step < kPowerStates; ++step) {
    const std::uint64_t entry = data_[state];
    const std::uint64_t due = since + idleOf(entry) * kMillisecond;
    if (idleOf(entry) == 0 || now < due) break;
    state = targetOf(entry);
    since = due;
  }
  return state;
}

std::uint64_t PowerStates::serve(std::uint64_t now) noexcept {
  const Lock lock(*this);
  const std::uint8_t state = stateAt(now);
  if (!kPowerTable[state].operational) {
    awake_ = now + kPowerTable[state].exitMicroseconds * kMicrosecond;
    enter(operational_, awake_);
  }
  since_ = std::max(now, awake_);
  return since_;
}

}  // namespace doorbell::emulator
