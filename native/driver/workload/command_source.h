#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "driver/workload/io_command.h"

namespace doorbell::driver {

/// Where the commands of an ioworker come from: generated, or recorded. Asked for many at a time.
class CommandSource {
 public:
  CommandSource() = default;
  CommandSource(const CommandSource&) = delete;
  CommandSource& operator=(const CommandSource&) = delete;
  virtual ~CommandSource() = default;

  /// Writes the next commands, in order of their due times. Returns how many: fewer than there is
  /// room for only when these are the last, or no more have come yet.
  [[nodiscard]] virtual std::size_t fill(std::span<IoCommand> into) noexcept = 0;
  /// After a fill that was short: whether those were the last.
  [[nodiscard]] virtual bool ended() noexcept { return true; }
  /// Commands have due times; otherwise each is due as soon as there is room for it.
  [[nodiscard]] virtual bool paced() const noexcept = 0;
  /// How many commands are due less than `ns` after the start. Of a source that is paced.
  [[nodiscard]] virtual std::uint64_t dueBefore(std::uint64_t ns) const noexcept = 0;
};

/// A source one command at a time, without a virtual call for each.
class CommandFeed {
 public:
  explicit CommandFeed(CommandSource& source) noexcept : source_(source) {}

  /// The next command; null when there is none (now, or any more: see ended()). The same one until
  /// taken.
  [[nodiscard]] const IoCommand* peek() noexcept {
    if (next_ == count_) [[unlikely]] {
      if (isLast_) return nullptr;
      count_ = source_.fill(window_);
      next_ = 0;
      isLast_ = count_ < window_.size() && source_.ended();
      if (count_ == 0) return nullptr;
    }
    return &window_[next_];
  }
  void take() noexcept { ++next_; }
  /// No command will come any more.
  [[nodiscard]] bool ended() const noexcept { return next_ == count_ && isLast_; }

 private:
  CommandSource& source_;
  std::array<IoCommand, 64> window_{};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  bool isLast_ = false;
};

}  // namespace doorbell::driver
