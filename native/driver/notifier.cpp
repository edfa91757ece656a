#include "driver/notifier.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "driver/qpair.h"
#include "platform/error.h"

namespace doorbell::driver {
namespace {

constexpr std::uint64_t kNsPerSecond = 1'000'000'000;

void drain(int fd) noexcept {
  std::uint64_t count = 0;
  // Readable was reported and nobody else reads: this does not block.
  if (read(fd, &count, sizeof(count)) < 0) return;
}

}  // namespace

Notifier::Notifier(std::shared_ptr<platform::PciFunction> function,
                   std::shared_ptr<const Clock> clock)
    : function_(std::move(function)),
      clock_(std::move(clock)),
      wakeFd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wakeFd_ < 0) throw Error("NO_RESOURCES", std::string("eventfd: ") + std::strerror(errno));
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Notifier::~Notifier() {
  stop();
  closeVectors();
  close(wakeFd_);
}

void Notifier::stop() noexcept {
  thread_.request_stop();
  kick();
  if (thread_.joinable() && thread_.get_id() != std::this_thread::get_id()) thread_.join();
  const std::scoped_lock lock(maskMutex_);
  vectors_.clear();
  function_.reset();
}

void Notifier::kick() noexcept {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then the thread is awake anyway.
  if (write(wakeFd_, &one, sizeof(one)) < 0) return;
}

void Notifier::closeVectors() noexcept {
  for (const int fd : fds_) close(fd);
  fds_.clear();
}

void Notifier::watchVectors(unsigned vectors, InterruptMode mode) {
  const std::scoped_lock lock(mutex_, maskMutex_);
  closeVectors();
  vectors_.assign(vectors, {});
  mode_ = mode;
  masksWhileIdle_ = function_->masking() == platform::Masking::Cheap;
  for (unsigned vector = 0; vector < vectors; ++vector) {
    applyMask(vector, masksWhileIdle_);
    fds_.push_back(fcntl(function_->interruptFd(vector), F_DUPFD_CLOEXEC, 0));
  }
  kick();
}

void Notifier::add(const std::shared_ptr<Qpair>& qpair) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(qpairs_, [](const auto& known) { return known.expired(); });
  qpairs_.push_back(qpair);
}

void Notifier::unmask(unsigned vector) noexcept {
  const std::scoped_lock lock(maskMutex_);
  if (vector >= vectors_.size() || vectors_[vector].waiting++ > 0) return;
  if (masksWhileIdle_ && !vectors_[vector].claimed) applyMask(vector, false);
}

void Notifier::mask(unsigned vector) noexcept {
  const std::scoped_lock lock(maskMutex_);
  if (vector >= vectors_.size() || vectors_[vector].waiting == 0) return;
  if (--vectors_[vector].waiting > 0) return;
  if (masksWhileIdle_ && !vectors_[vector].claimed) applyMask(vector, true);
}

void Notifier::wakeBy(std::uint64_t ticks) noexcept {
  if (ticks < wakeAt_.load()) kick();
}

std::vector<std::shared_ptr<Qpair>> Notifier::qpairs() {
  const std::scoped_lock lock(mutex_);
  std::vector<std::shared_ptr<Qpair>> alive;
  for (const auto& known : qpairs_) {
    if (auto qpair = known.lock()) alive.push_back(std::move(qpair));
  }
  return alive;
}

void Notifier::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    // Awake: whoever begins to wait from here on kicks, because it may have been passed already.
    wakeAt_.store(UINT64_MAX);
    std::uint64_t next = UINT64_MAX;
    for (const auto& qpair : qpairs()) {
      qpair->poke();
      next = std::min(next, qpair->wakeAtTicks());
    }
    wakeAt_.store(next);
    if (!stop.stop_requested()) sleep(next);
  }
}

/// Not a vector that was closed or claimed meanwhile.
bool Notifier::mayDrain(int fd) const noexcept {
  if (fd == wakeFd_) return true;
  const auto found = std::find(fds_.begin(), fds_.end(), fd);
  if (found == fds_.end()) return false;
  const auto vector = static_cast<std::size_t>(found - fds_.begin());
  return vector < vectors_.size() && !vectors_[vector].claimed;
}

void Notifier::sleep(std::uint64_t untilTicks) {
  std::vector<pollfd> polled{{wakeFd_, POLLIN, 0}};
  {
    const std::scoped_lock lock(mutex_, maskMutex_);
    for (std::size_t vector = 0; vector < fds_.size(); ++vector) {
      if (vector < vectors_.size() && !vectors_[vector].claimed)
        polled.push_back({fds_[vector], POLLIN, 0});
    }
  }
  timespec timeout{};
  if (untilTicks != UINT64_MAX) {
    const std::uint64_t until = clock_->toNs(untilTicks);
    const std::uint64_t now = clock_->nowNs();
    const std::uint64_t ns = until > now ? until - now : 0;
    timeout = {static_cast<time_t>(ns / kNsPerSecond), static_cast<long>(ns % kNsPerSecond)};
  }
  if (ppoll(polled.data(), polled.size(), untilTicks == UINT64_MAX ? nullptr : &timeout, nullptr) <=
      0)
    return;
  const std::scoped_lock lock(mutex_, maskMutex_);
  for (const auto& entry : polled) {
    if ((entry.revents & POLLIN) != 0 && mayDrain(entry.fd)) drain(entry.fd);
  }
}

}  // namespace doorbell::driver
