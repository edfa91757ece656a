#include "driver/controller_core.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "driver/command_log.h"
#include "driver/outcome.h"
#include "driver/qpair.h"
#include "platform/error.h"
#include "spec/identify.h"

namespace doorbell::driver {
namespace {

using evidence::ControllerState;
using evidence::Outcome;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint32_t kAllOnes = UINT32_MAX;
constexpr std::uint32_t kCommand = 0x04;  // PCI configuration space
constexpr std::uint32_t kMemorySpace = 1U << 1U;
constexpr std::uint32_t kBusMaster = 1U << 2U;
constexpr std::uint32_t kEnable = 1U;  // CC.EN and CSTS.RDY
constexpr std::uint32_t kShutdownField = 3U << 14U;
constexpr int kLossReportMs = 50;

struct MalformedText {
  const char* name;  ///< `NativeDriverEvent.reason`
  const char* sentence;
};
/// By Malformed.
constexpr std::array<MalformedText, 5> kMalformed{{
    {"unknown-cid", "no command with its CID was ever sent"},
    {"duplicate-cid", "the command with its CID had completed before"},
    {"wrong-sqid", "there is no submission queue with its SQ identifier"},
    {"unexpected-queue",
     "its SQ identifier is another queue's, with a completion queue of its own"},
    {"sq-head", "its SQ head pointer is outside the queue's outstanding entries"},
}};

}  // namespace

std::shared_ptr<ControllerCore> ControllerCore::create(
    std::shared_ptr<platform::PciFunction> function, Environment environment) {
  const std::shared_ptr<ControllerCore> core(
      new ControllerCore(std::move(function), std::move(environment)));
  core->function_->onLoss([weak = std::weak_ptr(core)](platform::LossReason reason) {
    if (const auto alive = weak.lock()) alive->onLoss(reason);
  });
  return core;
}

ControllerCore::ControllerCore(std::shared_ptr<platform::PciFunction> function,
                               Environment environment)
    : environment_(std::move(environment)),
      address_(function->address()),
      segment_(environment_.evidence->addController(address_, environment_.clock->ticks())),
      notifier_(function, environment_.clock),
      function_(std::move(function)),
      scope_(std::make_shared<DmaScope>(DmaScope{function_->dma()})) {
  if (const auto* power = function_->power(); power != nullptr && !power->isOn()) {
    loss_ = Loss::PowerLost;
    setState(ControllerState::PoweredOff);
  } else {
    enableMemorySpace();
    evidence().cap = function_->read64(spec::reg::kCap);
    evidence().vs = function_->read32(spec::reg::kVs);
  }
}

std::shared_ptr<platform::PciFunction> ControllerCore::functionIfOpen() const noexcept {
  const std::scoped_lock lock(mutex_);
  return function_;
}

std::shared_ptr<platform::PciFunction> ControllerCore::function() const {
  auto function = functionIfOpen();
  if (!function) throw errorOf(Outcome::Closed, address_);
  return function;
}

std::shared_ptr<DmaScope> ControllerCore::dmaScope() const {
  const std::scoped_lock lock(mutex_);
  if (!scope_) throw errorOf(Outcome::Closed, address_);
  return scope_;
}

bool ControllerCore::awaitCsts(std::uint32_t mask, std::uint32_t value,
                               std::uint32_t timeoutMs) const {
  const auto giveUp = steady_clock::now() + milliseconds(timeoutMs);
  auto nap = std::chrono::microseconds(10);
  const auto device = function();
  while (!lost()) {
    const std::uint32_t csts = device->read32(spec::reg::kCsts);
    if (csts == kAllOnes) {
      // A loss is reported at once: the verb shall end with it, not with a time-out.
      for (int i = 0; i < kLossReportMs && !lost(); ++i)
        std::this_thread::sleep_for(milliseconds(1));
      return false;
    }
    if ((csts & mask) == value) return true;
    if (steady_clock::now() > giveUp) return false;
    std::this_thread::sleep_for(nap);
    nap = std::min(nap * 2, std::chrono::microseconds(1000));
  }
  return false;
}

bool ControllerCore::disableDevice() {
  const std::uint32_t config = cc();
  if ((config & kEnable) != 0)
    function()->write32(spec::reg::kCc, config & ~(kEnable | kShutdownField));
  return awaitCsts(kEnable, 0, std::max(cap().timeoutMs(), 500U));
}

void ControllerCore::setBusMaster(bool enabled) {
  const auto device = function();
  const std::uint32_t command = device->configRead(kCommand, 2);
  device->configWrite(kCommand, 2, enabled ? command | kBusMaster : command & ~kBusMaster);
}

void ControllerCore::enableMemorySpace() {
  const auto device = function();
  device->configWrite(kCommand, 2, device->configRead(kCommand, 2) | kMemorySpace);
}

void ControllerCore::throwUnlessReachable() const {
  if (const Outcome outcome = lossOutcome(); outcome != Outcome::InFlight)
    throw errorOf(outcome, address_);
}

Outcome ControllerCore::lossOutcome() const noexcept {
  switch (loss_.load()) {
    case Loss::None:
      break;
    case Loss::PowerLost:
      return Outcome::PowerLost;
    case Loss::Removed:
      return Outcome::Removed;
    case Loss::Closed:
      return Outcome::Closed;
  }
  return Outcome::InFlight;
}

void ControllerCore::throwUnlessReady() const {
  throwUnlessReachable();
  if (!ready_.load())
    throw Error("CONTROLLER_NOT_READY", address_ + " is not enabled: initialise it first");
}

bool ControllerCore::powered() const noexcept {
  const auto device = functionIfOpen();
  if (!device) return false;
  const auto* power = device->power();
  return power != nullptr ? power->isOn() : !lost();
}

void ControllerCore::setState(ControllerState state) noexcept {
  const std::scoped_lock lock(mutex_);
  // A verb that a loss overtook has nothing to say any more.
  const bool byLoss = state == ControllerState::PoweredOff || state == ControllerState::Removed ||
                      state == ControllerState::Closed;
  if (lost() && !byLoss) return;
  ready_ = state == ControllerState::Ready;
  shared::store(segment_.controller().state, static_cast<std::uint32_t>(state),
                std::memory_order_release);
}

void ControllerCore::powerRestored() {
  auto expected = loss_.load();
  // One that was pulled out is back in its slot.
  const bool absent = expected == Loss::PowerLost || expected == Loss::Removed;
  if (!absent || !loss_.compare_exchange_strong(expected, Loss::None)) return;
  enableMemorySpace();
  setState(ControllerState::Disabled);
}

void ControllerCore::onLoss(platform::LossReason reason) noexcept {
  const bool removed = reason == platform::LossReason::Removed;
  auto expected = Loss::None;
  if (!loss_.compare_exchange_strong(expected, removed ? Loss::Removed : Loss::PowerLost)) return;
  setState(removed ? ControllerState::Removed : ControllerState::PoweredOff);
  Verifiers verifiers;
  findVerifiers(spec::kBroadcastNsid, verifiers);
  for (const auto& verifier : verifiers) verifier->powerLost();
  endAll(removed ? Outcome::Removed : Outcome::PowerLost);
  emit({.kind = removed ? "removed" : "power-lost",
        .message = address_ + (removed ? " was removed" : " lost power")});
}

void ControllerCore::closeDown() noexcept {
  if (loss_.exchange(Loss::Closed) == Loss::Closed) return;
  endAll(Outcome::Closed);
  setState(ControllerState::Closed);
  environment_.evidence->retire(segment_.id());
  notifier_.stop();
  const std::scoped_lock lock(mutex_);
  admin_.reset();
  scope_.reset();
  function_.reset();
  eventHandlers_.clear();
}

std::uint64_t ControllerCore::addEventHandler(EventHandler handler) {
  const std::scoped_lock lock(mutex_);
  eventHandlers_.emplace(nextHandler_, std::move(handler));
  return nextHandler_++;
}

void ControllerCore::dropEventHandler(std::uint64_t number) noexcept {
  const std::scoped_lock lock(mutex_);
  eventHandlers_.erase(number);
}

void ControllerCore::emit(const DriverEvent& event) noexcept {
  std::map<std::uint64_t, EventHandler> handlers;
  {
    const std::scoped_lock lock(mutex_);
    handlers = eventHandlers_;
  }
  for (const auto& [number, handler] : handlers) handler(event);
}

void ControllerCore::malformed(std::uint16_t qid, const spec::Cqe& cqe, Malformed reason) noexcept {
  if (reason == Malformed::WrongSqId && hasQueue(cqe.sqId)) reason = Malformed::UnexpectedQueue;
  const MalformedText& text = kMalformed.at(static_cast<std::size_t>(reason));
  emit({.kind = "malformed-completion",
        .message = address_ + " Q" + std::to_string(qid) +
                   ": a malformed completion queue entry: " + text.sentence,
        .reason = text.name,
        .cqe = cqe,
        .qid = qid});
}

bool ControllerCore::hasQueue(std::uint16_t qid) const noexcept {
  const std::scoped_lock lock(mutex_);
  return qid == 0 ? admin_ != nullptr : qid <= qidTaken_.size() && qidTaken_[qid - 1U];
}

void ControllerCore::quiesce(unsigned budgetMs) noexcept {
  const auto device = functionIfOpen();
  if (!device || lost()) return;
  try {
    for (const auto& queue : queues()) queue->halt();
    device->configWrite(kCommand, 2, device->configRead(kCommand, 2) & ~kBusMaster);
    device->write32(spec::reg::kCc, device->read32(spec::reg::kCc) & ~kEnable);
    (void)awaitCsts(kEnable, 0, budgetMs);
  } catch (...) {
    // Nobody is left to tell: the process ends next.
    return;
  }
}

}  // namespace doorbell::driver
