#include "support/scripted_function.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <cstring>

namespace doorbell::test {
namespace {

namespace reg = spec::reg;
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
  if (offset == reg::kCap) return static_cast<std::uint32_t>(cap);
  if (offset == reg::kCap + 4) return static_cast<std::uint32_t>(cap >> 32U);
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

std::byte* ScriptedFunction::entryAt(std::uint64_t bus, bool scattered, std::size_t offset,
                                     std::size_t size) {
  if (!scattered) return domain_->at(bus + offset, size);
  const std::size_t page = std::size_t{4096} << reg::pageSizeOf(registers_[reg::kCc]);
  const auto* entry = domain_->at(bus + offset / page * sizeof(std::uint64_t), sizeof(bus));
  if (entry == nullptr) return nullptr;
  std::memcpy(&bus, entry, sizeof(bus));
  return domain_->at(bus + offset % page, size);
}

bool ScriptedFunction::fetch(std::uint16_t qid) {
  const std::scoped_lock lock(mutex_);
  Queue& queue = queues_[qid];
  if (queue.sqDepth == 0) return false;
  const std::uint32_t tail = __atomic_load_n(&doorbell(2U * qid), __ATOMIC_ACQUIRE);
  if (queue.sqHead == tail) return false;
  spec::Sqe sqe;
  const auto* from =
      entryAt(queue.sqBus, queue.sqScattered, queue.sqHead * sizeof(sqe), sizeof(sqe));
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

void ScriptedFunction::complete(std::uint16_t qid, std::uint16_t cid, std::uint16_t status) {
  spec::Cqe cqe;
  cqe.cid = cid;
  cqe.statusPhase = static_cast<std::uint16_t>(status << 1U);
  post(qid, cqe);
}

void ScriptedFunction::completeUntoggled(std::uint16_t qid, std::uint16_t cid) {
  const std::scoped_lock lock(mutex_);
  Queue& queue = queues_[qid];
  spec::Cqe cqe;
  cqe.cid = cid;
  queue.phase = !queue.phase;
  postLocked(qid, cqe, false);
  queue.phase = !queue.phase;
}

void ScriptedFunction::post(std::uint16_t qid, spec::Cqe cqe, bool raw) {
  const std::scoped_lock lock(mutex_);
  postLocked(qid, cqe, raw);
}

void ScriptedFunction::postLocked(std::uint16_t qid, spec::Cqe cqe, bool raw) {
  Queue& queue = queues_[qid];
  auto* to = entryAt(queue.cqBus, queue.cqScattered, queue.cqTail * sizeof(cqe), sizeof(cqe));
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
