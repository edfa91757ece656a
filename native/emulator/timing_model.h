#pragma once

#include <cstdint>

namespace doorbell::emulator {

struct Command;
struct Outcome;

/// Gives commands the time they take on a real drive.
class TimingModel {
 public:
  virtual ~TimingModel() = default;
  /// When a command that was taken `now` and executed completes, in ns of the same clock.
  virtual std::uint64_t endOf(const Command& command, const Outcome& outcome,
                              std::uint64_t now) noexcept = 0;
  /// The supply was off: nothing is under way any more.
  virtual void powerLost() noexcept = 0;
  /// The namespace holds nothing any more.
  virtual void erased(std::uint32_t nsid) noexcept = 0;
};

}  // namespace doorbell::emulator
