// The queue pairs of a controller: made, named, halted and ended together.
#include <algorithm>
#include <sstream>

#include "driver/controller_core.h"
#include "driver/outcome.h"
#include "driver/qpair.h"
#include "platform/error.h"
#include "platform/msi.h"

namespace doorbell::driver {
namespace {

using evidence::Outcome;

constexpr std::size_t kAdminTransfer = 2U << 20U;

std::string statusText(std::uint16_t status) {
  std::ostringstream text;
  text << std::hex << "status " << ((status >> 8U) & 7U) << "h/" << (status & 0xffU) << "h";
  return text.str();
}

}  // namespace

std::shared_ptr<Qpair> ControllerCore::admin() const {
  const std::scoped_lock lock(mutex_);
  if (isClosed()) throw errorOf(Outcome::Closed, address_);
  if (!admin_)
    throw Error("CONTROLLER_NOT_READY",
                address_ + " has no admin queue pair yet: initialise it first");
  return admin_;
}

std::unique_ptr<QueueResources> ControllerCore::makeResources(QueueRecipe recipe) {
  recipe.dstrd = cap().dstrd();
  recipe.controllerSegment = segment_.id();
  recipe.generation = generation();
  return std::make_unique<QueueResources>(recipe, *function(), dmaScope()->domain,
                                          *environment_.evidence, *environment_.clock, *this);
}

QueueAddresses ControllerCore::makeAdmin(std::uint32_t depth, std::uint32_t pageBytes) {
  QueueRecipe recipe{.qid = 0,
                     .depth = depth,
                     .pageBytes = pageBytes,
                     .maxTransfer = kAdminTransfer,
                     .owner = "admin"};
  if (vectors_ > 0) recipe.vector = 0;
  auto resources = makeResources(recipe);
  const QueueAddresses bus{resources->sqBus(), resources->cqBus()};
  const std::uint64_t generation = resources->recipe().generation;
  auto made = std::make_shared<Qpair>(shared_from_this(), std::move(resources));
  notifier_.add(made);
  {
    const std::scoped_lock lock(mutex_);
    admin_ = made;
  }
  attach(made, generation);
  return bus;
}

QueueLimits ControllerCore::limits() const {
  const std::scoped_lock lock(mutex_);
  return limits_;
}

void ControllerCore::setLimits(const QueueLimits& limits) {
  const std::scoped_lock lock(mutex_);
  limits_ = limits;
  qidTaken_.assign(limits.ioQueues, false);
}

void ControllerCore::enableVectors(unsigned count, InterruptMode mode) {
  const auto device = function();
  vectors_ = mode == InterruptMode::None ? 0 : std::min(count, device->interruptVectors());
  if (vectors_ > 0) device->enableInterrupts(vectors_);
  if (mode == InterruptMode::Msi) {
    const auto enabled = device->enableMsi(vectors_);
    vectors_ = enabled ? *enabled : platform::switchToMsi(*device, vectors_);
  }
  notifier_.watchVectors(vectors_, mode);
}

void ControllerCore::checkDepth(std::uint32_t depth) const {
  const std::uint32_t most = cap().mqes() + 1;
  if (depth >= 2 && depth <= most) return;
  throw Error("OUT_OF_RANGE", "a queue depth of " + std::to_string(depth) + " is not possible on " +
                                  address_ + ": 2 to " + std::to_string(most) +
                                  " entries (CAP.MQES+1)");
}

std::uint16_t ControllerCore::takeQid() {
  const std::scoped_lock lock(mutex_);
  const auto found = std::find(qidTaken_.begin(), qidTaken_.end(), false);
  if (found == qidTaken_.end()) {
    throw Error("NO_QUEUES", "all " + std::to_string(qidTaken_.size()) + " I/O queue pairs that " +
                                 address_ + " granted are in use: delete one first");
  }
  *found = true;
  return static_cast<std::uint16_t>(found - qidTaken_.begin() + 1);
}

std::uint16_t ControllerCore::reserveQid(std::optional<std::uint16_t> wanted) {
  throwUnlessReady();
  if (!wanted) return takeQid();
  const std::scoped_lock lock(mutex_);
  if (*wanted == 0 || *wanted > qidTaken_.size()) {
    throw Error("OUT_OF_RANGE", "queue identifier " + std::to_string(*wanted) + ": " + address_ +
                                    " granted 1 to " + std::to_string(qidTaken_.size()));
  }
  if (qidTaken_[*wanted - 1U])
    throw Error("NO_QUEUES", "queue identifier " + std::to_string(*wanted) + " is in use");
  qidTaken_[*wanted - 1U] = true;
  return *wanted;
}

EvidenceSegment ControllerCore::addRawEvidence(std::uint16_t qid, std::uint32_t depth) {
  return environment_.evidence->addQueue(
      {.controllerSegment = segment_.id(), .qid = qid, .depth = depth, .owner = "metamode"},
      clock().ticks());
}

void ControllerCore::freeQid(std::uint16_t qid) noexcept {
  const std::scoped_lock lock(mutex_);
  if (qid <= qidTaken_.size()) qidTaken_[qid - 1U] = false;
}

std::uint32_t ControllerCore::adminCommand(const spec::Sqe& sqe, const std::string& what,
                                           const std::shared_ptr<DmaBuffer>& buffer) {
  const Completion done =
      admin()->execute(sqe, buffer, buffer ? buffer->size() : 0, environment_.adminTimeoutMs);
  if (done.outcome != Outcome::Completed) throw errorOf(done.outcome, address_ + " " + what);
  if (spec::Status{done.cqe.status()}.ok()) return done.cqe.dw0;
  throw Error("COMMAND_FAILED", address_ + " " + what + " ended with " +
                                    statusText(done.cqe.status()) + " (command " +
                                    std::to_string(done.sequence) + " of Q00)");
}

void ControllerCore::attach(const std::shared_ptr<ManagedQueue>& queue, std::uint64_t generation) {
  Outcome missed = Outcome::InFlight;
  {
    const std::scoped_lock lock(mutex_);
    if (generation != generation_.load()) {
      missed = lastEnd_;
    } else if (lost()) {
      missed = lossOutcome();  // its end of all may be over: nobody else would end this one
    } else {
      queues_.push_back(queue);
    }
  }
  if (missed != Outcome::InFlight) queue->end(missed);
}

void ControllerCore::detach(const ManagedQueue& queue) {
  std::shared_ptr<ManagedQueue> dropped;  // destroyed outside the lock
  const std::scoped_lock lock(mutex_);
  const auto found = std::find_if(queues_.begin(), queues_.end(),
                                  [&](const auto& kept) { return kept.get() == &queue; });
  if (found == queues_.end()) return;
  dropped = std::move(*found);
  queues_.erase(found);
}

std::vector<std::shared_ptr<ManagedQueue>> ControllerCore::queues() const {
  const std::scoped_lock lock(mutex_);
  return queues_;
}

void ControllerCore::haltAll() noexcept {
  for (const auto& queue : queues()) queue->halt();
}

void ControllerCore::resumeAll() noexcept {
  for (const auto& queue : queues()) queue->resume();
}

void ControllerCore::endAll(Outcome outcome) noexcept {
  std::vector<std::shared_ptr<ManagedQueue>> ending;
  {
    const std::scoped_lock lock(mutex_);
    ending.swap(queues_);
    abandoned_.clear();
    lastEnd_ = outcome;
    ++generation_;
  }
  for (const auto& queue : ending) queue->end(outcome);
}

}  // namespace doorbell::driver
