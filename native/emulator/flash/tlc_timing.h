#pragma once

#include <cstdint>
#include <mutex>

#include "emulator/flash/flash_model.h"
#include "emulator/timing_model.h"

namespace doorbell::emulator {

class NvmSubsystem;

/// The profile `tlc`: what commands do to the flash model of a client drive. Shards share it, one
/// command at a time.
class TlcTiming final : public TimingModel {
 public:
  /// What the namespaces already hold is laid out in the order of its addresses.
  explicit TlcTiming(NvmSubsystem& subsystem);

  std::uint64_t endOf(const Command& command, const Outcome& outcome,
                      std::uint64_t now) noexcept override;
  void powerLost() noexcept override;
  void erased(std::uint32_t nsid) noexcept override;
  [[nodiscard]] flash::Statistics statistics() const noexcept;

 private:
  /// Bytes of a namespace, where the model has them.
  struct Extent {
    std::uint64_t byte;
    std::uint64_t bytes;
  };
  [[nodiscard]] Extent extentOf(const Command& command, std::uint64_t slba,
                                std::uint64_t blocks) const noexcept;
  std::uint64_t ioEnd(const Command& command, const Outcome& outcome, std::uint64_t now) noexcept;
  std::uint64_t deallocate(const Command& command, std::uint64_t now) noexcept;
  std::uint64_t copy(const Command& command, bool durable, std::uint64_t now) noexcept;

  const std::uint64_t perNamespace_;  ///< bytes of the model's address space
  mutable std::mutex mutex_;
  flash::FlashModel model_;
  std::uint64_t latest_ = 0;
};

}  // namespace doorbell::emulator
