#include "emulator/faults/mishandle.h"

#include <algorithm>
#include <array>

#include "emulator/nvm/block_range.h"

namespace doorbell::emulator {

namespace {

constexpr std::uint8_t kRead = 0x02;

/// The command's buffer again, from a byte of its data on.
bool seek(Command& command, std::size_t offset) noexcept {
  if (!command.resolve(rangeOf(command).bytes()).status.ok()) return false;
  std::array<std::byte, 512> passed;
  while (offset > 0) {
    const std::size_t bytes = std::min(offset, passed.size());
    command.buffer().read(passed.data(), bytes);
    offset -= bytes;
  }
  return true;
}

/// A byte the host was sent, where the host has it now.
void corruptSent(Command& command, std::uint32_t offset, std::uint8_t mask) noexcept {
  std::byte byte{};
  if (!seek(command, offset)) return;
  command.buffer().read(&byte, 1);
  byte ^= std::byte{mask};
  if (seek(command, offset)) command.buffer().write(&byte, 1);
}

/// A byte the host sent, where the medium has it now.
void corruptStored(Command& command, std::uint32_t offset, std::uint8_t mask) noexcept {
  BlockRange range = rangeOf(command);
  range.slba += offset >> range.shift;
  range.blocks = 1;
  const std::size_t within = offset & ((1U << range.shift) - 1);
  forEachPiece(*command.ns, range, [&](const Piece& piece) {
    command.ns->media().write(piece.granule, false)[piece.offset + within] ^= std::byte{mask};
    return true;
  });
}

}  // namespace

void mishandle(Command& command, const FaultEffects& effects, Outcome& outcome) noexcept {
  if (!outcome.status.ok() || command.ns == nullptr) return;
  if (effects.corruption && effects.corruption->offset < rangeOf(command).bytes()) {
    const auto [offset, mask] = *effects.corruption;
    command.sqe.opcode == kRead ? corruptSent(command, offset, mask)
                                : corruptStored(command, offset, mask);
  }
  if (effects.badLba) {
    command.shard.counters.mediaErrors.add();
    outcome = failedAt(spec::status::kUnrecoveredReadError, *effects.badLba);
  }
}

}  // namespace doorbell::emulator
