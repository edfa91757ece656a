#include "support/scripted_function.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <cstring>

#include "spec/identify.h"
#include "spec/opcode.h"
#include "spec/status.h"

namespace doorbell::test {
namespace {

using spec::AdminOpcode;
namespace reg = spec::reg;
constexpr std::uint64_t kCapValue =
    255 | (1ULL << 16U) | (1ULL << 24U) | (1ULL << 36U) | (1ULL << 37U);

}  // namespace

std::uint64_t ScriptedDomain::map(std::shared_ptr<platform::HostMemory> memory) {
  const std::scoped_lock lock(mutex_);
  const std::uint64_t bus = next_;
  next_ += memory->size() + 0x10000;
  mapped_[bus] = std::move(memory);
  return bus;
}

void ScriptedDomain::unmap(std::uint64_t busAddress) noexcept {
  const std::scoped_lock lock(mutex_);
  mapped_.erase(busAddress);
}

std::byte* ScriptedDomain::at(std::uint64_t busAddress, std::size_t length) {
  const std::scoped_lock lock(mutex_);
  auto found = mapped_.upper_bound(busAddress);
  if (found == mapped_.begin()) return nullptr;
  --found;
  const std::uint64_t offset = busAddress - found->first;
  if (offset + length > found->second->size()) return nullptr;
  return found->second->data() + offset;
}

std::size_t ScriptedDomain::mappings() {
  const std::scoped_lock lock(mutex_);
  return mapped_.size();
}

ScriptedFunction::ScriptedFunction() {
  for (auto& vector : vectors_) vector.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

ScriptedFunction::~ScriptedFunction() {
  thread_.request_stop();
  thread_.join();
  for (const auto& vector : vectors_) close(vector.fd);
}

void ScriptedFunction::onCommand(OnCommand handler) {
  const std::scoped_lock lock(mutex_);
  onCommand_ = std::move(handler);
}

void ScriptedFunction::onLoss(std::function<void(platform::LossReason)> handler) {
  const std::scoped_lock lock(mutex_);
  onLoss_ = std::move(handler);
}

std::uint32_t ScriptedFunction::configRead(std::uint32_t offset, unsigned /*width*/) {
  const std::scoped_lock lock(mutex_);
  if (!on_ || removed_) return UINT32_MAX;
  return offset == 4 ? command_ : 0;
}

void ScriptedFunction::configWrite(std::uint32_t offset, unsigned /*width*/, std::uint32_t value) {
  const std::scoped_lock lock(mutex_);
  if (offset == 4 && on_) command_ = value;
}

std::uint32_t ScriptedFunction::read32(std::uint64_t offset) {
  const std::scoped_lock lock(mutex_);
  if (!on_ || removed_ || (command_ & 2U) == 0) return UINT32_MAX;
  if (offset == reg::kCap) return static_cast<std::uint32_t>(kCapValue);
  if (offset == reg::kCap + 4) return static_cast<std::uint32_t>(kCapValue >> 32U);
  if (offset == reg::kVs) return 0x20000;
  return registers_[offset];
}

std::uint64_t ScriptedFunction::read64(std::uint64_t offset) {
  return read32(offset) | (std::uint64_t{read32(offset + 4)} << 32U);
}

void ScriptedFunction::write64(std::uint64_t offset, std::uint64_t value) {
  write32(offset, static_cast<std::uint32_t>(value));
  write32(offset + 4, static_cast<std::uint32_t>(value >> 32U));
}

void ScriptedFunction::write32(std::uint64_t offset, std::uint32_t value) {
  const std::scoped_lock lock(mutex_);
  if (!on_ || removed_ || (command_ & 2U) == 0) return;
  if (offset == reg::kNssr) return stopController();
  registers_[offset] = value;
  if (offset != reg::kCc) return;
  auto& csts = registers_[reg::kCsts];
  if ((value & 1U) == 0) return stopController();
  const std::uint32_t shutdown = (value >> 14U) & 3U;
  csts = (neverReady ? 0U : 1U) | (shutdown != 0 ? 2U << 2U : 0U);
  if (queues_[0].sqDepth != 0) return;
  // What was rung while no queue existed is forgotten.
  for (auto& doorbell : doorbells_) __atomic_store_n(&doorbell, 0U, __ATOMIC_RELAXED);
  const std::uint32_t aqa = registers_[reg::kAqa];
  const auto bus = [&](std::uint32_t at) {
    return registers_[at] | (std::uint64_t{registers_[at + 4]} << 32U);
  };
  queues_[0] = {.sqBus = bus(reg::kAsq),
                .cqBus = bus(reg::kAcq),
                .sqDepth = (aqa & 0xfffU) + 1,
                .cqDepth = ((aqa >> 16U) & 0xfffU) + 1,
                .vector = 0};
}

void ScriptedFunction::stopController() {
  registers_[reg::kCsts] = 0;
  registers_[reg::kCc] &= ~1U;
  queues_.fill({});
  for (auto& doorbell : doorbells_) __atomic_store_n(&doorbell, 0U, __ATOMIC_RELAXED);
}

void ScriptedFunction::enableInterrupts(unsigned /*count*/) {
  const std::scoped_lock lock(mutex_);
  for (auto& vector : vectors_) vector.masked = true;
}

void ScriptedFunction::maskInterrupt(unsigned vector, bool masked) noexcept {
  const std::scoped_lock lock(mutex_);
  vectors_.at(vector).masked = masked;
  if (!masked && std::exchange(vectors_.at(vector).pending, false)) raise(vectors_.at(vector));
}

void ScriptedFunction::raise(Vector& vector) noexcept {
  if (vector.masked) {
    vector.pending = true;
    return;
  }
  eventfd_write(vector.fd, 1);
}

void ScriptedFunction::reset(platform::ResetKind /*kind*/) {
  const std::scoped_lock lock(mutex_);
  stopController();
  command_ = 0;
}

void ScriptedFunction::on() {
  const std::scoped_lock lock(mutex_);
  on_ = true;
}

void ScriptedFunction::lose(platform::LossReason reason) {
  std::function<void(platform::LossReason)> handler;
  {
    const std::scoped_lock lock(mutex_);
    if (!on_ || removed_) return;
    stopController();
    command_ = 0;
    if (reason == platform::LossReason::Removed) {
      removed_ = true;
    } else {
      on_ = false;
    }
    handler = onLoss_;
  }
  if (handler) handler(reason);
}

std::vector<spec::Sqe> ScriptedFunction::seen(std::uint16_t qid) {
  const std::scoped_lock lock(mutex_);
  return seen_[qid];
}

void ScriptedFunction::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    bool busy = false;
    for (std::uint16_t qid = 0; qid < kQueues; ++qid) busy = fetch(qid) || busy;
    if (!busy) std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
}

bool ScriptedFunction::fetch(std::uint16_t qid) {
  const std::scoped_lock lock(mutex_);
  Queue& queue = queues_[qid];
  if (queue.sqDepth == 0) return false;
  const std::uint32_t tail = __atomic_load_n(&doorbells_[2U * qid], __ATOMIC_ACQUIRE);
  if (queue.sqHead == tail) return false;
  spec::Sqe sqe;
  const auto* from = domain_->at(queue.sqBus + queue.sqHead * sizeof(sqe), sizeof(sqe));
  if (from == nullptr) return false;
  std::memcpy(&sqe, from, sizeof(sqe));
  queue.sqHead = (queue.sqHead + 1) % queue.sqDepth;
  seen_[qid].push_back(sqe);
  handle(qid, sqe);
  return true;
}

void ScriptedFunction::handle(std::uint16_t qid, const spec::Sqe& sqe) {
  spec::Cqe cqe;
  cqe.cid = sqe.cid;
  std::optional<std::uint16_t> status;
  if (qid == 0)
    status = admin(sqe, cqe.dw0);
  else if (onCommand_)
    status = onCommand_(qid, sqe);
  if (!status) return;
  cqe.statusPhase = static_cast<std::uint16_t>(*status << 1U);
  postLocked(qid, cqe, false);
}

std::uint16_t ScriptedFunction::identify(const spec::Sqe& sqe) {
  auto* page = domain_->at(sqe.prp1, spec::kIdentifyBytes);
  if (page == nullptr) return spec::status::kDataTransferError.raw;
  std::memset(page, 0, spec::kIdentifyBytes);
  if (sqe.cdw10 == static_cast<std::uint32_t>(spec::Cns::Controller)) {
    spec::IdentifyController controller;
    std::memcpy(controller.mn.data(), "SCRIPTED ", 9);
    std::memcpy(controller.sn.data(), "S1  ", 4);
    controller.mdts = 5;
    std::memcpy(page, &controller, sizeof(controller));
  } else if (sqe.cdw10 == static_cast<std::uint32_t>(spec::Cns::ActiveNamespaceList) &&
             sqe.nsid == 0) {
    page[0] = std::byte{1};
  }
  return identifyStatus;
}

std::optional<std::uint16_t> ScriptedFunction::admin(const spec::Sqe& sqe, std::uint32_t& dw0) {
  if (hangAdmin) return std::nullopt;
  const auto qid = static_cast<std::uint16_t>(sqe.cdw10);
  switch (static_cast<AdminOpcode>(sqe.opcode)) {
    case AdminOpcode::Identify:
      return identify(sqe);
    case AdminOpcode::SetFeatures:
      dw0 = ((kQueues - 2) << 16U) | (kQueues - 2);
      return std::uint16_t{0};
    case AdminOpcode::CreateIoCq:
      queues_.at(qid) = {.cqBus = sqe.prp1, .cqDepth = (sqe.cdw10 >> 16U) + 1};
      if ((sqe.cdw11 & 2U) != 0) queues_.at(qid).vector = sqe.cdw11 >> 16U;
      return std::uint16_t{0};
    case AdminOpcode::CreateIoSq:
      __atomic_store_n(&doorbells_.at(2U * qid), 0U, __ATOMIC_RELAXED);
      queues_.at(qid).sqBus = sqe.prp1;
      queues_.at(qid).sqDepth = (sqe.cdw10 >> 16U) + 1;
      return std::uint16_t{0};
    case AdminOpcode::DeleteIoSq:
      queues_.at(qid).sqDepth = 0;
      return std::uint16_t{0};
    case AdminOpcode::DeleteIoCq:
      queues_.at(qid) = {};
      return std::uint16_t{0};
    default:
      return onCommand_ ? onCommand_(0, sqe) : std::optional<std::uint16_t>(0);
  }
}

void ScriptedFunction::complete(std::uint16_t qid, std::uint16_t cid, std::uint16_t status) {
  spec::Cqe cqe;
  cqe.cid = cid;
  cqe.statusPhase = static_cast<std::uint16_t>(status << 1U);
  post(qid, cqe);
}

void ScriptedFunction::post(std::uint16_t qid, spec::Cqe cqe, bool raw) {
  const std::scoped_lock lock(mutex_);
  postLocked(qid, cqe, raw);
}

void ScriptedFunction::postLocked(std::uint16_t qid, spec::Cqe cqe, bool raw) {
  Queue& queue = queues_[qid];
  auto* to = domain_->at(queue.cqBus + queue.cqTail * sizeof(cqe), sizeof(cqe));
  if (queue.cqDepth == 0 || to == nullptr) return;
  if (!raw) {
    cqe.sqHead = static_cast<std::uint16_t>(queue.sqHead);
    cqe.sqId = qid;
  }
  cqe.statusPhase = static_cast<std::uint16_t>((cqe.statusPhase & ~1U) | (queue.phase ? 1U : 0U));
  std::uint64_t halves[2];
  std::memcpy(halves, &cqe, sizeof(cqe));
  std::memcpy(to, halves, sizeof(halves[0]));
  // Release: the half with the phase tag appears after the other.
  __atomic_store_n(reinterpret_cast<std::uint64_t*>(to) + 1, halves[1], __ATOMIC_RELEASE);
  if (++queue.cqTail == queue.cqDepth) {
    queue.cqTail = 0;
    queue.phase = !queue.phase;
  }
  if (queue.vector) raise(vectors_.at(*queue.vector));
}

}  // namespace doorbell::test
