#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "driver/completion.h"
#include "driver/verify/lba_locks.h"
#include "driver/verify/verifier.h"
#include "driver/workload/io_command.h"

namespace doorbell::driver {

/// Verification of one ioworker's I/O: overlapping commands wait for each other, writes are
/// stamped, reads compared, and what else changes blocks is followed. One thread; no allocation per
/// command.
class IoVerification {
 public:
  IoVerification(std::shared_ptr<Verifier> verifier, std::uint32_t commands,
                 const std::vector<IoOp>& ops);

  /// The command is about to be posted with its data in `data`; false when it overlaps one that is
  /// outstanding and has to wait.
  [[nodiscard]] bool begin(std::uint16_t cid, const IoCommand& command,
                           std::span<std::byte> data) noexcept;
  /// It ended. A mismatch only of a read that succeeded.
  [[nodiscard]] std::optional<DataMismatch> end(const Completion& completion) noexcept;

 private:
  /// What a command does to the medium.
  enum class Effect : std::uint8_t {
    None,
    Read,
    Write,
    Zeroes,
    Compare,
    Flush,
    Forget,     ///< its blocks hold who knows what
    ForgetAll,  ///< who knows which blocks
  };
  struct Issued {
    IoCommand command{};
    std::span<std::byte> data{};
    std::uint64_t mark = 0;  ///< what its begin gave: a sequence, a token, or a disturbance
  };
  [[nodiscard]] static Effect effectOf(const IoOp& op) noexcept;
  void commit(Issued& issued, Effect effect) noexcept;

  std::shared_ptr<Verifier> verifier_;
  LbaLocks locks_;
  std::vector<Effect> effects_;  ///< by op
  std::vector<Issued> issued_;
};

}  // namespace doorbell::driver
