#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "driver/verify/block_store.h"
#include "driver/verify/disturbances.h"

namespace doorbell::driver {

/// `NativeVerifyOptions`: what of a namespace is verified.
struct VerifyOptions {
  std::uint32_t lbaBytes = 512;     ///< data bytes of a block
  std::uint32_t metadataBytes = 0;  ///< behind each block's data (extended); 0 = none or separate
  std::uint64_t regionStart = 0;
  std::uint64_t regionEnd = 0;   ///< LBA after the last
  bool writeCache = true;        ///< volatile: completed writes are not durable yet
  bool guarded = false;          ///< blocks have protection information, with a guard over the data
  std::uint64_t zoneBlocks = 0;  ///< Zone Size; 0: unknown, or no zones
};

/// Data that came back, and is not what was written.
struct DataMismatch {
  enum class Kind {
    Misplaced,  ///< another block's
    Stale,      ///< an older write's
    Corrupt,
  };
  Kind kind = Kind::Corrupt;
  std::uint64_t lba = 0;
  std::uint64_t expectedToken = 0;
  std::uint64_t foundLba = 0;  ///< what the block says of itself
  std::uint64_t foundToken = 0;
};

/// "media: data mismatch", with LBA and tokens.
[[nodiscard]] std::string describe(const DataMismatch& mismatch);

/// Knows what every block of a namespace must hold: each write is stamped (LBA in the first 8 bytes
/// of a block, the write's token in the last 8) and summed (CRC-32C); each read is compared. What
/// is not durable at a loss of power may be old or new afterwards. Thread safe: several queues may
/// do I/O at once; of writes that overlap in time, either may win.
class Verifier {
 public:
  explicit Verifier(const VerifyOptions& options);

  [[nodiscard]] const VerifyOptions& options() const noexcept { return options_; }
  [[nodiscard]] std::size_t stride() const noexcept {
    return options_.lbaBytes + options_.metadataBytes;
  }
  void setWriteCache(bool enabled) noexcept { writeCache_.store(enabled); }

  /// Stamps the blocks in `data` (a whole number of strides) and remembers them. Returns the token.
  std::uint64_t beginWrite(std::uint64_t slba, std::span<std::byte> data) noexcept;
  std::uint64_t beginZeroes(std::uint64_t slba, std::uint64_t count) noexcept;
  /// A write of either kind, by its token. `done`: the device completed it with success.
  struct EndedWrite {
    std::uint64_t slba;
    std::uint64_t count;
    std::uint64_t token;
    bool done;
    bool fua;
  };
  void endWrite(const EndedWrite& write) noexcept;

  /// A read begins; the result belongs to endRead().
  [[nodiscard]] std::uint64_t beginRead() noexcept { return now(); }
  [[nodiscard]] std::optional<DataMismatch> endRead(std::uint64_t slba,
                                                    std::span<const std::byte> data,
                                                    std::uint64_t began) noexcept;
  /// Stamps data that is compared with the medium the way the medium's was.
  void stampExpected(std::uint64_t slba, std::span<std::byte> data) noexcept;

  [[nodiscard]] std::uint64_t beginFlush() noexcept { return now(); }
  /// Writes that completed before it began are durable.
  void endFlush(std::uint64_t began) noexcept;
  /// Nothing is known of these blocks (deallocated, uncorrectable, written behind our back).
  void forget(std::uint64_t slba, std::uint64_t count) noexcept;
  void forgetAll() noexcept { forget(0, UINT64_MAX); }
  /// A command that makes blocks unknown is outstanding: until it ended they may be read either
  /// way.
  [[nodiscard]] std::uint64_t beginUnknown(std::uint64_t slba, std::uint64_t count) noexcept;
  void endUnknown(std::uint64_t disturbance) noexcept;
  /// The same of a zone; of an unknown size: of all blocks from there on.
  void forgetZone(std::uint64_t zslba) noexcept { forget(zslba, zoneFrom(zslba)); }
  [[nodiscard]] std::uint64_t zoneFrom(std::uint64_t zslba) const noexcept {
    return options_.zoneBlocks != 0 ? options_.zoneBlocks : UINT64_MAX - zslba;
  }
  /// The blocks at `target` hold what those at `source` do.
  void copied(std::uint64_t source, std::uint64_t target, std::uint64_t count) noexcept;
  void powerLost() noexcept;

  [[nodiscard]] std::size_t memoryBytes() const { return store_.chunkBytes(); }

 private:
  struct Loss {
    std::uint64_t durable;  ///< what completed until then was safe
    std::uint64_t at;
  };
  [[nodiscard]] std::uint64_t now() noexcept { return sequence_.fetch_add(1) + 1; }
  [[nodiscard]] bool inRegion(std::uint64_t lba) const noexcept {
    return lba >= options_.regionStart && lba < options_.regionEnd;
  }
  [[nodiscard]] bool isDurable(const BlockRecord& record) const noexcept;
  [[nodiscard]] bool lostItsPower(const BlockRecord& record) const noexcept;
  void replace(BlockRecord& record, std::uint64_t token, std::uint32_t crc) noexcept;
  void stamp(std::byte* block, std::uint64_t lba, std::uint64_t token) const noexcept;
  [[nodiscard]] bool accepts(BlockRecord& record, std::uint64_t lba, const std::byte* block,
                             std::uint64_t began) noexcept;
  [[nodiscard]] bool acceptsOld(BlockRecord& record, std::uint64_t lba, const std::byte* block,
                                std::uint32_t crc) noexcept;
  [[nodiscard]] bool acceptsOverlapped(const BlockRecord& record, std::uint64_t lba,
                                       const std::byte* block, std::uint64_t began) const noexcept;
  [[nodiscard]] std::uint64_t endOf(std::uint64_t token) noexcept;
  [[nodiscard]] bool isIssued(std::uint64_t token) const noexcept;
  [[nodiscard]] DataMismatch explain(std::uint64_t lba, const std::byte* block,
                                     std::uint64_t expected) noexcept;
  template <class OnBlock>
  void eachInRegion(std::uint64_t slba, std::uint64_t count, bool create, OnBlock&& onBlock);

  const VerifyOptions options_;
  const std::uint64_t firstToken_;  ///< tokens of earlier runs are smaller
  const std::uint32_t zeroCrc_;
  BlockStore store_;
  std::atomic<bool> writeCache_;
  std::atomic<std::uint64_t> sequence_{0};
  std::atomic<std::uint64_t> durable_{0};
  std::atomic<bool> hadLoss_{false};
  mutable std::mutex lossMutex_;
  std::vector<Loss> losses_;
  Disturbances disturbances_;
};

}  // namespace doorbell::driver
