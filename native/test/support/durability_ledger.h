#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace doorbell::test {

/// What a host may expect of its blocks after a power loss: every durable write is there, every
/// other write is there or not, and an atomic one not in parts. Writes that overlap are never
/// outstanding together. A write is known by its token, which every block of it carries.
class DurabilityLedger {
 public:
  /// Writes of at most `atomicBlocks` (AWUPF + 1) that cross no multiple of `boundary` (NABSPF + 1,
  /// 0: none) are atomic.
  DurabilityLedger(std::uint32_t blocks, std::uint32_t atomicBlocks, std::uint32_t boundary)
      : histories_(blocks, {0}), atomicBlocks_(atomicBlocks), boundary_(boundary) {}

  /// The token of a write about to be submitted.
  std::uint32_t write(std::uint32_t slba, std::uint32_t count);
  /// `durable`: it had Force Unit Access, or there is no volatile cache.
  void completed(std::uint32_t token, bool durable);
  /// Of a Flush about to be submitted, for flushed().
  [[nodiscard]] std::uint64_t flush() const { return completions_; }
  void flushed(std::uint64_t mark);
  /// All that completed is durable: a shutdown was completed.
  void settled() { flushed(completions_); }

  /// Compares with what the blocks hold after the loss: "" or the first contradiction. What they
  /// hold is what the next round starts from.
  std::string check(const std::vector<std::uint64_t>& found);

  struct Seen {
    std::uint64_t durable = 0;  ///< blocks with a durable write of the round that was kept
    std::uint64_t kept = 0;     ///< blocks whose newest write was not durable, and is there
    std::uint64_t lost = 0;     ///< blocks whose newest write was not durable, and is not there
    std::uint64_t torn = 0;     ///< writes that are there in part, as larger ones may be
    std::uint64_t atomic = 0;   ///< atomic writes of several blocks that had not become durable
  };
  [[nodiscard]] const Seen& seen() const { return seen_; }

 private:
  struct Write {
    std::uint32_t slba = 0;
    std::uint32_t count = 0;
    std::uint64_t completion = 0;  ///< its place among the completions; 0: not completed
    bool durable = false;
  };
  using History = std::vector<std::uint32_t>;  ///< tokens, from the newest durable one on

  Write& at(std::uint32_t token) { return writes_[token - firstToken_]; }
  void makeDurable(History& history, std::size_t index);
  [[nodiscard]] bool atomic(const Write& write) const;
  std::string checkBlock(std::uint32_t block, std::uint64_t found);
  std::string checkWrite(std::uint32_t token, const std::vector<std::uint64_t>& found);

  std::vector<History> histories_;
  std::vector<Write> writes_;  ///< of this round
  std::uint32_t firstToken_ = 1;
  std::uint64_t completions_ = 0;
  const std::uint32_t atomicBlocks_;
  const std::uint32_t boundary_;
  Seen seen_;
};

}  // namespace doorbell::test
