#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "driver/workload/command_source.h"

namespace doorbell::driver {

/// What a replay plays: opcodes by index of `ops`, in order of their due times.
struct IoSequence {
  std::vector<std::uint8_t> opcodes{};
  std::vector<IoCommand> commands{};
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
    return count;
  }
  [[nodiscard]] bool paced() const noexcept override { return true; }
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
