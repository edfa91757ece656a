#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "test/support/durability_ledger.h"
#include "test/support/test_host.h"

namespace doorbell::test {

/// A host that writes, flushes and reads through several queues at once until the power goes, and
/// then looks at what is left.
class PowerLoad {
 public:
  static constexpr std::uint32_t kBlocks = 2048;    ///< at the start of the namespace
  static constexpr std::uint32_t kMostBlocks = 64;  ///< of one write

  PowerLoad(const std::string& address, std::uint64_t seed);

  /// Submits `commands`, reaping what completes. `cached`: with the volatile write cache.
  void run(std::uint32_t commands, bool cached);
  /// A chance of 1 in `n`, and any number below `n`.
  bool chance(std::uint32_t n) { return random(n) == 0; }
  std::uint32_t random(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }
  void reapAll();
  void awaitAll();
  /// Everything completed is durable and the controller is shut down.
  void shutDown();
  /// After power on: enables the controller and compares; "" when the contract holds.
  std::string verify();

  TestHost host;
  DurabilityLedger ledger;
  std::uint64_t submitted = 0;

 private:
  static constexpr std::uint32_t kQueues = 3;
  static constexpr std::uint32_t kPerQueue = 8;
  enum class Kind { Write, Flush, Read };
  struct Outstanding {
    Kind kind;
    std::uint32_t token = 0;
    bool durable = false;
    std::uint64_t mark = 0;
    std::uint32_t slba = 0;
    std::uint32_t count = 0;
  };

  void openQueues();
  void submit(std::uint32_t queue);
  void reap(std::uint32_t queue);
  void ended(const Outstanding& one);
  [[nodiscard]] bool busy(std::uint32_t slba, std::uint32_t count) const;
  spec::Sqe command(std::uint32_t slot, std::uint32_t slba, std::uint32_t count) const;
  void fill(std::uint32_t slot, std::uint32_t slba, std::uint32_t count, std::uint64_t token);
  /// The token of a block at `data`; ~0 when it is not whole, or another block's.
  [[nodiscard]] std::uint64_t tokenAt(std::size_t offset, std::uint64_t lba) const;

  std::mt19937_64 random_;
  const std::uint32_t lbaBytes_;
  const std::size_t slotBytes_;
  TestMemory data_;
  TestMemory lists_;
  std::vector<std::unique_ptr<TestQueue>> queues_;
  std::map<std::uint32_t, Outstanding> outstanding_;  ///< by slot, which is also the CID
  bool cached_ = true;
};

}  // namespace doorbell::test
