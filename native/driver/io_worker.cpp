#include "driver/io_worker.h"

#include <pthread.h>
#include <sched.h>

#include <chrono>
#include <string>
#include <utility>

#include "driver/controller_core.h"
#include "driver/workload/generated_commands.h"
#include "driver/workload/replayed_commands.h"
#include "platform/error.h"

namespace doorbell::driver {
namespace {

using evidence::Outcome;
constexpr auto kHaltPatience = std::chrono::seconds(1);
constexpr std::uint64_t kBeginInNs = 2'000'000;

std::unique_ptr<CommandSource> sourceOf(const IoWorkerSpec& spec) {
  if (spec.sequence) return std::make_unique<ReplayedCommands>(spec.sequence);
  return std::make_unique<GeneratedCommands>(spec);
}

}  // namespace

IoWorker::IoWorker(std::shared_ptr<ControllerCore> core, std::unique_ptr<QueueResources> queue,
                   std::unique_ptr<IoBuffers> buffers, const IoWorkerSpec& spec,
                   std::shared_ptr<Verifier> verifier)
    : core_(std::move(core)),
      spec_(spec),
      queue_(std::move(queue)),
      buffers_(std::move(buffers)),
      source_(sourceOf(spec_)),
      verifier_(std::move(verifier)),
      qid_(queue_->recipe().qid),
      segment_(queue_->segment()),
      generation_(queue_->recipe().generation) {}

IoWorker::~IoWorker() {
  stop();
  join();
}

void IoWorker::start() {
  // A thread that did not park in time may ring once more after its controller was closed.
  thread_ = std::jthread([this, function = core_->functionIfOpen()] { run(); });
  if (!spec_.cpu) return;
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(*spec_.cpu, &only);
  if (pthread_setaffinity_np(thread_.native_handle(), sizeof(only), &only) == 0) return;
  stop();
  throw Error("NOT_SUPPORTED",
              "ioworker: its thread may not run on CPU " + std::to_string(*spec_.cpu));
}

void IoWorker::begin(std::span<const std::shared_ptr<IoWorker>> workers) noexcept {
  if (workers.empty()) return;
  const Clock& clock = workers.front()->core_->clock();  // the process has one
  const std::uint64_t at = clock.ticks() + clock.toTicks(kBeginInNs);
  for (const auto& worker : workers) worker->signals_.begin.store(at);
}

void IoWorker::feed(std::vector<IoCommand> commands) {
  if (!spec_.sequence || !spec_.sequence->more || feedEnded_)
    throw Error("BAD_STATE", "ioworker: its sequence is complete, nothing can follow");
  if (commands.empty()) return;
  if (fedUntilNs_ == 0 && !spec_.sequence->commands.empty())
    fedUntilNs_ = spec_.sequence->commands.back().dueNs;
  checkCommands(*spec_.sequence, commands, fedUntilNs_);
  fedUntilNs_ = commands.back().dueNs;
  spec_.sequence->more->append(std::move(commands));
}

void IoWorker::endFeed() {
  feedEnded_ = true;
  if (spec_.sequence && spec_.sequence->more) spec_.sequence->more->close();
}

std::uint64_t IoWorker::fed() const noexcept {
  return spec_.sequence && spec_.sequence->more ? spec_.sequence->more->pending() : 0;
}

void IoWorker::join() noexcept {
  if (!thread_.joinable()) return;
  if (thread_.get_id() == std::this_thread::get_id()) {
    thread_
        .detach();  // done_ dropped the last reference: nothing of the worker is touched after it
  } else {
    thread_.join();
  }
}

void IoWorker::run() noexcept {
  IoWorkerResult result;
  {
    IoLoop loop(spec_, *source_, queue_->pair(), *buffers_, core_->clock(), signals_, totals_,
                verifier_);
    loop.run();
    removeQueue();
    result = loop.result();
  }
  if (deleted_.load()) queue_.reset();
  finish(std::move(result));
}

/// Deletes the queue pair unless it ended. Where the device does not answer, its memory is kept.
void IoWorker::removeQueue() noexcept {
  auto& pair = queue_->pair();
  const auto ignore = [](const Completion&) {};
  bool gone = signals_.ended.load() != 0;
  if (!gone) {
    const std::scoped_lock operation(core_->operation());
    pair.deleting();
    try {
      gone = core_->deleteQueue(qid_, generation_, [&] { pair.reap(UINT32_MAX, ignore); });
    } catch (const Error&) {
      gone = false;  // the admin queue stays full: the queue ends with its generation
    }
  }
  if (!gone) return;
  const auto ended = static_cast<Outcome>(signals_.ended.load());
  pair.endAll(ended == Outcome::InFlight ? Outcome::QueueDeleted : ended, core_->clock().ticks(),
              ignore);
  deleted_ = true;
}

void IoWorker::finish(IoWorkerResult result) noexcept {
  Done done;
  {
    const std::scoped_lock lock(doneMutex_);
    result_ = result;
    threadDone_ = true;
    done = std::exchange(done_, nullptr);
  }
  if (done) done(result);
}

void IoWorker::onDone(Done done) {
  {
    const std::scoped_lock lock(doneMutex_);
    if (!result_) {
      done_ = std::move(done);
      return;
    }
  }
  done(*result_);
}

IoWorkerCounters IoWorker::counters() const noexcept {
  const auto read = [](const std::atomic<std::uint64_t>& from) {
    return from.load(std::memory_order_relaxed);
  };
  return {read(totals_.ios),    read(totals_.bytes),  read(totals_.reads),
          read(totals_.writes), read(totals_.errors), read(totals_.startNs)};
}

void IoWorker::halt() noexcept {
  signals_.halted.store(true);
  const auto giveUp = std::chrono::steady_clock::now() + kHaltPatience;
  while (!signals_.parked.load() && std::chrono::steady_clock::now() < giveUp) {
    std::this_thread::yield();
  }
}

void IoWorker::end(Outcome outcome) noexcept {
  std::uint32_t open = 0;
  signals_.ended.compare_exchange_strong(open, static_cast<std::uint32_t>(outcome));
}

}  // namespace doorbell::driver
