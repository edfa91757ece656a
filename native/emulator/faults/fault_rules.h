#pragma once

#include <cstdint>
#include <optional>

#include "platform/fault_injector.h"
#include "spec/queue_entry.h"

namespace doorbell::emulator {

/// The blocks an I/O command names by SLBA and NLB.
struct NamedBlocks {
  std::uint64_t first;
  std::uint64_t last;
};

/// None for a command that names its blocks otherwise, or none at all.
[[nodiscard]] std::optional<NamedBlocks> namedBlocks(const spec::Sqe& sqe) noexcept;

/// Could the trigger act on this command, apart from counting?
[[nodiscard]] bool matches(const platform::Fault& fault, std::uint16_t qid,
                           const spec::Sqe& sqe) noexcept;

/// Throws Error{"BAD_FAULT"} naming what is wrong with the description.
void checkFault(const platform::Fault& fault);

}  // namespace doorbell::emulator
