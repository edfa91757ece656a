#include "test/support/fuzzer.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>

#include "spec/opcode.h"
#include "spec/pci_config.h"
#include "spec/registers.h"

namespace doorbell::test {

namespace reg = spec::reg;

namespace {

/// Weights of the steps, in order of Fuzzer::step().
constexpr std::array kWeights{60, 6, 4, 8, 12, 2, 3, 1, 1, 3};
constexpr int kAllWeights = std::accumulate(kWeights.begin(), kWeights.end(), 0);
constexpr std::uint32_t kCcEnabled = 0x00460001;
constexpr std::uint32_t kCcAllCommandSets = 6U << 4U;
constexpr std::uint32_t kCcWeighted = 1U << 11U;

template <class Value, std::size_t N>
Value pick(const std::array<Value, N>& values, std::uint64_t random) {
  return values[random % N];
}

}  // namespace

Fuzzer::Count& Fuzzer::Count::operator+=(const Count& other) {
  inputs += other.inputs;
  commands += other.commands;
  succeeded += other.succeeded;
  failed += other.failed;
  faults += other.faults;
  return *this;
}

Fuzzer::Fuzzer(std::shared_ptr<platform::PciFunction> function, std::uint64_t seed)
    : function_(std::move(function)),
      window_(function_->doorbells()),
      random_(seed),
      arena_(std::make_unique<TestMemory>(*function_, kArenaBytes)) {}

Fuzzer::Count Fuzzer::run(std::uint32_t steps) {
  bringUp();
  for (std::uint32_t i = 0; i < steps; ++i) step();
  return count_;
}

void Fuzzer::step() {
  static const std::array<void (Fuzzer::*)(), kWeights.size()> kSteps{
      &Fuzzer::sendCommands, &Fuzzer::writeRegister, &Fuzzer::writeConfig, &Fuzzer::ringDoorbell,
      &Fuzzer::scribble,     &Fuzzer::reset,         &Fuzzer::bringUp,     &Fuzzer::replaceArena,
      &Fuzzer::cyclePower,   &Fuzzer::injectFaults};
  std::uint64_t dice = random(kAllWeights);
  std::size_t which = 0;
  while (which + 1 < kWeights.size() && dice >= static_cast<std::uint64_t>(kWeights[which])) {
    dice -= static_cast<std::uint64_t>(kWeights[which++]);
  }
  ++count_.inputs;
  (this->*kSteps[which])();
  // A controller that cannot answer any more learns nothing from the next thousand commands.
  if ((function_->read32(reg::kCsts) & 3U) != 1 && chance(4)) bringUp();
}

/// Values at which something changes, more often than any others.
std::uint32_t Fuzzer::dword() {
  const auto any = static_cast<std::uint32_t>(random_());
  switch (random(8)) {
    case 0:
    case 1:
    case 2:
      return any % 9;
    case 3:
      return (1U << (any % 32)) + static_cast<std::uint32_t>(random(3)) - 1;
    case 4:
      return ~0U - any % 3;
    case 5:
      return any % 2048;
    default:
      return any;
  }
}

std::uint64_t Fuzzer::busAddress() {
  const std::uint64_t aligned = page(random(kArenaBytes / kPage));
  switch (random(10)) {
    case 0:
      return aligned + random(kPage);
    case 1:
      return aligned + (random(kPage) & ~std::uint64_t{3});
    case 2:
      return page(kArenaBytes / kPage) - random(3) * kPage;
    case 3:
      return staleBus_ + random(8) * kPage;
    case 4:
      return pick(std::array<std::uint64_t, 6>{0, 1, ~0ULL, ~0ULL << 12U, 1ULL << 63U, 4},
                  random_());
    default:
      return aligned;
  }
}

void Fuzzer::bringUp() {
  namespace pci = spec::pci;
  if (function_->power() != nullptr && !function_->power()->isOn()) function_->power()->on();
  function_->configWrite(pci::kCommand, 2, pci::kCommandMemorySpace | pci::kCommandBusMaster);
  if (function_->read32(reg::kCsts) == ~0U) {  // asleep in D3hot
    function_->reset(platform::ResetKind::Hot);
    function_->configWrite(pci::kCommand, 2, pci::kCommandMemorySpace | pci::kCommandBusMaster);
  }
  function_->write32(reg::kCc, 0);
  std::fill_n(arena_->data(), kDataPage * kPage, std::byte{0});
  rings_ = {};
  function_->write32(reg::kAqa, (kEntries - 1) | ((kEntries - 1) << 16U));
  function_->write64(reg::kAsq, page(0));
  function_->write64(reg::kAcq, page(1));
  std::uint32_t cc = kCcEnabled;
  if (!chance(3)) cc |= kCcAllCommandSets;  // else zoned namespaces are inactive
  if (chance(3)) cc |= kCcWeighted;
  function_->write32(reg::kCc, chance(8) ? cc ^ (1U << random(24)) : cc);
  createQueues();
}

void Fuzzer::createQueues() {
  for (std::uint16_t qid = 1; qid < kQueues; ++qid) {
    spec::Sqe sqe;
    sqe.opcode = static_cast<std::uint8_t>(spec::AdminOpcode::CreateIoCq);
    sqe.prp1 = page(2U * qid + 1);
    sqe.cdw10 = ((kEntries - 1) << 16U) | qid;
    sqe.cdw11 = (static_cast<std::uint32_t>(random(4)) << 16U) | 3U;
    submit(0, sqe);
    sqe.opcode = static_cast<std::uint8_t>(spec::AdminOpcode::CreateIoSq);
    sqe.prp1 = page(2U * qid);
    sqe.cdw11 = (std::uint32_t{qid} << 16U) | (static_cast<std::uint32_t>(random(4)) << 1U) | 1U;
    submit(0, sqe);
  }
  settle();
}

void Fuzzer::writeRegister() {
  const bool known = !chance(4);
  const std::uint64_t offset =
      known ? pick(std::array<std::uint64_t, 9>{reg::kIntms, reg::kIntmc, reg::kCc, reg::kCsts,
                                                reg::kNssr, reg::kAqa, reg::kAsq, reg::kAcq, 0x38},
                   random_())
            : random(function_->barSize() / 4) * 4;
  const bool wide = offset % 8 == 0 && chance(2);
  const auto value = chance(16) ? reg::kNssrMagic : dword();
  wide ? function_->write64(offset, busAddress()) : function_->write32(offset, value);
  (void)function_->read32(random(function_->barSize() / 4) * 4);
}

void Fuzzer::writeConfig() {
  const auto width = static_cast<unsigned>(1U << random(3));
  const auto offset =
      static_cast<std::uint32_t>(random(chance(2) ? 256 / width : 4096 / width) * width);
  function_->configWrite(offset, width, dword());
  (void)function_->configRead(offset, width);
  if (!chance(4)) {  // most of the time it can still reach memory afterwards
    namespace pci = spec::pci;
    function_->configWrite(pci::kCommand, 2, pci::kCommandMemorySpace | pci::kCommandBusMaster);
  }
}

void Fuzzer::ring(std::uint32_t index, std::uint32_t value) {
  std::atomic_ref(const_cast<std::uint32_t&>(window_.base[index]))
      .store(value, std::memory_order_release);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  const auto qid = static_cast<std::uint16_t>(index / 2);
  if (window_.asleepFor(qid)->load(std::memory_order_relaxed) != 0) function_->wake(qid);
}

void Fuzzer::ringDoorbell() {
  const auto index = static_cast<std::uint32_t>(chance(4) ? random(1024) : random(2 * kQueues));
  ring(index, dword());
}

/// What PRP lists and SGL segments are read from.
void Fuzzer::scribble() {
  const std::size_t offset = random(kArenaBytes / 8 - 64) * 8;
  for (std::size_t i = 0; i < 1 + random(64); ++i) {
    const bool address = chance(2);
    const std::uint64_t descriptor = (random_() << 56U) | (dword() & 0xffffffU);
    arena_->put<std::uint64_t>(offset + i * 8, address ? busAddress() : descriptor);
  }
}

void Fuzzer::reset() {
  switch (random(3)) {
    case 0:
      function_->reset(platform::ResetKind::FunctionLevel);
      break;
    case 1:
      function_->reset(platform::ResetKind::Hot);
      break;
    default:
      function_->write32(reg::kNssr, reg::kNssrMagic);
  }
}

/// The memory goes while the controller may be using it.
void Fuzzer::replaceArena() {
  staleBus_ = arena_->bus();
  arena_ = std::make_unique<TestMemory>(*function_, kArenaBytes);
}

void Fuzzer::cyclePower() {
  auto* power = function_->power();
  if (power == nullptr) return;
  power->off();
  if (chance(4)) return;
  power->on();
}

void Fuzzer::settle() {
  using Clock = std::chrono::steady_clock;
  constexpr auto kPatience = std::chrono::microseconds(200);
  const auto waits = [this] {
    return std::any_of(rings_.begin(), rings_.end(),
                       [](const Ring& ring) { return ring.open > 0; });
  };
  const bool alive = (function_->read32(reg::kCsts) & 3U) == 1;
  for (auto until = Clock::now() + kPatience; alive && waits() && Clock::now() < until;) {
    if (reapAll()) until = Clock::now() + kPatience;
    std::this_thread::yield();
  }
  for (Ring& ring : rings_) ring.open = 0;
}

}  // namespace doorbell::test
