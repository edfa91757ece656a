#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "emulator/clock.h"
#include "emulator/faults/fault_effects.h"
#include "emulator/outcome.h"

namespace doorbell::emulator {

/// A command that was executed and completes later.
struct HeldCommand {
  std::uint64_t dueNs = 0;
  std::uint16_t sqid = 0;
  std::uint16_t cid = 0;
  Outcome outcome{};
  CompletionFaults faults{};
  bool isAbort = false;  ///< an Abort command: only so many may be outstanding
  Blocks durable{};      ///< what becomes durable with the completion; none: nsid 0
  // Of a command whose work goes on, for when that is over.
  std::uint64_t delayNs = 0;
  bool cut = false;  ///< the supply fails instead of the completion
};

/// The commands of one shard that complete later, by due time. Of those due at the same time, the
/// one held first comes first.
class HeldCommands {
 public:
  /// No more I/O commands are fetched while so many are held.
  static constexpr std::size_t kMost = 4096;
  /// Admin commands still are, so that the host can abort what is held.
  static constexpr std::size_t kMostWithAdmin = kMost + 64;
  /// And there is room for the other half of a fused pair, and for admin commands whose work ends
  /// in the background: a format and a firmware commit.
  static constexpr std::size_t kRoom = kMostWithAdmin + 8;

  HeldCommands() { heap_.reserve(kRoom); }

  [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
  /// For commands of that submission queue.
  [[nodiscard]] bool full(std::uint16_t sqid) const noexcept {
    return heap_.size() >= (sqid == 0 ? kMostWithAdmin : kMost);
  }
  [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }
  /// Abort commands among them.
  [[nodiscard]] std::size_t aborts() const noexcept {
    return static_cast<std::size_t>(std::count_if(
        heap_.begin(), heap_.end(), [](const Entry& one) { return one.command.isAbort; }));
  }
  /// When the next one is due.
  [[nodiscard]] std::uint64_t dueNs() const noexcept {
    return heap_.empty() ? kNever : heap_.front().command.dueNs;
  }

  void hold(const HeldCommand& command) noexcept;
  HeldCommand takeNext() noexcept;  ///< not while empty
  /// Takes a command out; nothing when there is none of this CID.
  std::optional<HeldCommand> take(std::uint16_t sqid, std::uint16_t cid) noexcept;
  /// Takes any one command of the queue out.
  std::optional<HeldCommand> takeOf(std::uint16_t sqid) noexcept;
  void clear() noexcept { heap_.clear(); }

 private:
  struct Entry {
    HeldCommand command;
    std::uint64_t order;
  };
  static bool later(const Entry& a, const Entry& b) noexcept {
    return a.command.dueNs != b.command.dueNs ? a.command.dueNs > b.command.dueNs
                                              : a.order > b.order;
  }
  template <class Matches>
  std::optional<HeldCommand> takeFirst(Matches matches) noexcept;

  std::vector<Entry> heap_;
  std::uint64_t held_ = 0;  ///< ever
};

}  // namespace doorbell::emulator
