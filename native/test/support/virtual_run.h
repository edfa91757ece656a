#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "driver/io_loop.h"
#include "driver/queue_resources.h"
#include "driver/workload/generated_commands.h"
#include "driver/workload/replayed_commands.h"
#include "support/rig.h"

namespace doorbell::test {

/// An ioworker's loop on a clock that the test owns, with the device in the same thread: an hour
/// takes as long as its commands. Looking at the clock takes 500 ns (`lookNs`), sleeping ends up to
/// 60 us late. One at a time.
class VirtualRun {
 public:
  struct Seen {
    std::uint64_t ns = 0;  ///< since the start
    spec::Sqe sqe;
  };

  /// When a command that was seen at `ns` completes; default: at the next look at the clock.
  std::function<std::uint64_t(std::uint64_t ns, const spec::Sqe& sqe)> completesAt =
      [](std::uint64_t ns, const spec::Sqe&) { return ns; };
  std::uint64_t lookNs = 500;
  std::vector<Seen> seen;

  driver::IoWorkerResult run(const driver::IoWorkerSpec& spec);

 private:
  static constexpr std::uint64_t kStart = 1'000'000'000;
  struct Pending {
    std::uint64_t at;
    std::uint16_t cid;
  };
  static std::uint64_t ticks() noexcept;
  static std::uint64_t look() noexcept;
  static void sleep(std::uint64_t ns) noexcept;
  void serve();
  void complete(std::uint16_t cid);

  static VirtualRun* current;
  std::uint64_t now_ = kStart;
  ScriptedFunction device_;  ///< stays disabled: this completes the commands itself
  std::uint32_t depth_ = 0;
  spec::Sqe* sq_ = nullptr;
  spec::Cqe* cq_ = nullptr;
  std::uint32_t head_ = 0;
  std::uint32_t tail_ = 0;
  std::uint16_t phase_ = 1;
  std::uint64_t began_ = 0;
  std::vector<Pending> pending_;
};

}  // namespace doorbell::test
