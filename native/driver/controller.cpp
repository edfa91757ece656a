#include "driver/controller.h"

#include <algorithm>
#include <sstream>

#include "driver/outcome.h"
#include "platform/error.h"

namespace doorbell::driver {
namespace {

using evidence::ControllerState;
using evidence::Outcome;
using spec::reg::ShutdownNotification;

constexpr std::uint32_t kRdy = 1;
constexpr std::uint32_t kShutdownStatus = 3U << 2U;
constexpr std::uint32_t kShutdownComplete = 2U << 2U;

}  // namespace

Controller::Controller(std::shared_ptr<platform::PciFunction> function, Environment environment)
    : core_(ControllerCore::create(std::move(function), std::move(environment))) {}

Controller::~Controller() { close(); }

std::uint64_t Controller::readRegister(std::uint64_t offset, unsigned width) const {
  if (width != 4 && width != 8)
    throw Error("OUT_OF_RANGE",
                "a register is read with 4 or 8 bytes, not " + std::to_string(width));
  const auto device = core_->function();
  return width == 4 ? device->read32(offset) : device->read64(offset);
}

void Controller::writeRegister(std::uint64_t offset, unsigned width, std::uint64_t value) {
  if (width != 4 && width != 8)
    throw Error("OUT_OF_RANGE",
                "a register is written with 4 or 8 bytes, not " + std::to_string(width));
  const auto device = core_->function();
  if (width == 4) {
    device->write32(offset, static_cast<std::uint32_t>(value));
  } else {
    device->write64(offset, value);
  }
}

std::uint32_t Controller::configRead(std::uint32_t offset, unsigned width) const {
  return core_->function()->configRead(offset, width);
}

void Controller::configWrite(std::uint32_t offset, unsigned width, std::uint32_t value) {
  core_->function()->configWrite(offset, width, value);
}

ControllerInfo Controller::initialize(const InitOptions& options) {
  const std::scoped_lock operation(core_->operation());
  core_->throwUnlessReachable();
  core_->enableMemorySpace();
  ControllerInfo info = runEnableSequence(*core_, options);
  pruneWorkers();
  return info;
}

AdminQueueRegisters Controller::prepareAdmin(const AdminQueueOptions& options) {
  const std::scoped_lock operation(core_->operation());
  core_->throwUnlessReachable();
  core_->enableMemorySpace();
  const AdminQueueRegisters prepared = prepareAdminQueue(*core_, options);
  pruneWorkers();
  return prepared;
}

std::uint32_t Controller::awaitCsts(std::uint32_t mask, std::uint32_t value,
                                    std::uint32_t timeoutMs) {
  core_->throwUnlessReachable();
  const bool reached = core_->awaitCsts(mask, value, timeoutMs);
  core_->throwUnlessReachable();
  if (reached) return core_->csts().raw;
  std::ostringstream wanted;
  wanted << std::hex << ": waiting " << std::dec << timeoutMs << " ms for CSTS & 0x" << std::hex
         << mask << " = 0x" << value << " (it is 0x" << core_->csts().raw << ")";
  throw errorOf(Outcome::TimedOut, address() + wanted.str());
}

ControllerInfo Controller::adopt(const AdoptOptions& options) {
  const std::scoped_lock operation(core_->operation());
  core_->throwUnlessReachable();
  return adoptController(*core_, options);
}

void Controller::disable() {
  const std::scoped_lock operation(core_->operation());
  core_->throwUnlessReachable();
  core_->haltAll();
  const bool disabled = core_->disableDevice();
  core_->throwUnlessReachable();
  // A controller that hangs must not reach the memory that is given back next.
  if (!disabled) core_->setBusMaster(false);
  core_->setState(disabled ? ControllerState::Disabled : ControllerState::Fatal);
  core_->endAll(Outcome::Reset);
  if (!disabled) throw errorOf(Outcome::TimedOut, address() + ": disabling it (CC.EN = 0)");
}

void Controller::shutdown(ShutdownKind kind) {
  const std::scoped_lock operation(core_->operation());
  core_->throwUnlessReady();
  core_->haltAll();
  const auto notification =
      kind == ShutdownKind::Normal ? ShutdownNotification::Normal : ShutdownNotification::Abrupt;
  const std::uint32_t cc = core_->cc() & ~(3U << 14U);
  core_->function()->write32(spec::reg::kCc,
                             cc | (static_cast<std::uint32_t>(notification) << 14U));
  const bool done =
      core_->awaitCsts(kShutdownStatus, kShutdownComplete, core_->limits().shutdownMs);
  core_->throwUnlessReachable();
  if (!done) {
    core_->resumeAll();
    throw errorOf(Outcome::TimedOut, address() + ": shutting it down (CSTS.SHST)");
  }
  core_->setState(ControllerState::ShutDown);
  core_->endAll(Outcome::Reset);
}

std::shared_ptr<Qpair> Controller::createQpair(const QpairOptions& options) {
  const std::scoped_lock operation(core_->operation());
  const std::uint64_t generation = core_->generation();
  auto queue = core_->createQueue(options, "script", core_->limits().maxTransfer);
  auto qpair = std::make_shared<Qpair>(core_, std::move(queue));
  core_->notifier().add(qpair);
  core_->attach(qpair, generation);
  return qpair;
}

std::shared_ptr<DmaBuffer> Controller::allocateInMemory(std::size_t size) const {
  if (size == 0) throw Error("OUT_OF_RANGE", "a DMA buffer has at least 1 byte");
  const auto memory = core_->memory();
  const std::size_t page = std::size_t{4096} << spec::reg::pageSizeOf(core_->cc());
  return std::make_shared<DmaBuffer>(size, memory->allocate(size, page), core_->dmaScope());
}

std::shared_ptr<IoWorker> Controller::startIoWorker(const IoWorkerSpec& spec) {
  const std::scoped_lock operation(core_->operation());
  core_->throwUnlessReady();
  pruneWorkers();
  checkSpec(spec, core_->cap().mqes());
  auto verifier = verifierFor(spec);
  const std::uint64_t generation = core_->generation();
  const std::size_t pageBytes = std::size_t{4096} << spec::reg::pageSizeOf(core_->cc());
  auto buffers = std::make_unique<IoBuffers>(spec, core_->dmaScope()->domain, pageBytes);
  const QpairOptions options{.depth = spec.qdepth + 1,
                             .priority = spec.priority,
                             .interrupts = false,
                             .lbaBytes = spec.lbaBytes,
                             .logged = spec.logged};
  auto worker = std::make_shared<IoWorker>(core_, core_->createQueue(options, "ioworker", 0),
                                           std::move(buffers), spec, std::move(verifier));
  core_->attach(worker, generation);
  {
    const std::scoped_lock lock(workersMutex_);
    workers_.push_back(worker);
  }
  worker->start();
  return worker;
}

/// Null when its namespace is not verified.
std::shared_ptr<Verifier> Controller::verifierFor(const IoWorkerSpec& spec) const {
  Verifiers found;
  core_->findVerifiers(spec.nsid, found);
  if (found.empty()) return nullptr;
  if (found[0]->stride() == spec.lbaBytes) return found[0];
  throw Error("OUT_OF_RANGE", "ioworker: blocks of " + std::to_string(spec.lbaBytes) +
                                  " bytes, but namespace " + std::to_string(spec.nsid) +
                                  " is verified in blocks of " +
                                  std::to_string(found[0]->stride()));
}

/// Lets go of workers whose queue pair is gone.
void Controller::pruneWorkers() {
  const std::scoped_lock lock(workersMutex_);
  std::erase_if(workers_, [this](const auto& worker) {
    if (!worker->released()) return false;
    core_->detach(*worker);
    return true;
  });
}

void Controller::reset(ControllerReset kind) {
  const std::scoped_lock operation(core_->operation());
  core_->throwUnlessReachable();
  if (kind == ControllerReset::Subsystem && !core_->cap().nssrs()) {
    throw Error("NOT_SUPPORTED", address() + " has no NVM Subsystem Reset (CAP.NSSRS = 0)");
  }
  core_->haltAll();
  const auto device = core_->function();
  if (kind == ControllerReset::Subsystem) {
    device->write32(spec::reg::kNssr, spec::reg::kNssrMagic);
  } else {
    device->reset(kind == ControllerReset::Hot ? platform::ResetKind::Hot
                                               : platform::ResetKind::FunctionLevel);
  }
  core_->enableMemorySpace();
  const bool quiet = core_->awaitCsts(kRdy, 0, std::max(core_->cap().timeoutMs(), 500U));
  core_->throwUnlessReachable();
  core_->setBusMaster(false);
  core_->setState(quiet ? ControllerState::Disabled : ControllerState::Fatal);
  core_->endAll(Outcome::Reset);
  if (!quiet) throw errorOf(Outcome::TimedOut, address() + ": resetting it (CSTS.RDY = 0)");
}

platform::PowerSwitch& Controller::powerSwitch(platform::PciFunction& function) const {
  if (auto* power = function.power()) return *power;
  throw Error("PLATFORM_LIMIT", "nothing can switch the supply of " + address());
}

std::shared_ptr<platform::FaultInjector> Controller::faults() const {
  auto device = core_->function();
  auto* faults = device->faults();
  if (faults != nullptr) return {std::move(device), faults};
  throw Error("PLATFORM_LIMIT", "nothing can inject faults into " + address());
}

void Controller::powerOff() {
  // Like pulling a plug, it waits for no other verb: those end with POWER_LOST.
  const auto device = core_->function();
  powerSwitch(*device).off();
}

void Controller::powerOn() {
  const auto device = core_->function();
  powerSwitch(*device).on();
  const std::scoped_lock operation(core_->operation());
  core_->powerRestored();
}

void Controller::close() noexcept {
  {
    const std::scoped_lock operation(core_->operation());
    if (core_->isClosed()) return;
    core_->haltAll();
    try {
      if (!core_->lost()) {
        (void)core_->disableDevice();
        core_->setBusMaster(false);
      }
    } catch (const Error&) {
      // It went away meanwhile: there is nothing left to disable.
    }
    core_->closeDown();
  }
  std::vector<std::shared_ptr<IoWorker>> ending;
  {
    const std::scoped_lock lock(workersMutex_);
    ending.swap(workers_);
  }
  // Their queue pairs ended above; the threads follow at once.
  for (const auto& worker : ending) worker->join();
}

}  // namespace doorbell::driver
