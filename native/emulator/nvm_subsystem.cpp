#include "emulator/nvm_subsystem.h"

#include <new>

#include "emulator/flash/tlc_timing.h"
#include "emulator/identifiers.h"

namespace doorbell::emulator {

namespace {

MediaFile fileFor(const SsdOptions& options) {
  return options.mediaFile.empty() ? MediaFile{} : MediaFile::open(options);
}

PersistentState* stateIn(const MediaFile& file, const MappedRegion& memory,
                         const SsdOptions& options) {
  if (file.bytes != 0) return reinterpret_cast<PersistentState*>(file.state.data());
  auto* state = new (memory.data()) PersistentState;
  state->bytes = options.bytes != 0 ? options.bytes : SsdOptions::kDefaultBytes;
  return state;
}

}  // namespace

NvmSubsystem::NvmSubsystem(const SsdOptions& options)
    : options_(options),
      file_(fileFor(options)),
      memory_(MappedRegion::anonymous(PersistentState::bytesOfAll())),
      state_(stateIn(file_, memory_, options)),
      serial_(serialOf(options.name)),
      uuid_(uuidOf(options.name)) {
  if (state_->made == 0) {
    makeNamespaces();
  } else {
    for (std::uint32_t nsid = 1; nsid <= kMaxNamespaces; ++nsid) {
      if (record(nsid).allocated != 0) mount(nsid);
    }
  }
  refuseOtherZones();
  if (options.profile == Profile::Tlc) timing_ = std::make_unique<TlcTiming>(*this);
  background_.add(excursions_);
  if (state_->powered != 0) ++state_->counters.unsafeShutdowns;  // its last holder was killed
  powerOn();
}

NvmSubsystem::~NvmSubsystem() {
  if (state_->powered != 0) powerOff(true);
}

IoTotals NvmSubsystem::ioTotals() const noexcept {
  IoTotals totals;
  for (const IoCounters& one : state_->io) {
    totals.unitsRead += one.unitsRead.get();
    totals.unitsWritten += one.unitsWritten.get();
    totals.hostReads += one.hostReads.get();
    totals.hostWrites += one.hostWrites.get();
    totals.mediaErrors += one.mediaErrors.get();
    totals.busyMicroseconds += one.busyMicroseconds.get();
  }
  return totals;
}

std::uint64_t NvmSubsystem::poweredSeconds() const noexcept {
  const auto now = state_->powered != 0 ? Clock::now() : poweredSince_;
  const auto since = std::chrono::duration_cast<std::chrono::seconds>(now - poweredSince_);
  return state_->counters.poweredSeconds + static_cast<std::uint64_t>(since.count());
}

void NvmSubsystem::powerOn() noexcept {
  state_->powered = 1;
  namespaces_.forEach([](Namespace& one) { one.endProtectionUntilPowerCycle(); });
  ++state_->counters.powerCycles;
  resetSubsystem();
  restoreReservations();
  poweredSince_ = Clock::now();
  admin_.controllerReset(FirmwareStore::Reset::PowerCycle);
  admin_.management.powerOn();
  background_.powerRestored(nowNs());
}

void NvmSubsystem::powerOff(bool shutDown) noexcept {
  state_->counters.poweredSeconds = poweredSeconds();
  state_->powered = 0;
  background_.powerLost();
  if (timing_) timing_->powerLost();
  if (shutDown) {
    flushAll();
    return;
  }
  ++state_->counters.unsafeShutdowns;
  namespaces_.forEach(
      [this](Namespace& one) { one.losePower(options_.seed ^ state_->counters.powerCycles); });
}

void NvmSubsystem::resetSubsystem() noexcept {
  namespaces_.forEach([](Namespace& one) {
    if (one.zoned() != nullptr) one.zoned()->table().subsystemReset();
  });
}

void NvmSubsystem::flushAll() noexcept {
  namespaces_.forEach([](Namespace& one) { one.flush(); });
}

}  // namespace doorbell::emulator
