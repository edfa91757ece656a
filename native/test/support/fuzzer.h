#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "platform/fault_injector.h"
#include "test/support/test_queue.h"

namespace doorbell::test {

/// A host that does to a controller whatever a seed says: registers, configuration space,
/// doorbells, commands, what PRPs and SGLs point to, resets, supply, injected faults. Half of it is
/// nearly right, and now and then it waits for completions, so that it reaches what is behind the
/// first check.
class Fuzzer {
 public:
  struct Count {
    std::uint64_t inputs = 0;  ///< things done to the controller
    std::uint64_t commands = 0;
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;  ///< completed with another status
    std::uint64_t faults = 0;  ///< armed, or made happen at once
    Count& operator+=(const Count& other);
  };

  Fuzzer(std::shared_ptr<platform::PciFunction> function, std::uint64_t seed);
  Count run(std::uint32_t steps);

 private:
  static constexpr std::uint32_t kEntries = 64;
  static constexpr std::uint16_t kQueues = 4;  ///< with the admin queue
  static constexpr std::size_t kPage = 4096;
  static constexpr std::size_t kArenaBytes = 512 * kPage;
  static constexpr std::size_t kDataPage = 2 * kQueues;  ///< queues come first, a page each

  struct Ring {
    std::uint32_t tail = 0;
    std::uint32_t head = 0;
    bool phase = true;
    std::uint32_t open = 0;  ///< submitted, and worth waiting for
  };

  std::uint64_t random(std::uint64_t below) { return random_() % below; }
  bool chance(std::uint64_t n) { return random(n) == 0; }
  std::uint32_t dword();
  std::uint64_t busAddress();
  std::uint64_t page(std::size_t index) const { return arena_->bus() + index * kPage; }

  void step();
  void bringUp();
  void createQueues();
  void writeRegister();
  void writeConfig();
  void ringDoorbell();
  void scribble();
  void sendCommands();
  void reset();
  void replaceArena();
  void cyclePower();
  void injectFaults();
  platform::Fault fault();
  platform::FaultTrigger trigger();

  spec::Sqe command(std::uint16_t qid);
  void describeData(spec::Sqe& sqe);
  void submit(std::uint16_t qid, spec::Sqe sqe);
  void ring(std::uint32_t index, std::uint32_t value);
  /// Is the SQ's next entry free, as far as the host knows?
  [[nodiscard]] bool room(std::uint16_t qid) const { return rings_[qid].open < kEntries - 1; }
  bool reap(std::uint16_t qid);
  bool reapAll();
  /// Until everything was completed, or nothing is for a while.
  void settle();

  std::shared_ptr<platform::PciFunction> function_;
  platform::DoorbellWindow window_;
  std::mt19937_64 random_;
  std::unique_ptr<TestMemory> arena_;
  std::uint64_t staleBus_ = 0;  ///< of an arena that was unmapped
  std::array<Ring, kQueues> rings_{};
  std::uint16_t nextCid_ = 0;
  Count count_;
};

}  // namespace doorbell::test
