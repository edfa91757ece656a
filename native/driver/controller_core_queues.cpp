// The queue pairs of a controller: made, created and deleted on the device, halted and ended
// together.
#include <algorithm>
#include <sstream>

#include "driver/controller_core.h"
#include "driver/outcome.h"
#include "driver/qpair.h"
#include "platform/error.h"
#include "spec/opcode.h"

namespace doorbell::driver {
namespace {

using evidence::Outcome;

constexpr std::uint32_t kPhysicallyContiguous = 1;
constexpr std::size_t kAdminTransfer = 2U << 20U;

spec::Sqe adminSqe(spec::AdminOpcode opcode, std::uint32_t cdw10, std::uint32_t cdw11,
                   std::uint64_t prp1) {
  spec::Sqe sqe;
  sqe.opcode = static_cast<std::uint8_t>(opcode);
  sqe.prp1 = prp1;
  sqe.cdw10 = cdw10;
  sqe.cdw11 = cdw11;
  return sqe;
}

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
  recipe.pageBytes = 4096U << cap().mpsMin();
  recipe.controllerSegment = segment_.id();
  recipe.generation = generation();
  return std::make_unique<QueueResources>(recipe, *function(), dmaScope()->domain,
                                          *environment_.evidence, *environment_.clock, *this);
}

QueueAddresses ControllerCore::makeAdmin(std::uint32_t depth) {
  QueueRecipe recipe{.qid = 0, .depth = depth, .maxTransfer = kAdminTransfer, .owner = "admin"};
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

void ControllerCore::enableVectors(unsigned count) {
  const auto device = function();
  vectors_ = std::min(count, device->interruptVectors());
  if (vectors_ > 0) device->enableInterrupts(vectors_);
  notifier_.watchVectors(vectors_);
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

void ControllerCore::freeQid(std::uint16_t qid) noexcept {
  const std::scoped_lock lock(mutex_);
  if (qid <= qidTaken_.size()) qidTaken_[qid - 1U] = false;
}

std::unique_ptr<QueueResources> ControllerCore::createQueue(const QpairOptions& options,
                                                            const std::string& owner,
                                                            std::size_t maxTransfer) {
  throwUnlessReady();
  checkDepth(options.depth);
  if (options.priority > 3) {
    throw Error("OUT_OF_RANGE", "a queue priority is 0 (urgent) to 3 (low), not " +
                                    std::to_string(options.priority));
  }
  QueueRecipe recipe{.qid = takeQid(),
                     .depth = options.depth,
                     .lbaBytes = options.lbaBytes,
                     .maxTransfer = maxTransfer,
                     .owner = owner};
  if (options.interrupts && vectors_ > 0)
    recipe.vector = vectors_ == 1 ? 0 : 1 + (recipe.qid - 1U) % (vectors_ - 1);
  std::unique_ptr<QueueResources> queue;
  try {
    queue = makeResources(recipe);
    createOnDevice(*queue, options.priority);
    return queue;
  } catch (const Error& error) {
    if (error.code() == "TIMEOUT" && queue) {
      // The device may still create it: its memory and qid stay taken until the next end of all.
      const std::scoped_lock lock(mutex_);
      abandoned_.push_back(std::move(queue));
    } else {
      freeQid(recipe.qid);
    }
    throw;
  }
}

void ControllerCore::createOnDevice(const QueueResources& queue, std::uint32_t priority) {
  const QueueRecipe& recipe = queue.recipe();
  const std::uint32_t name = recipe.qid;
  const std::uint32_t size = (recipe.depth - 1) << 16U;
  const std::uint32_t interrupt = recipe.vector ? (*recipe.vector << 16U) | 2U : 0;
  adminCommand(adminSqe(spec::AdminOpcode::CreateIoCq, size | name,
                        interrupt | kPhysicallyContiguous, queue.cqBus()),
               "Create I/O Completion Queue");
  try {
    adminCommand(adminSqe(spec::AdminOpcode::CreateIoSq, size | name,
                          (name << 16U) | (priority << 1U) | kPhysicallyContiguous, queue.sqBus()),
                 "Create I/O Submission Queue");
  } catch (const Error& error) {
    // After a time-out the device may still make it: the caller keeps the memory of both.
    if (error.code() != "TIMEOUT" && ready_.load())
      adminCommand(adminSqe(spec::AdminOpcode::DeleteIoCq, name, 0, 0),
                   "Delete I/O Completion Queue");
    throw;
  }
}

bool ControllerCore::deleteQueue(std::uint16_t qid, std::uint64_t generation,
                                 const std::function<void()>& afterSq) {
  const auto remove = [&](spec::AdminOpcode opcode) {
    if (generation != this->generation()) return true;
    try {
      adminCommand(adminSqe(opcode, qid, 0, 0), "deleting Q" + std::to_string(qid));
      return true;
    } catch (const Error& error) {
      // Refused: a test deleted it behind our back. Not ready or lost: it ended with its
      // generation.
      return error.code() != "TIMEOUT" && error.code() != "QUEUE_FULL";
    }
  };
  if (!remove(spec::AdminOpcode::DeleteIoSq)) return false;
  afterSq();
  if (!remove(spec::AdminOpcode::DeleteIoCq)) return false;
  if (generation == this->generation()) freeQid(qid);
  return true;
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
