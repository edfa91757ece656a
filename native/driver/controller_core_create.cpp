// Queue pairs created and deleted on the device.
#include "driver/controller_core.h"
#include "platform/error.h"
#include "spec/opcode.h"

namespace doorbell::driver {
namespace {

constexpr std::uint32_t kPhysicallyContiguous = 1;

spec::Sqe adminSqe(spec::AdminOpcode opcode, std::uint32_t cdw10, std::uint32_t cdw11,
                   std::uint64_t prp1) {
  spec::Sqe sqe;
  sqe.opcode = static_cast<std::uint8_t>(opcode);
  sqe.prp1 = prp1;
  sqe.cdw10 = cdw10;
  sqe.cdw11 = cdw11;
  return sqe;
}

}  // namespace

std::optional<unsigned> ControllerCore::vectorFor(const QpairOptions& options, std::uint16_t qid) {
  if (!options.interrupts || (vectors_ == 0 && !options.vector)) return std::nullopt;
  if (options.vector && *options.vector >= vectors_) {
    throw Error("OUT_OF_RANGE", "interrupt vector " + std::to_string(*options.vector) + ": " +
                                    address_ + " has " + std::to_string(vectors_) + " enabled");
  }
  if (options.vector) return *options.vector;
  return vectors_ == 1 ? 0 : 1 + (qid - 1U) % (vectors_ - 1);
}

void ControllerCore::placeQueues(const QpairOptions& options, QueueRecipe& recipe) const {
  const auto wanted = options.inController;
  if (!wanted.sq && !wanted.cq) return;
  if (!options.contiguous) {
    throw Error("NOT_SUPPORTED",
                "the driver lays queues out contiguously in a Controller Memory Buffer: leave "
                "contiguous away, or use metamode");
  }
  const auto memory = this->memory();
  const auto holds = memory->holds();
  if ((wanted.sq && !holds.sqs()) || (wanted.cq && !holds.cqs())) {
    throw Error("NOT_SUPPORTED", "the Controller Memory Buffer of " + address_ + " holds no " +
                                     (wanted.sq && !holds.sqs() ? "submission" : "completion") +
                                     " queues (CMBSZ)");
  }
  if (wanted.sq) recipe.sqMemory = memory;
  if (wanted.cq) recipe.cqMemory = memory;
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
  if (!options.contiguous && cap().cqr()) {
    throw Error("NOT_SUPPORTED", address_ + " requires physically contiguous queues (CAP.CQR = 1)");
  }
  QueueRecipe recipe{.qid = takeQid(),
                     .depth = options.depth,
                     .lbaBytes = options.lbaBytes,
                     .pageBytes = 4096U << spec::reg::pageSizeOf(cc()),
                     .contiguous = options.contiguous,
                     .logged = options.logged,
                     .maxTransfer = maxTransfer,
                     .owner = owner};
  std::unique_ptr<QueueResources> queue;
  bool leftovers = false;
  try {
    recipe.vector = vectorFor(options, recipe.qid);
    placeQueues(options, recipe);
    queue = makeResources(recipe);
    createOnDevice(*queue, options.priority, leftovers);
    return queue;
  } catch (const Error&) {
    if (leftovers) {
      // The device may know it still: its memory and qid stay taken until the next end of all.
      const std::scoped_lock lock(mutex_);
      abandoned_.push_back(std::move(queue));
    } else {
      freeQid(recipe.qid);
    }
    throw;
  }
}

void ControllerCore::createOnDevice(const QueueResources& queue, std::uint32_t priority,
                                    bool& leftovers) {
  const QueueRecipe& recipe = queue.recipe();
  const std::uint32_t name = recipe.qid;
  const std::uint32_t size = (recipe.depth - 1) << 16U;
  const std::uint32_t contiguous = recipe.contiguous ? kPhysicallyContiguous : 0;
  const std::uint32_t interrupt = recipe.vector ? (*recipe.vector << 16U) | 2U : 0;
  // What a time-out leaves behind nobody knows; a refusal leaves nothing.
  const auto create = [&](spec::AdminOpcode opcode, std::uint32_t cdw11, std::uint64_t bus,
                          const char* what) {
    try {
      adminCommand(adminSqe(opcode, size | name, cdw11, bus), what);
    } catch (const Error& error) {
      leftovers = leftovers || error.code() == "TIMEOUT";
      throw;
    }
  };
  create(spec::AdminOpcode::CreateIoCq, interrupt | contiguous, queue.cqBus(),
         "Create I/O Completion Queue");
  leftovers = true;
  try {
    create(spec::AdminOpcode::CreateIoSq, (name << 16U) | (priority << 1U) | contiguous,
           queue.sqBus(), "Create I/O Submission Queue");
  } catch (const Error& error) {
    if (error.code() == "COMMAND_FAILED") {
      adminCommand(adminSqe(spec::AdminOpcode::DeleteIoCq, name, 0, 0),
                   "Delete I/O Completion Queue");
      leftovers = false;
    }
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
      // Nothing was sent: the caller may try again.
      if (error.code() == "QUEUE_FULL") throw;
      // Refused: a test deleted it behind our back. Not ready or lost: it ended with its
      // generation.
      return error.code() != "TIMEOUT";
    }
  };
  if (!remove(spec::AdminOpcode::DeleteIoSq)) return false;
  afterSq();
  if (!remove(spec::AdminOpcode::DeleteIoCq)) return false;
  if (generation == this->generation()) freeQid(qid);
  return true;
}

}  // namespace doorbell::driver
