#pragma once

#include <cstdint>

#include "emulator/namespace.h"

namespace doorbell::emulator {

/// Blocks of a zoned namespace that are no longer written: they read as zeros, without marks.
void clearBlocks(Namespace& ns, std::uint64_t slba, std::uint64_t blocks) noexcept;

}  // namespace doorbell::emulator
