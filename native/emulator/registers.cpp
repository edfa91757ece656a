#include "emulator/registers.h"

#include "emulator/limits.h"

namespace doorbell::emulator {

namespace reg = spec::reg;

namespace {

constexpr std::uint32_t kReadyTimeout = 20;  ///< CAP.TO, CRTO.CRWMT and CRTO.CRIMT, in 500 ms
constexpr std::uint64_t kCap = (kMaxQueueEntries - 1)                   // MQES
                               | (std::uint64_t{1} << 17U)              // AMS: weighted
                               | (std::uint64_t{kReadyTimeout} << 24U)  // TO
                               | (std::uint64_t{1} << 36U)              // NSSRS
                               | (std::uint64_t{0x41} << 37U)     // CSS: NVM, I/O command sets
                               | (std::uint64_t{kMpsMax} << 52U)  // MPSMAX
                               | (std::uint64_t{3} << 59U);       // CRMS: CRWMS and CRIMS
constexpr std::uint32_t kVersion = 0x00020000;

constexpr std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
constexpr std::uint32_t high(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32U);
}

void setHalf(std::atomic<std::uint64_t>& target, bool upper, std::uint32_t value) {
  const unsigned shift = upper ? 32U : 0U;
  const std::uint64_t others = target.load() & ~(std::uint64_t{0xffffffff} << shift);
  target.store(others | (std::uint64_t{value} << shift));
}

}  // namespace

Registers::Registers(const SsdOptions& options) noexcept
    : cap_(kCap | (std::uint64_t{options.contiguousQueues} << 16U)      // CQR
           | (std::uint64_t{options.doorbellStride} << 32U)             // DSTRD
           | (std::uint64_t{options.controllerMemory != 0} << 57U)) {}  // CMBS

std::uint32_t Registers::read(std::uint32_t offset) const noexcept {
  switch (offset) {
    case reg::kCap:
      return low(cap_);
    case reg::kCap + 4:
      return high(cap_);
    case reg::kVs:
      return kVersion;
    case reg::kCc:
      return cc_.load();
    case reg::kCsts:
      return csts_.load();
    case reg::kAqa:
      return aqa_.load();
    case reg::kAsq:
      return low(asq_.load());
    case reg::kAsq + 4:
      return high(asq_.load());
    case reg::kAcq:
      return low(acq_.load());
    case reg::kAcq + 4:
      return high(acq_.load());
    case reg::kCrto:
      return kReadyTimeout | (kReadyTimeout << 16U);
    default:
      return 0;  // NSSR reads as 0, and so do reserved properties
  }
}

void Registers::writeAdminQueue(std::uint32_t offset, std::uint32_t value) noexcept {
  constexpr std::uint32_t kPageAligned = 0xfffff000;
  switch (offset) {
    case reg::kAqa:
      aqa_.store(value & 0x0fff0fff);
      break;
    case reg::kAsq:
      setHalf(asq_, false, value & kPageAligned);
      break;
    case reg::kAsq + 4:
      setHalf(asq_, true, value);
      break;
    case reg::kAcq:
      setHalf(acq_, false, value & kPageAligned);
      break;
    case reg::kAcq + 4:
      setHalf(acq_, true, value);
      break;
    default:
      break;
  }
}

void Registers::resetController() noexcept {
  cc_.store(0);
  csts_.store(0);
}

void Registers::resetAll() noexcept {
  resetController();
  aqa_.store(0);
  asq_.store(0);
  acq_.store(0);
}

}  // namespace doorbell::emulator
