#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "driver/workload/command_source.h"
#include "driver/workload/command_stream.h"

namespace doorbell::driver {

/// What a replay plays: opcodes by index of `ops`, in order of their due times.
struct IoSequence {
  std::vector<std::uint8_t> opcodes{};
  std::vector<IoCommand> commands{};
  bool paced = true;             ///< otherwise due times mean nothing: as fast as possible
  std::uint32_t mostBlocks = 0;  ///< of any command, also of those to come; 0 = of `commands`
  /// What follows `commands`, as it is read; null = nothing does.
  std::shared_ptr<CommandStream> more{};
};

/// A recording, command by command at its time.
class ReplayedCommands final : public CommandSource {
 public:
  explicit ReplayedCommands(std::shared_ptr<const IoSequence> sequence) noexcept
      : sequence_(std::move(sequence)) {}

  [[nodiscard]] std::size_t fill(std::span<IoCommand> into) noexcept override {
    const auto& all = sequence_->commands;
    const std::size_t count = std::min(into.size(), all.size() - next_);
    std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(next_), count, into.begin());
    next_ += count;
    if (count == into.size() || !sequence_->more) return count;
    return count + sequence_->more->take(into.subspan(count));
  }
  [[nodiscard]] bool ended() noexcept override {
    return next_ == sequence_->commands.size() && (!sequence_->more || sequence_->more->drained());
  }
  [[nodiscard]] bool paced() const noexcept override { return sequence_->paced; }
  /// Of a stream only what came first is known.
  [[nodiscard]] std::uint64_t dueBefore(std::uint64_t ns) const noexcept override {
    const auto& all = sequence_->commands;
    const auto first = std::partition_point(
        all.begin(), all.end(), [ns](const IoCommand& command) { return command.dueNs < ns; });
    return static_cast<std::uint64_t>(first - all.begin());
  }

 private:
  std::shared_ptr<const IoSequence> sequence_;
  std::size_t next_ = 0;
};

}  // namespace doorbell::driver
