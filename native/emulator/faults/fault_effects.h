#pragma once

#include <cstdint>
#include <optional>

#include "platform/fault_injector.h"
#include "spec/status.h"

namespace doorbell::emulator {

/// What becomes of a completion.
struct CompletionFaults {
  bool drop = false;
  bool duplicate = false;
  bool stalePhase = false;
  bool headOutOfRange = false;
  std::optional<std::uint16_t> cid;
  std::optional<std::uint16_t> sqId;
  std::optional<std::uint16_t> cqid;

  [[nodiscard]] bool any() const noexcept {
    return drop || duplicate || stalePhase || headOutOfRange || cid || sqId || cqid;
  }
};

/// What the faults that act on one command do to it, all together.
struct FaultEffects {
  struct Cut {
    platform::CutMoment moment{};
    std::uint32_t blocks = 0;
  };
  struct Corruption {
    std::uint32_t offset = 0;
    std::uint8_t mask = 0;
  };

  bool any = false;
  std::optional<spec::Status> status;
  std::optional<std::uint64_t> badLba;  ///< a block that cannot be read
  std::optional<Corruption> corruption;
  std::optional<Cut> cut;
  std::uint64_t delayNs = 0;
  bool fatal = false;
  bool removal = false;
  CompletionFaults completion;
};

}  // namespace doorbell::emulator
