#include "driver/registry.h"

#include <unistd.h>

#include <algorithm>
#include <vector>

#include "driver/platforms.h"
#include "platform/error.h"

namespace doorbell::driver {
namespace {

using std::chrono::milliseconds;
constexpr auto kTimekeeping = std::chrono::seconds(1);

}  // namespace

Registry& Registry::instance() {
  static auto* const registry = new Registry();
  return *registry;
}

Registry::Registry() : clock_(std::make_shared<Clock>()) {
  timekeeper_ = std::jthread([this](const std::stop_token& stop) { keepTime(stop); });
}

Registry::~Registry() = default;

void Registry::openEvidence(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  if (evidence_)
    throw Error("EVIDENCE",
                "the evidence file is open already: open it once, before any controller");
  evidence_ = EvidenceFile::create(path, *clock_);
}

Environment Registry::environment() {
  const std::scoped_lock lock(mutex_);
  if (!evidence_) evidence_ = EvidenceFile::anonymous(*clock_);
  return {.clock = clock_, .evidence = evidence_};
}

std::shared_ptr<Controller> Registry::open(const std::string& address) {
  return open(address, openFunction);
}

std::shared_ptr<Controller> Registry::open(const std::string& address, const Opener& opener) {
  const Environment shared = environment();
  const std::scoped_lock lock(mutex_);
  std::erase_if(controllers_, [](const auto& known) {
    const auto controller = known.second.lock();
    return !controller || controller->isClosed();
  });
  const auto refuse = [&address] {
    throw Error("CONTROLLER_IN_USE", address + " is open already in this process (pid " +
                                         std::to_string(getpid()) + "): close it first");
  };
  if (controllers_.contains(address)) refuse();
  auto function = opener(address);
  // One function may have several spellings.
  for (const auto& [spelling, known] : controllers_) {
    const auto open = known.lock();
    if (open && open->address() == function->address()) refuse();
  }
  auto controller = std::make_shared<Controller>(std::move(function), shared);
  controllers_[address] = controller;
  return controller;
}

std::shared_ptr<Controller> Registry::attach(const std::string& address) {
  const std::scoped_lock lock(mutex_);
  for (const auto& [spelling, known] : controllers_) {
    auto open = known.lock();
    if (open && !open->isClosed() && (spelling == address || open->address() == address))
      return open;
  }
  throw Error("NOT_OPEN", address + " is not open in this process: open it first");
}

void Registry::quiesceAll(milliseconds budget) noexcept {
  const std::unique_lock lock(mutex_, budget / 4);
  std::vector<std::jthread> threads;
  // Without the lock (an open hangs) the list is not safe to read: the process ends all the same.
  if (!lock.owns_lock()) return;
  for (const auto& [address, known] : controllers_) {
    if (auto controller = known.lock()) {
      threads.emplace_back([controller, budget] {
        controller->quiesce(static_cast<unsigned>((budget / 2).count()));
      });
    }
  }
}

void Registry::keepTime(const std::stop_token& stop) {
  std::unique_lock sleeping(sleepMutex_);
  while (!stop.stop_requested()) {
    sleep_.wait_for(sleeping, stop, kTimekeeping, [] { return false; });
    const evidence::ClockPoint point = clock_->discipline();
    const std::scoped_lock lock(mutex_);
    if (evidence_) evidence_->updateClock(point);
  }
}

}  // namespace doorbell::driver
