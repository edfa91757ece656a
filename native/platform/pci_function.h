#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "platform/dma_domain.h"
#include "platform/fault_injector.h"

namespace doorbell::platform {

/// Why a controller stopped being reachable. The driver ends outstanding commands with it.
enum class LossReason : std::uint8_t { PowerLost, Removed };

/// What masking an MSI-X vector takes. Without it a vector that nobody waits for still delivers.
enum class Masking : std::uint8_t { None, Costly, Cheap };

enum class ResetKind : std::uint8_t { FunctionLevel, Hot };

/// The doorbell registers, mapped for direct stores: no virtual call per command.
/// A polled device in this process has threads that may sleep, each of them serving some CQs and
/// the SQs that complete there. A sleeping one sets its word, and the one who rings then calls
/// PciFunction::wake(). There are no words where stores reach hardware. The sleeper issues the
/// process-wide barrier (membarrier), so ringing needs only a compiler fence between the doorbell
/// store and the load of the word.
struct DoorbellWindow {
  volatile std::uint32_t* base = nullptr;                     ///< BAR0 + 1000h
  const std::atomic<std::uint32_t>* const* asleep = nullptr;  ///< a word a thread
  unsigned threads = 1;

  /// What to look at after ringing a doorbell of the CQ, or of an SQ that completes there; may be
  /// null.
  [[nodiscard]] const std::atomic<std::uint32_t>* asleepFor(std::uint16_t cqid) const noexcept {
    if (asleep == nullptr) return nullptr;
    return asleep[cqid == 0 ? 0 : (cqid - 1U) % threads];
  }
};

/// Control over the supply of the function, where there is any (vPower).
class PowerSwitch {
 public:
  virtual ~PowerSwitch() = default;
  /// Returns when the device has lost power, volatile state is gone, and the loss was reported.
  virtual void off() = 0;
  virtual void on() = 0;  ///< returns when the function answers config cycles again
  [[nodiscard]] virtual bool isOn() const noexcept = 0;
};

/// What the driver needs from the world: one PCI function with an NVMe controller behind it.
/// Nothing above this interface knows which platform it runs on. All methods are thread safe;
/// register access after a loss reads all ones and ignores writes, as PCIe does.
class PciFunction {
 public:
  virtual ~PciFunction() = default;

  [[nodiscard]] virtual const std::string& address() const noexcept = 0;

  /// Configuration space; `width` is 1, 2 or 4 bytes, offset naturally aligned, < 4096.
  virtual std::uint32_t configRead(std::uint32_t offset, unsigned width) = 0;
  virtual void configWrite(std::uint32_t offset, unsigned width, std::uint32_t value) = 0;

  /// BAR0. Reads and writes are naturally aligned; out of range throws Error{"OUT_OF_RANGE"}.
  [[nodiscard]] virtual std::uint64_t barSize() const noexcept = 0;
  virtual std::uint32_t read32(std::uint64_t offset) = 0;
  virtual std::uint64_t read64(std::uint64_t offset) = 0;
  virtual void write32(std::uint64_t offset, std::uint32_t value) = 0;
  virtual void write64(std::uint64_t offset, std::uint64_t value) = 0;

  /// Memory behind a BAR (0 to 5), mapped for direct access and kept by what is returned. Null
  /// where the function has none there, or the platform cannot map it.
  [[nodiscard]] virtual std::shared_ptr<HostMemory> barMemory([[maybe_unused]] unsigned bar,
                                                              [[maybe_unused]] std::uint64_t offset,
                                                              [[maybe_unused]] std::size_t bytes) {
    return nullptr;
  }

  [[nodiscard]] virtual DoorbellWindow doorbells() noexcept = 0;
  /// Wakes the thread that serves the CQ.
  virtual void wake(std::uint16_t cqid) noexcept = 0;

  [[nodiscard]] virtual std::shared_ptr<DmaDomain> dma() = 0;

  /// MSI-X. `enableInterrupts` sets up `count` vectors (throws Error{"NOT_SUPPORTED"} when fewer
  /// exist); `interruptFd(v)` is an eventfd owned by the function. A masked vector records its
  /// interrupt as pending and delivers it when unmasked.
  [[nodiscard]] virtual unsigned interruptVectors() const noexcept = 0;
  virtual void enableInterrupts(unsigned count) = 0;
  [[nodiscard]] virtual int interruptFd(unsigned vector) const = 0;
  virtual void maskInterrupt(unsigned vector, bool masked) noexcept = 0;
  [[nodiscard]] virtual Masking masking() const noexcept { return Masking::Cheap; }
  /// MSI instead of MSI-X, where writing configuration space does not do it: up to `wanted`
  /// messages, a power of two; returns how many. Nothing where configuration space does.
  virtual std::optional<unsigned> enableMsi(unsigned /*wanted*/) { return std::nullopt; }

  /// Throws Error{"PLATFORM_LIMIT"} where the platform has no reset of that kind.
  virtual void reset(ResetKind kind) = 0;

  /// Null where nothing can switch this function's supply.
  [[nodiscard]] virtual PowerSwitch* power() noexcept { return nullptr; }
  /// Null where nothing can make this function misbehave.
  [[nodiscard]] virtual FaultInjector* faults() noexcept { return nullptr; }

  /// Called on any thread, once per loss, after which no DMA happens any more.
  virtual void onLoss(std::function<void(LossReason)> handler) = 0;
};

}  // namespace doorbell::platform
