#include "emulator/device.h"

#include "emulator/logs/events.h"
#include "spec/pci_config.h"

namespace doorbell::emulator {

namespace reg = spec::reg;

namespace {

constexpr std::uint32_t kAllOnes = 0xffffffff;

constexpr std::uint32_t onesOf(unsigned width) { return kAllOnes >> (32 - 8 * width); }

}  // namespace

Device::Device(NvmSubsystem& subsystem)
    : powered_(subsystem.powered()),
      subsystem_(subsystem),
      controller_(subsystem, registers_, doorbells_, *dma_, interrupts_, faults_),
      threads_(controller_) {}

Device::~Device() { detachHost(); }

void Device::detachHost() {
  const std::lock_guard lock(mutex_);
  resetFunction(ConfigSpace::Reset::Conventional, FirmwareStore::Reset::Controller);
}

std::uint32_t Device::configRead(std::uint32_t offset, unsigned width) {
  const std::lock_guard lock(mutex_);
  if (!present()) return onesOf(width);
  if (offset <= spec::pci::kStatus && spec::pci::kStatus < offset + width) updateInterruptStatus();
  return config_.read(offset, width);
}

void Device::updateInterruptStatus() {
  bool waits = false;
  threads_.run([&] { waits = controller_.completionsWait(); });
  const bool masked = (interrupts_.msiMask() & 1U) != 0;
  config_.setInterruptStatus(waits && !masked && !config_.messagesEnabled());
}

void Device::configWrite(std::uint32_t offset, unsigned width, std::uint32_t value) {
  const std::lock_guard lock(mutex_);
  if (!present()) return;
  config_.write(offset, width, value);
  if (config_.takeFunctionLevelReset()) {
    resetFunction(ConfigSpace::Reset::FunctionLevel, FirmwareStore::Reset::Controller);
  } else {
    applyConfig();
  }
}

void Device::applyConfig() {
  interrupts_.configure(config_.interruptMode(), config_.msiMessages(), config_.msixFunctionMask());
  const bool allowed = config_.busMaster();
  if (allowed == dmaAllowed_) return;
  dmaAllowed_ = allowed;
  threads_.run([this, allowed] { controller_.allowDma(allowed); });
}

bool Device::answers(std::uint32_t offset, bool posted) {
  if (!present()) return false;
  if (config_.memoryDecoded()) return true;
  const std::uint64_t bar = config_.read(spec::pci::kBar0, 4) & ~0xfU;
  config_.noteUnsupportedRequest(posted, bar + offset);
  return false;
}

std::uint32_t Device::barRead(std::uint32_t offset) {
  const std::lock_guard lock(mutex_);
  if (!answers(offset, false)) return kAllOnes;
  if (offset >= layout_.memory()) return memory_.read(offset - layout_.memory());
  if (offset >= layout_.pending()) return interrupts_.readPending(offset - layout_.pending());
  if (offset >= layout_.table()) return interrupts_.readTable(offset - layout_.table());
  if (offset == reg::kIntms || offset == reg::kIntmc) return interrupts_.msiMask();
  return registers_.read(offset) | memory_.readProperty(offset);  // doorbells read as 0
}

void Device::barWrite(std::uint32_t offset, std::uint32_t value) {
  const std::lock_guard lock(mutex_);
  if (!answers(offset, true)) return;
  if (offset < reg::kDoorbells) {
    writeRegister(offset, value);
  } else if (offset < layout_.table()) {
    doorbells_.ring(offset - reg::kDoorbells, value);
    threads_.wakeAll();
  } else if (offset < layout_.pending()) {
    interrupts_.writeTable(offset - layout_.table(), value);
  } else if (offset >= layout_.memory()) {
    memory_.write(offset - layout_.memory(), value);
  }
}

void Device::writeRegister(std::uint32_t offset, std::uint32_t value) {
  switch (offset) {
    case reg::kIntms:
      interrupts_.setMsiMask(interrupts_.msiMask() | value);
      break;
    case reg::kIntmc:
      interrupts_.setMsiMask(interrupts_.msiMask() & ~value);
      break;
    case reg::kCc:
      threads_.run([this, value] { controller_.writeCc(value); });
      break;
    case reg::kCmbmsc:
    case reg::kCmbmsc + 4:
      threads_.run([&] { memory_.writeControl(offset != reg::kCmbmsc, value); });
      break;
    case reg::kCsts:
      registers_.lowerCsts(value & Registers::kCstsSubsystemReset);  // write 1 to clear
      break;
    case reg::kNssr:
      if (value != reg::kNssrMagic) break;
      resetFunction(ConfigSpace::Reset::Conventional, FirmwareStore::Reset::Subsystem);
      threads_.run([this] {
        subsystem_.resetSubsystem();
        subsystem_.admin().management.note(spec::HealthFlags::kSubsystemReset);
      });
      registers_.raiseCsts(Registers::kCstsSubsystemReset);
      break;
    default:
      registers_.writeAdminQueue(offset, value);
  }
}

void Device::enableInterrupts(unsigned count) {
  const std::lock_guard lock(mutex_);
  interrupts_.enable(count);
  if (!present()) return;
  config_.enableMsix(count > 0);
  applyConfig();
}

void Device::resetFunction(ConfigSpace::Reset kind, FirmwareStore::Reset activates) {
  threads_.run([this, kind, activates] {
    controller_.reset(activates);
    controller_.allowDma(false);
    if (kind != ConfigSpace::Reset::FunctionLevel) memory_.reset();
  });
  dmaAllowed_ = false;
  interrupts_.reset();
  config_.reset(kind);
}

void Device::reset(ConfigSpace::Reset kind) {
  const std::lock_guard lock(mutex_);
  if (!present()) return;
  const bool functionLevel = kind == ConfigSpace::Reset::FunctionLevel;
  resetFunction(
      kind, functionLevel ? FirmwareStore::Reset::Controller : FirmwareStore::Reset::Conventional);
}

bool Device::powerOff() {
  const std::lock_guard lock(mutex_);
  if (!powered_.exchange(false)) return false;
  threads_.run([this] {
    const bool shutDown = controller_.isShutDown();
    controller_.reset(FirmwareStore::Reset::PowerCycle);
    controller_.allowDma(false);
    subsystem_.powerOff(shutDown);
    memory_.reset();
    memory_.losePower();
  });
  dmaAllowed_ = false;
  interrupts_.reset();
  config_.reset(ConfigSpace::Reset::Power);
  return true;
}

void Device::powerOn() {
  const std::lock_guard lock(mutex_);
  if (powered()) return;
  threads_.run([this] {
    selfLoss().fetch_and(~kSelfLossReason);
    subsystem_.powerOn();
  });
  powered_.store(true);
}

void Device::wakeLossWatcher() noexcept { controller_.state().vanish(SelfLoss::Closed); }

void Device::failController() {
  const std::lock_guard lock(mutex_);
  if (present()) threads_.run([this] { controller_.fail(); });
}

void Device::reportInternalError(bool persistent) {
  const std::lock_guard lock(mutex_);
  if (!powered()) return;
  const auto kind = persistent ? spec::ErrorEvent::PersistentInternalError
                               : spec::ErrorEvent::TransientInternalError;
  threads_.run([this, kind] { controller_.internalError(kind); });
}

void Device::failSanitize(bool fails) { subsystem_.admin().sanitize.failNext(fails); }

void Device::changeHealth(const std::function<void(Health&)>& change) {
  const std::lock_guard lock(mutex_);
  threads_.run([&] {
    change(subsystem_.health());
    observeHealth(controller_.state());
  });
}

}  // namespace doorbell::emulator
