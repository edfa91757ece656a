#include "emulator/nvm_subsystem.h"

#include <bit>
#include <cstdio>
#include <cstring>
#include <utility>

namespace doorbell::emulator {

namespace {

/// FNV-1a: the same name is the same SSD in every process.
std::uint64_t hash(const std::string& text, std::uint64_t basis) {
  for (const char c : text) basis = (basis ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return basis;
}

std::string serialOf(const std::string& name) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "DBEMU%012llX",
                static_cast<unsigned long long>(hash(name, 0xcbf29ce484222325) >> 16U));
  return text.data();
}

std::array<std::uint8_t, 16> uuidOf(const std::string& name) {
  const std::array<std::uint64_t, 2> halves{hash(name, 0xcbf29ce484222325),
                                            hash(name, 0x84222325cbf29ce4)};
  auto uuid = std::bit_cast<std::array<std::uint8_t, 16>>(halves);
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0f) | 0x80);  // RFC 9562 version 8
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3f) | 0x80);
  return uuid;
}

MediaFile fileFor(const SsdOptions& options) {
  return options.mediaFile.empty() ? MediaFile{} : MediaFile::open(options);
}

PersistentState freshState(const SsdOptions& options) {
  PersistentState state;
  state.bytes = options.bytes != 0 ? options.bytes : SsdOptions::kDefaultBytes;
  state.lbaBytes = options.lbaBytes != 0 ? options.lbaBytes : SsdOptions::kDefaultLbaBytes;
  return state;
}

Media mediaFor(MediaFile& file, const PersistentState& state) {
  if (file.bytes == 0) return Media(state.bytes);
  return {file.medium.get(), file.bytes, std::move(file.marks)};
}

}  // namespace

NvmSubsystem::NvmSubsystem(const SsdOptions& options)
    : file_(fileFor(options)),
      memoryState_(freshState(options)),
      state_(file_.bytes == 0 ? &memoryState_
                              : reinterpret_cast<PersistentState*>(file_.state.data())),
      media_(mediaFor(file_, *state_)),
      cache_(media_),
      lbaShift_(static_cast<std::uint32_t>(std::countr_zero(state_->lbaBytes))),
      seed_(options.seed),
      serial_(serialOf(options.name)),
      uuid_(uuidOf(options.name)) {
  if (state_->powered != 0) ++state_->counters.unsafeShutdowns;  // its last holder was killed
  powerOn();
}

NvmSubsystem::~NvmSubsystem() {
  if (state_->powered != 0) powerOff(true);
}

std::uint64_t NvmSubsystem::poweredSeconds() const noexcept {
  const auto now = state_->powered != 0 ? Clock::now() : poweredSince_;
  const auto since = std::chrono::duration_cast<std::chrono::seconds>(now - poweredSince_);
  return state_->counters.poweredSeconds + static_cast<std::uint64_t>(since.count());
}

void NvmSubsystem::powerOn() noexcept {
  state_->powered = 1;
  ++state_->counters.powerCycles;
  poweredSince_ = Clock::now();
}

void NvmSubsystem::powerOff(bool shutDown) noexcept {
  state_->counters.poweredSeconds = poweredSeconds();
  state_->powered = 0;
  if (shutDown) {
    cache_.flushAll();
    return;
  }
  ++state_->counters.unsafeShutdowns;
  cache_.losePower(seed_ ^ state_->counters.powerCycles);
}

}  // namespace doorbell::emulator
