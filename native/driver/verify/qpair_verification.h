#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "driver/completion.h"
#include "driver/transfer.h"
#include "driver/verify/verifier.h"
#include "spec/queue_entry.h"

namespace doorbell::driver {

using Verifiers = std::vector<std::shared_ptr<Verifier>>;
/// Puts the verifiers of a namespace into a vector: one or none; of the broadcast NSID, all.
using FindVerifiers = std::function<void(std::uint32_t nsid, Verifiers& into)>;

/// Verification of the commands of one queue pair, each known by its CID. What they do to the
/// medium is told the verifiers; the data of writes is stamped in memory of the driver's own. Under
/// the queue pair's lock.
class QpairVerification {
 public:
  QpairVerification(bool admin, std::uint32_t commands, std::size_t pageBytes, FindVerifiers find)
      : admin_(admin), pageBytes_(pageBytes), find_(std::move(find)), entries_(commands) {}

  /// A command is about to be posted. Returns what it transfers: `data`, or the copy that is
  /// stamped. Throws NO_MEMORY; nothing happened then. `whole`: `data` is all that it transfers.
  MemoryPiece prepare(std::uint16_t cid, const spec::Sqe& sqe, const MemoryPiece& data, bool whole);
  /// It is posted now.
  void commit(std::uint16_t cid) noexcept;
  /// It ended. A mismatch only of a read that succeeded.
  [[nodiscard]] std::optional<DataMismatch> end(const Completion& completion) noexcept;

  /// What was found wrong, kept for the newest commands.
  void keep(std::uint64_t sequence, const DataMismatch& mismatch);
  [[nodiscard]] std::optional<DataMismatch> mismatchOf(std::uint64_t sequence) const;

 private:
  enum class Kind : std::uint8_t {
    None,
    Read,
    Write,
    Zeroes,
    Compare,
    Flush,
    Forget,
    Copy,
    Append,
    Zone,
    Wipe
  };
  struct Range {
    std::uint64_t slba = 0;
    std::uint64_t count = 0;
  };
  struct Entry {
    Verifiers verifiers;  ///< several by the broadcast NSID
    Kind kind = Kind::None;
    std::uint64_t slba = 0;
    std::uint64_t count = 0;
    std::uint64_t mark = 0;  ///< what its begin gave: a sequence or a token
    bool fua = false;
    MemoryPiece data;
    std::shared_ptr<DmaBuffer> bounce;  ///< kept for later commands
    std::vector<Range> ranges;
    std::vector<std::uint64_t>
        disturbances;  ///< of each verifier, one for each range it makes unknown
  };

  [[nodiscard]] Kind kindOf(const spec::Sqe& sqe) const noexcept;
  void describeIo(Entry& entry, const spec::Sqe& sqe, const MemoryPiece& data, bool whole) const;
  [[nodiscard]] MemoryPiece copyOf(Entry& entry, const MemoryPiece& data) const;
  [[nodiscard]] static std::uint64_t blocksOf(const std::vector<Range>& ranges) noexcept;
  static void disturb(Entry& entry) noexcept;
  static void finish(Entry& entry, bool done) noexcept;
  static void finish(Entry& entry, Verifier& verifier, bool done) noexcept;

  const bool admin_;
  const std::size_t pageBytes_;
  const FindVerifiers find_;
  std::vector<Entry> entries_;  ///< by CID
  std::map<std::uint64_t, DataMismatch> mismatches_;
};

}  // namespace doorbell::driver
